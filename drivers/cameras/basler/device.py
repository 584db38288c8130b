"""One camera as pylon has it: ours to control, and its features by name."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pypylon import genicam, pylon

from gonogo.base.errors import CameraError, CameraHeld, FrameTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gonogo.drivers.cameras.basler.section import BaslerSection

NS_PER_S, _NS_PER_MS = 1_000_000_000, 1_000_000
_FREQUENCY = "GevTimestampTickFrequency"
_HELD = ("another application", "exclusive")  # what the library says of a camera that is not free


class _Watch(pylon.ConfigurationEventHandler):  # type: ignore[misc]  # the library has no types
    """Hears of it when the camera is gone, in a thread of the library's."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[Callable[[], None]] = []

    def OnCameraDeviceRemoved(self, _camera: object) -> None:  # noqa: N802 - the library's name
        for tell in list(self.lost):
            tell()


class Device:
    """Opened and under our control; CameraError says which camera, and what it refused."""

    def __init__(self, view: str, section: BaslerSection) -> None:
        self.name = f"view '{view}': camera {section.address}"
        self.watch = _Watch()
        self.raw = self._opened(section)
        self._nodes = self.raw.GetNodeMap()

    def _opened(self, section: BaslerSection) -> Any:  # noqa: ANN401 - the library has no types
        wanted = pylon.DeviceInfo()
        if section.by_address:
            wanted.SetDeviceClass("BaslerGigE")
            wanted.SetPropertyValue("IpAddress", section.address)
        else:
            wanted.SetSerialNumber(section.address)
        try:
            camera = pylon.InstantCamera(pylon.TlFactory.GetInstance().CreateDevice(wanted))
            camera.RegisterConfiguration(
                self.watch, pylon.RegistrationMode_Append, pylon.Cleanup_None
            )
            camera.Open()
        except genicam.GenericException as error:
            raise refusal(self.name, str(error)) from error
        return camera

    def refuse_lost(self) -> None:
        """CameraError where it is gone: pulled, switched off, or silent beyond its heartbeat."""
        if self.raw.IsCameraDeviceRemoved():
            raise self.gone()

    def gone(self) -> CameraError:
        """What to say of it then."""
        return CameraError(f"{self.name}: it is gone; check cable and power")

    @contextmanager
    def saying(self, what: str) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except genicam.GenericException as error:
            self.refuse_lost()
            raise CameraError(f"{self.name}: {what}: {plain(str(error))}") from error

    # -- its features, by name -------------------------------------------------------------

    def has(self, feature: str) -> bool:
        """Whether there is one of that name, and it can be read or written now."""
        node = self._nodes.GetNode(feature)
        return bool(node.IsReadable() or node.IsWritable())

    def writable(self, feature: str) -> bool:
        """Whether it can be written now."""
        return bool(self._nodes.GetNode(feature).IsWritable())

    def values(self, feature: str) -> Sequence[str]:
        """What an enumeration may be set to now."""
        with self.saying(feature):
            return tuple(self._nodes.GetNode(feature).GetSettableValues())

    def read(self, feature: str) -> str | float:
        """What it is, from the camera itself: not what the library remembers."""
        with self.saying(feature):
            node = self._nodes.GetNode(feature)
            if isinstance(node, genicam.IEnumeration):
                text: str = node.ToString(False, True)  # noqa: FBT003 - the library's call
                return text
            value: str | float = node.GetValue(False, True)  # noqa: FBT003 - the library's call
            return value

    def write(self, feature: str, value: str | float) -> None:
        """Set it; a whole number where it takes no other."""
        node = self._nodes.GetNode(feature)
        whole = isinstance(node, genicam.IInteger)
        with self.saying(f"{feature} {value}"):
            node.SetValue(round(value) if whole and not isinstance(value, str) else value)

    # -- what a frame takes ------------------------------------------------------------------

    @property
    def tick_hz(self) -> int:
        """How fast the clock of its stamps ticks: cameras on USB count nanoseconds."""
        return int(self.read(_FREQUENCY)) if self.has(_FREQUENCY) else NS_PER_S

    @property
    def ticks(self) -> bool:
        """Whether the stamps of its frames are times."""
        return self.tick_hz > 0

    def start(self) -> None:
        """It exposes when it is told to."""
        with self.saying("AcquisitionStart"):
            self._nodes.GetNode("AcquisitionStart").Execute()

    def stop(self) -> None:
        """It exposes no more. One that does not stream has nothing to stop."""
        if self.writable("AcquisitionStop"):
            with self.saying("AcquisitionStop"):
                self._nodes.GetNode("AcquisitionStop").Execute()

    def fire(self, deadline_ns: int) -> int:
        """Trigger it once it is ready, by `deadline_ns`; the time just before.

        One that comes too early is lost without a word: it is held back, or the part goes without.
        """
        left_ms = max((deadline_ns - time.monotonic_ns()) // _NS_PER_MS, 0)
        with self.saying("TriggerSoftware"):
            waits = self.raw.CanWaitForFrameTriggerReady()
            if waits and not self.raw.WaitForFrameTriggerReady(
                left_ms, pylon.TimeoutHandling_Return
            ):
                raise FrameTimeout(
                    f"{self.name}: not ready for the trigger in time; exposure and read-out must "
                    "be shorter than the time between two parts"
                )
            fired_ns = time.monotonic_ns()
            self.raw.ExecuteSoftwareTrigger()
        return fired_ns

    def close(self) -> None:
        """Leave the control; once."""
        with suppress(genicam.GenericException):
            self.raw.Close()
        with suppress(genicam.GenericException):
            self.raw.DeregisterConfiguration(self.watch)
        self.raw.DestroyDevice()


def plain(text: str) -> str:
    """Without the place in the library's source."""
    return text.split(" : ", maxsplit=1)[0].strip().rstrip(".")


def refusal(name: str, text: str) -> CameraError:
    """Why a camera was not opened, as ours: CameraHeld where another client has it."""
    said = plain(text)
    if any(word in said for word in _HELD):
        return CameraHeld(
            f"{name}: held by another client ({said}); "
            "it is free once that one has ended and its heartbeat time is over"
        )
    return CameraError(
        f"{name}: {said}; both must be of one subnet (`ip address`); check address or serial "
        "number, cable and power"
    )
