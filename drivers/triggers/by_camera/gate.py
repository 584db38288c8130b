"""Which frame shows a part that has just come into place: pure.

    share of the gate   ____|~~~~~~~~|_____|~~~~
                            ^ a part       ^ the next one

A part begins where the gate fills after it was empty. Between two looks that are further apart than
a part, or the gap behind one, takes to pass, one may have come unseen: the next is unsure then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.triggers.by_camera.section import GateSection

_GREEN = 1
_MOST_PX = 1 << 14  # of the gate that are looked at: more cost time, and tell no more


class Seen(NamedTuple):
    """What a look at the belt found: a part that came into place, and whether that is `unsure`.

    `doubt`: since the look before, one may have come unseen.
    """

    part: bool
    unsure: bool
    doubt: bool


class Gate:
    """`within_ns`: from one look to the next, at most."""

    def __init__(self, section: GateSection, within_ns: int) -> None:
        step = max(1, int((section.width_px * section.height_px / _MOST_PX) ** 0.5))
        self._rows = slice(section.y_px, section.y_px + section.height_px, step)
        self._columns = slice(section.x_px, section.x_px + section.width_px, step)
        self._brighter, self._level = section.part_is == "brighter", section.level
        self._on, self._off = section.on_pct / 100, section.off_pct / 100
        self._within_ns = within_ns
        self._looked_ns: int | None = None  # when the light of the frame before fell
        self._filled = True  # who is there already has not come now
        self._unsure = False

    def look(self, pixels: NDArray[np.uint8], light_ns: int) -> Seen:
        """At a frame whose light fell then; a uint8 picture, grey or blue, green, red."""
        doubt = self._looked_ns is None or light_ns - self._looked_ns > self._within_ns
        self._looked_ns, self._unsure = light_ns, self._unsure or doubt
        share = self.share(pixels)
        part = not self._filled and share >= self._on
        self._filled = part or (self._filled and share > self._off)
        unsure = part and self._unsure
        self._unsure = self._unsure and not part
        return Seen(part, unsure, doubt)

    def share(self, pixels: NDArray[np.uint8]) -> float:
        """Of the gate's pixels, those that are a part's; 0 to 1."""
        inside = pixels[self._rows, self._columns]
        grey = inside if inside.ndim == 2 else inside[..., _GREEN]  # noqa: PLR2004 - no channels
        of_part = grey > self._level if self._brighter else grey < self._level
        return int(np.count_nonzero(of_part)) / of_part.size
