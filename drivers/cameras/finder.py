"""A camera that looks at the belt by itself: it finds the parts, and keeps the frame of the last.

Used by the camera's process (gonogo.drivers.cameras.process) between two requests of the line. A
look is a grab like any other, into memory of our own; the frame of a part that was found is copied
into its slot when the line asks for it, and is no other part's.
"""

from __future__ import annotations

import mmap
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.doorbell import open_bell, ring
from gonogo.base.errors import FrameInvalid, FrameTimeout
from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS
from gonogo.drivers.triggers.by_camera.gate import Gate
from gonogo.ipc.part_finds import BELL, FindsLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.cameras.camera import Camera, Exposure
    from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection
    from gonogo.ipc.camera_port import FrameRequest

log = get_logger(__name__)

NOBODY = 0  # no part has this id
# for the next frame, at least and at most: below the time without a look that is a loss
LEAST_LOOK_NS, MOST_LOOK_NS = 200 * NS_PER_MS, 900 * NS_PER_MS


class _Kept(NamedTuple):
    """The frame of the find of that number."""

    number: int
    pixels: NDArray[np.uint8]
    exposure: Exposure


class Finder:
    """`look` until a part is found; `give` its frame away, once."""

    def __init__(self, section: CameraTriggerSection, station: str, frame: FrameShape) -> None:
        self._finds = FindsLog.attach(station)
        self._bell_fd = open_bell(station, BELL)
        within_ns = round((section.look_within_ms or 0.0) * NS_PER_MS)
        self._gate = Gate(section.gate, within_ns)
        self._look_ns = min(max(2 * within_ns, LEAST_LOOK_NS), MOST_LOOK_NS)
        self._told = ""  # why there was no frame, as said last
        # the one that is kept, and the one that is looked at
        self._looked_at, self._spare = _memory(frame), _memory(frame)
        self._kept: _Kept | None = None

    def look(self, camera: Camera) -> bool:
        """At the next frame; whether it shows a part that has just come. CameraError: as a grab."""
        pixels = self._looked_at
        try:
            exposure = camera.grab(NOBODY, pixels, time.monotonic_ns() + self._look_ns)
        except (FrameTimeout, FrameInvalid) as error:
            # whether the next look is late the gate knows
            if (why := str(error)) != self._told:  # once a reason
                self._told = why
                log.warning("belt_not_looked_at", text="no look at the belt: %(why)s", why=why)
            return False
        light_ns = exposure.exposure_ns or exposure.frame_ns
        seen = self._gate.look(pixels, light_ns)
        if seen.part:
            self._looked_at, self._spare = self._spare, pixels
            # before the line hears of it
            self._kept = _Kept(self._finds.number + 1, pixels, exposure)
            self._finds.add(light_ns, unsure=seen.unsure)
            ring(self._bell_fd)
        self._finds.looked_ns, self._told = time.monotonic_ns(), ""
        self._finds.doubts += seen.doubt
        return seen.part

    def give(self, request: FrameRequest, pixels: NDArray[np.uint8]) -> Exposure:
        """The frame in which that part was found; FrameInvalid where it is gone, or another's."""
        kept, taken = self._kept, (self._finds.taken, self._finds.part_id)
        if kept is None or taken != (kept.number, request.part_id):
            raise FrameInvalid(
                f"part {request.part_id}: the frame in which it was found has given way to that of "
                "a part that came after it"
            )
        self._kept = None
        np.copyto(pixels, kept.pixels)
        frame_ns = time.monotonic_ns()
        if frame_ns >= request.deadline_ns:
            raise FrameTimeout(f"part {request.part_id}: its frame was asked for too late")
        return kept.exposure._replace(frame_ns=frame_ns)


def _memory(frame: FrameShape) -> NDArray[np.uint8]:
    """Begins with a page, as slots do: some drivers write into no other."""
    return np.frombuffer(mmap.mmap(-1, frame.nbytes), np.uint8).reshape(frame.shape)
