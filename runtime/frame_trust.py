"""Whether a frame that came can be trusted: by its time, former ones, and what good ones are like.

What good pictures of a view are like is learnt (gonogo.rules.image_trust); a view that has learnt
nothing is asked for contrast alone, and a live camera for no copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS, Part, Reason
from gonogo.drivers.camera_section import LEAD_MS
from gonogo.rules.image_trust.lamp import Lamp
from gonogo.rules.image_trust.limits import CHECKS, Finding, findings
from gonogo.rules.image_trust.sample import Sampler

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.drivers.cameras.camera import Exposure
    from gonogo.ipc.frame_ring import FrameRing, Slot
    from gonogo.rules.image_trust.learnt_file import Trusted

MIN_CONTRAST = 2.0  # grey levels of standard deviation; a capped or dead sensor has less
LEAD_NS = round(LEAD_MS * NS_PER_MS)
GRID = 16  # pixels a side that the contrast is sampled on; a whole frame would cost milliseconds
_CAP = "look at lens cap and lamp"
_WEDGED = "the camera brings old frames: look at its cable, or switch it off and on"
COPY = Finding(
    "a copy", "differs from the one before by", 0.0, 1.0, "grey levels", "least", _WEDGED
)


class FrameTrust:
    """Of one view; `live`: no two of its frames can be alike to the bit.

    `delay_ns`: how long after the trigger the part is before its camera; `lead_ns`: how long
    before that its light may have fallen. `learnt`: what good pictures are like, where the view has
    learnt it. Used by the line's thread alone.
    """

    def __init__(
        self,
        ring: FrameRing,
        lead_ns: int,
        delay_ns: int,
        *,
        live: bool,
        learnt: Trusted | None = None,
    ) -> None:
        geometry = ring.geometry
        self._rows, self._columns = _every(geometry.height_px), _every(geometry.width_px)
        self._lead_ns, self._delay_ns, self._live = lead_ns, delay_ns, live
        self._counter = -1  # of the last frame
        self._print = b""  # what the last one looked like
        self._learnt = None if learnt is None else LearntTrust(geometry, learnt, len(ring.slots))

    def of_time(self, part: Part, exposure: Exposure) -> Reason:
        """Why it cannot be of this part, whatever it shows: too old, too late."""
        last, self._counter = self._counter, exposure.counter
        # a trial is of no part: nothing is waited for
        there_ns = part.trigger_ns + (self._delay_ns if part.serial else 0)
        # here before that: the part was not there yet; after the deadline: it is gone
        if not there_ns <= exposure.frame_ns <= part.camera_deadline_ns:
            return Reason.CAMERA
        if 0 < exposure.exposure_ns < there_ns - self._lead_ns:
            return Reason.CAMERA  # one picture behind: the light fell on the part before this one
        if exposure.counter <= last:  # another part's frame, or a camera that started again
            return Reason.FRAME
        return Reason.OK

    def of_pixels(self, part: Part, slot: Slot) -> Finding | None:
        """Why what it shows cannot be trusted."""
        learnt = None
        if self._learnt is not None:  # whatever else is found: it remembers each frame
            learnt = self._learnt.look(part, slot, live=self._live)
        return self._flat_or_old(slot.pixels) or learnt

    def warning(self) -> str:
        """What a person should see to, said between two parts; '' for nothing."""
        return "" if self._learnt is None else self._learnt.lamp.warning()

    def _flat_or_old(self, pixels: NDArray[np.uint8]) -> Finding | None:
        sample = pixels[self._rows, self._columns]
        before, self._print = self._print, sample.tobytes()
        if self._live and self._print == before:  # noise never repeats
            return COPY
        # each channel by itself: an evenly green frame has no contrast either
        contrast = float(sample.std(axis=(0, 1)).max())
        if contrast >= MIN_CONTRAST:
            return None
        return Finding("flat", "contrast", contrast, MIN_CONTRAST, "grey levels", "least", _CAP)


class LearntTrust:
    """The checks that a view has learnt."""

    def __init__(self, geometry: FrameShape, learnt: Trusted, slots: int) -> None:
        self._reference, self._limits = learnt.reference, learnt.limits
        # a copy is no fault of a camera that is not live
        self._still = {name: at for name, at in learnt.limits.items() if not CHECKS[name].live}
        self.lamp = Lamp(learnt)
        self._sampler = Sampler(geometry, learnt.reference.edge_levels, slots)

    def look(self, part: Part, slot: Slot, *, live: bool) -> Finding | None:
        """The first of what is wrong with a part's frame; of a frame without a part, nothing.

        Such a one is taken between two parts, to see whether the camera is there: it may show
        the empty belt.
        """
        values = self._reference.values(self._sampler.take(slot.pixels, slot.index))
        if not part.serial:
            return None
        found = next(findings(values, self._limits if live else self._still), None)
        if found is None:
            self.lamp.seen(values.light)
        return found


def _every(size_px: int) -> slice:
    return slice(None, None, max(size_px // GRID, 1))
