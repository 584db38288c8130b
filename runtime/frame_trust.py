"""Whether a frame that came can be trusted, by what is remembered of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, Part, Reason
from gonogo.drivers.camera_section import LEAD_MS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.cameras.camera import Exposure

MIN_CONTRAST = 2.0  # grey levels of standard deviation; a capped or dead sensor has less
LEAD_NS = round(LEAD_MS * NS_PER_MS)
GRID = 16  # pixels a side that the contrast is sampled on; a whole frame would cost milliseconds


class FrameTrust:
    """Of one view; `live`: no two of its frames can be alike to the bit.

    `lead_ns`: how long before the trigger its light may have fallen; negative where the part
    comes by only after it. Used by the line's thread alone.
    """

    def __init__(self, geometry: FrameShape, lead_ns: int, *, live: bool) -> None:
        self._rows, self._columns = _every(geometry.height_px), _every(geometry.width_px)
        self._lead_ns, self._live = lead_ns, live
        self._counter = -1  # of the last frame
        self._print = b""  # what the last one looked like

    def of_time(self, part: Part, exposure: Exposure) -> Reason:
        """Why it cannot be of this part, whatever it shows: too old, too late."""
        last, self._counter = self._counter, exposure.counter
        # exposed before the trigger: the part was not there yet; after the deadline: it is gone
        if not part.trigger_ns <= exposure.frame_ns <= part.camera_deadline_ns:
            return Reason.CAMERA
        if 0 < exposure.exposure_ns < part.trigger_ns - self._lead_ns:
            return Reason.CAMERA  # one picture behind: the light fell on the part before this one
        if exposure.counter <= last:  # another part's frame, or a camera that started again
            return Reason.FRAME
        return Reason.OK

    def flat_or_old(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether its pixels say that it cannot be trusted: no contrast, or seen before."""
        sample = pixels[self._rows, self._columns]
        before, self._print = self._print, sample.tobytes()
        # noise never repeats; each channel by itself: an evenly green frame has no contrast either
        same = self._live and self._print == before
        return same or float(sample.std(axis=(0, 1)).max()) < MIN_CONTRAST


def _every(size_px: int) -> slice:
    return slice(None, None, max(size_px // GRID, 1))
