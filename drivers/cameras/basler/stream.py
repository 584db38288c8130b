"""The frames of one camera: into the slots of the ring themselves, one on its way at most.

The library takes its buffers once, when it begins, gives each to the camera at once, and gives a
buffer to the camera again whenever its result is released. So each is emptied once at the
beginning, by a trigger of ours; from then on all results are kept here, and to lend a slot is to
release the result that lies in it. Slots that the library was not told of (`fill`) get their
frames by a copy.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pypylon import genicam, pylon

from gonogo.base.errors import CameraError, FrameTimeout
from gonogo.drivers.cameras.basler.device import NS_PER_S
from gonogo.drivers.cameras.machine import Frame
from gonogo.drivers.cameras.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.basler.device import Device

_TURN_MS = 100  # how soon the thread that waits for frames hears that it is to end
_FIRST_NS = 3 * NS_PER_S  # for a first frame, beside its exposure
_CODE = 0xFFFFFFFF  # a format is 32 bits, with a sign in this library
_NO_ID = (1 << 64) - 1


class _Pool(pylon.BufferFactory):  # type: ignore[misc]  # the library has no types
    """Memory of ours, in turn; kept alive until the library lets go of it."""

    def __init__(self, buffers: Sequence[NDArray[np.uint8]]) -> None:
        super().__init__()
        self.buffers = list(buffers)
        self.wanted_bytes = 0
        self._next = 0

    def AllocateBuffer(self, size: int) -> tuple[int | None, int | None]:  # noqa: N802
        self.wanted_bytes = size
        at, self._next = self._next, self._next + 1
        if at >= len(self.buffers) or size > self.buffers[at].nbytes:
            return None, None  # it goes without
        where: int = self.buffers[at].__array_interface__["data"][0]
        return where, at

    def FreeBuffer(self, _where: int, _at: int) -> None:  # noqa: N802
        """They are the ring's, and stay."""


class Stream:
    """Owned by one thread; the library's own threads fill what is lent to it.

    `spare` takes frames that go to no slot the library knows.
    """

    def __init__(self, device: Device, spare: NDArray[np.uint8]) -> None:
        self._device, self._spare = device, spare
        self._tick_hz = device.tick_hz
        self.lent: NDArray[np.uint8] | None = None
        self._pool = _Pool([spare])
        self._held: dict[int, Any] = {}  # results, by the place of their buffer in the pool
        self._receiver: Receiver[Any] | None = None

    def fill(self, slots: Sequence[NDArray[np.uint8]], exposure_us: float) -> None:
        """Begin with these and the spare one as buffers, all empty; the trigger is by software."""
        self.close()
        self._pool = _Pool([self._spare, *slots])
        raw, count = self._device.raw, len(slots) + 1
        with self._device.saying("StartGrabbing"):
            raw.SetBufferFactory(self._pool)
            raw.MaxNumBuffer.SetValue(count)
            raw.MaxNumQueuedBuffer.SetValue(1)  # at the beginning, too
            raw.GetInstantCameraNodeMap().GetNode("AcquisitionStartStopExecutionEnable").SetValue(
                False  # noqa: FBT003 - the library's call; it is stopped and started by itself
            )
            raw.StartGrabbing(pylon.GrabStrategy_OneByOne)
        self._refuse_small()  # the library itself goes on with the buffers that it got
        self._device.start()
        self._empty(count, round(exposure_us * 1000) + _FIRST_NS)
        self._device.stop()

    def _refuse_small(self) -> None:
        there = min(each.nbytes for each in self._pool.buffers)
        if self._pool.wanted_bytes > there:
            raise CameraError(
                f"{self._device.name}: the library wants {self._pool.wanted_bytes} bytes for a "
                f"frame of {there}; are chunks or compression on? Switch them off in the camera"
            )

    def _empty(self, count: int, patience_ns: int) -> None:
        """Take each buffer out once; of these first frames one must be whole."""
        faults: list[str] = []
        for _ in range(count):
            deadline_ns = time.monotonic_ns() + patience_ns
            self._device.fire(deadline_ns)
            while (result := self._wait()) is None:
                if time.monotonic_ns() >= deadline_ns:
                    raise FrameTimeout(
                        f"{self._device.name}: not one frame; do switches on the way pass packets "
                        "of packet_bytes, and is no firewall between?"
                    )
            self._held[result.GetBufferContext()] = result
            faults.append(_fault(result))
        if all(faults):
            raise CameraError(f"{self._device.name}: of {count} frames none is whole: {faults[-1]}")

    def listen(self) -> None:
        """From now on a frame is dated when it comes."""
        name = f"frames of {self._device.name}"
        self._receiver = Receiver(self._wait, name)
        self._device.watch.lost.append(self._lost)

    def _lost(self) -> None:
        if self._receiver is not None:
            self._receiver.fail(self._device.gone())

    def _wait(self) -> Any:  # noqa: ANN401 - a result of the library
        with self._device.saying("RetrieveResult"):
            result = self._device.raw.RetrieveResult(_TURN_MS, pylon.TimeoutHandling_Return)
        return result if result.IsValid() else None

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """The next frame goes there, or into the spare one; nothing, where one is lent yet."""
        if self.lent is None:
            at = next((k for k, each in enumerate(self._pool.buffers) if each is pixels), 0)
            self.lent = self._pool.buffers[at]
            self._held.pop(at).Release()

    @property
    def back(self) -> bool:
        """Whether what was lent lies ready: the library does not write there any more."""
        return self._receiver is not None and self._receiver.ready

    def take(self, deadline_ns: int) -> Frame | None:
        """What was lent, with or without a whole frame; None at the deadline."""
        came = self._receiver.take(deadline_ns) if self._receiver is not None else None
        if came is None:
            return None
        result, seen_ns = came
        self._held[result.GetBufferContext()] = result
        self.lent = None
        return frame_of(result, self._tick_hz, seen_ns)

    def close(self) -> None:
        """End the threads; after that nothing is written anywhere any more."""
        if self._receiver is not None:
            self._device.watch.lost.clear()
            self._receiver.close()
            self._receiver = None
        with suppress(genicam.GenericException):
            self._device.raw.StopGrabbing()
        for result in self._held.values():
            result.Release()
        self._held.clear()
        self.lent = None


def frame_of(result: Any, tick_hz: int, seen_ns: int) -> Frame:  # noqa: ANN401 - of the library
    """What a result says; `tick_hz` of its stamps, 0: they are no times."""
    fault = _fault(result)
    if fault:  # what else it says is of no frame
        return Frame(fault, (0, 0, 0, 0), 0, 0, 0)
    shown = (
        result.GetWidth(), result.GetHeight(),
        result.GetPixelType() & _CODE, result.GetPayloadSize(),
    )  # fmt: skip
    camera_ns = result.GetTimeStamp() * NS_PER_S // tick_hz if tick_hz else 0
    return Frame("", shown, result.GetBlockID(), camera_ns, seen_ns)


def _fault(result: Any) -> str:  # noqa: ANN401 - a result of the library
    """Why it is not whole; "" where it is. Its error code says 0 of some that are not."""
    if not result.GrabSucceeded():
        said = result.GetErrorDescription().strip().rstrip(".") or "without a reason"
        return f"not whole: {said} ({result.GetErrorCode() & _CODE:#010x})"
    if result.GetPayloadType() != pylon.PayloadType_Image:
        return "of a kind that is no picture"
    return "it has no number" if result.GetBlockID() == _NO_ID else ""
