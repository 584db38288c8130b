"""One camera as pylon has it: ours to control, and its features by name."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pypylon import genicam, pylon

from gonogo.base.errors import CameraError, CameraHeld, FrameTimeout
from gonogo.drivers.cameras.basler.nodes import Nodes, plain

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Device(Nodes):
    """Opened and under our control; CameraError says which camera, and what it refused."""

    def __init__(self, view: str, section: BaslerSection) -> None:
        name = f"view '{view}': camera {section.address}"
        self.watch = _Watch()
        self.raw = _opened(name, section, self.watch)
        super().__init__(name, self.raw.GetNodeMap())

    def refuse_lost(self) -> None:
        """CameraError where it is gone: pulled, switched off, or silent beyond its heartbeat."""
        if self.raw.IsCameraDeviceRemoved():
            raise self.gone()

    def gone(self) -> CameraError:
        """What to say of it then."""
        return CameraError(f"{self.name}: it is gone; check cable and power")

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
        self.run("AcquisitionStart")

    def stop(self) -> None:
        """It exposes no more. One that does not stream has nothing to stop."""
        if self.writable("AcquisitionStop"):
            self.run("AcquisitionStop")

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


def _opened(name: str, section: BaslerSection, watch: _Watch) -> Any:  # noqa: ANN401 - of the library
    wanted = pylon.DeviceInfo()
    if section.by_address:
        wanted.SetDeviceClass("BaslerGigE")
        wanted.SetPropertyValue("IpAddress", section.address)
    else:
        wanted.SetSerialNumber(section.address)
    try:
        camera = pylon.InstantCamera(pylon.TlFactory.GetInstance().CreateDevice(wanted))
        camera.RegisterConfiguration(watch, pylon.RegistrationMode_Append, pylon.Cleanup_None)
        camera.Open()
    except genicam.GenericException as error:
        raise refusal(name, str(error)) from error
    return camera


def refusal(name: str, text: str) -> CameraError:
    """Why a camera was not opened, as ours: CameraHeld where another client has it."""
    said = plain(text)
    if any(word in said.lower() for word in _HELD):
        return CameraHeld(
            f"{name}: held by another client ({said}); "
            "it is free once that one has ended and its heartbeat time is over"
        )
    return CameraError(
        f"{name}: {said}; both must be of one subnet (`ip address`); check address or serial "
        "number, cable and power"
    )
