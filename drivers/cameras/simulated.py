"""What the cameras without a device share: their section, their shutter and their checks.

A simulated camera shows a part by its part id (gonogo.drivers.scene.order) and keeps the
timing contract of a real one: exposure, optional fixed frame rate, never late.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.ticks import Ticks, sleep_until
from gonogo.base.words import NS_PER_MS, following
from gonogo.drivers.cameras.asked import refuse
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.scene.order import table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.scene.section import SimulatedSection

NS_PER_S = 1_000_000_000


class SimulatedCamera(ABC):
    """A camera over `count` images; a subclass overrides `_show`, which writes one of them.

    Not simulated: a device that disappears, frames lost on the wire, overlapping
    exposures, read-out time beyond that of one copy.
    """

    def __init__(self, section: SimulatedSection, view: str, count: int) -> None:
        self._name = f"view '{view}'"
        self._shape = section.geometry.shape
        self._exposure_ns = round(section.exposure_ms * NS_PER_MS)
        rate_hz = section.rate_hz
        self._ticks = Ticks(time.monotonic_ns(), round(NS_PER_S / rate_hz)) if rate_hz else None
        self._index_of = table(section.seed, count, section.order)
        self._counter = 0
        self._dma = section.dma
        self._part_id = 0  # the last one shown
        self._ahead: NDArray[np.uint8] | None = None  # holds the part after that one already
        self._closed = False

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Put there now what the next part id would show; any other id is written by `grab`."""
        self._refuse(pixels)
        # nobody writes by itself: `grab` copies, as after the read-out of a camera without DMA
        if not self._dma:
            return
        part_id = following(self._part_id)
        try:
            self._show(self._index_of[part_id], part_id, pixels)
        except FrameInvalid:  # `grab` will say so of the part itself
            return
        # kept by identity: only the very buffer that was queued holds the frame
        self._ahead = pixels

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """Write the frame of `part_id` (0 .. 65535) into `pixels`, as Camera says."""
        self._refuse(pixels)
        counter, exposure_ns = self._expose()
        ready_ns = exposure_ns + self._exposure_ns
        # never beyond the deadline: a frame that comes too late is an error at that time
        sleep_until(min(ready_ns, deadline_ns))
        if ready_ns < deadline_ns and not self._there(part_id, pixels):
            noise_of = part_id or -counter  # a look without a part is no repetition either
            self._show(self._index_of[part_id], noise_of, pixels)
        # after the last pixel: on a busy box the copy itself may have come too late
        frame_ns = time.monotonic_ns()
        if max(frame_ns, ready_ns) >= deadline_ns:
            late_us = (max(frame_ns, ready_ns) - deadline_ns) // 1000
            raise FrameTimeout(
                f"{self._name}: part {part_id}: frame would be {late_us} us late; "
                "shorten exposure_ms, raise rate_hz, or allow more time"
            )
        # only now: a frame that was not delivered has no number of its own
        self._counter = counter
        return Exposure(counter, exposure_ns, frame_ns)

    def _there(self, part_id: int, pixels: NDArray[np.uint8]) -> bool:
        """Whether the queued buffer holds this very part; true at most once."""
        # parts may be skipped (a refused one): then what was drawn ahead is of another part
        there = self._ahead is pixels and part_id == following(self._part_id)
        self._part_id, self._ahead = part_id, None
        return there

    def _refuse(self, pixels: NDArray[np.uint8]) -> None:
        refuse(self._name, pixels, self._shape, closed=self._closed)

    def _expose(self) -> tuple[int, int]:
        """Counter and start of the exposure that will see the part."""
        now_ns = time.monotonic_ns()
        if self._ticks is None:
            return self._counter + 1, now_ns
        # the first one that begins after the trigger; never one that was handed out already
        tick = max(self._ticks.latest(now_ns), self._counter) + 1
        return tick, self._ticks.at_ns(tick)

    @abstractmethod
    def _show(self, index: int, part_id: int, pixels: NDArray[np.uint8]) -> None:
        """Write image `index` into `pixels`, all of it, allocating nothing that stays."""

    def close(self) -> None:
        """Release the images' owner; idempotent."""
        self._closed = True


def check_memory(name: str, section: SimulatedSection, count: int) -> None:
    """Refuse with CameraError when `count` decoded frames need more than `max_memory_mb`."""
    # rounded up
    needed_mb = -(-count * section.geometry.nbytes // (1 << 20))
    if needed_mb > section.max_memory_mb:
        raise CameraError(
            f"{name}: {count} images of {section.width_px}x{section.height_px} px need "
            f"{needed_mb} MB of memory, expected at most max_memory_mb = {section.max_memory_mb}; "
            "use fewer or smaller images, or raise max_memory_mb"
        )
