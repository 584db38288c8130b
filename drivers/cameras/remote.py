"""A camera that lives in a process of its own, as the line sees it.

Whatever the device or its library does (block for seconds, crash), the line waits until the
camera's deadline at most, and not at all for a process that has ended. The frame is written
straight into the slot by the device; one bell goes there and one back.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.doorbell import open_bell, quiet, ring
from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.camera import Exposure
from gonogo.ipc.camera_port import CameraPort, CameraState, Outcome, bells_of
from gonogo.ipc.peer_process import PeerProcess

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.ipc.frame_ring import FrameRing

_NS_PER_S = 1e9
_ERRORS: dict[Outcome, type[CameraError]] = {
    Outcome.TIMEOUT: FrameTimeout,
    Outcome.INVALID: FrameInvalid,
}


class _Asked(NamedTuple):
    """A request that has not been answered."""

    number: int
    slot: int


class RemoteCamera:
    """Asks the process of one view; used by the line's thread alone."""

    def __init__(self, station: str, view: str, rings: FrameRing) -> None:
        self._name = f"view '{view}'"
        self._slots = rings.slots
        self._port = CameraPort.attach(station, rings.view)
        ask, done = bells_of(rings.view)
        self._ask_fd, self._done_fd = open_bell(station, ask), open_bell(station, done)
        self._process = PeerProcess()
        self._epoch = -1  # of the process that is followed
        self._asked: _Asked | None = None

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """The process hands its device that slot; a device that needs no buffers ignores it."""
        self._port.prepare(self._slot_of(pixels))
        ring(self._ask_fd)

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """As any camera; one whose process is away, or has no device, says so at once."""
        self._meet()
        if self._process.gone:
            raise CameraError(
                f"{self._name}: part {part_id}: the camera's process has ended; it is started again"
            )
        if self._port.state is not CameraState.READY:
            raise CameraError(
                f"{self._name}: part {part_id}: {self._port.message or 'not open yet'}"
            )
        slot = self._slot_of(pixels)
        self._asked = _Asked(self._port.ask(slot, part_id, deadline_ns), slot)
        ring(self._ask_fd)
        return self._await(self._asked.number, part_id, deadline_ns)

    @property
    def ready(self) -> bool:
        """Whether its process lives, and has its device."""
        self._meet()
        return not self._process.gone and self._port.state is CameraState.READY

    def holds(self, slot: int) -> bool:
        """Whether the device may still write into that slot, whatever became of the part."""
        self._meet()
        if self._process.gone:  # its mapping went with it, and so did the device's buffers
            return False
        if self._asked is not None and self._port.reply(self._asked.number) is not None:
            self._asked = None
        asked = self._asked is not None and self._asked.slot == slot
        return asked or self._port.busy(slot)

    def close(self) -> None:
        """The device stays open, for the line after this one; idempotent."""

    def _meet(self) -> None:
        """Another process may have started in its place."""
        epoch = self._port.epoch
        if epoch != self._epoch:
            self._epoch, self._asked = epoch, None
            self._process.follow(self._port.pid)
        self._process.poll()

    def _await(self, number: int, part_id: int, deadline_ns: int) -> Exposure:
        while (reply := self._port.reply(number)) is None:
            left_s = (deadline_ns - time.monotonic_ns()) / _NS_PER_S
            if left_s <= 0:
                raise FrameTimeout(
                    f"{self._name}: part {part_id}: the camera's process has not answered in time"
                )
            fds = [self._done_fd, *self._process.fds]
            readable = select.select(fds, [], [], left_s)[0]
            if self._done_fd in readable:
                quiet(self._done_fd)
            elif readable:
                self._process.ended()
                raise CameraError(
                    f"{self._name}: part {part_id}: the camera's process ended while it was asked"
                )
        self._asked = None
        if reply.outcome is Outcome.FRAME:
            return Exposure(reply.counter, reply.exposure_ns, reply.frame_ns)
        if reply.outcome is Outcome.NONE:  # another process has begun, and does not know of it
            raise CameraError(
                f"{self._name}: part {part_id}: the camera's process began anew while it was asked"
            )
        raise _ERRORS.get(reply.outcome, CameraError)(self._port.message)

    def _slot_of(self, pixels: NDArray[np.uint8]) -> int:
        """Its index; a camera process can write into slots of the ring alone."""
        for slot in self._slots:
            if slot.pixels is pixels:
                return slot.index
        raise CameraError(
            f"{self._name}: expected the pixels of a slot of its frame ring, got others"
        )
