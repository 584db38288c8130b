"""What a rule measured, as lines on the frame: for people who ask why, never for a verdict.

Measured anew on a picture that was kept, by the same steps as the rule itself. Of a view with a
lens the lines are as the frame shows the part, before it is straightened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.engines.backends.preprocess import geometry_of
from gonogo.rules.colour import ColourSection
from gonogo.rules.marks import box
from gonogo.rules.ruleset import open_gauge
from gonogo.rules.window import place

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.rules.marks import Mark
    from gonogo.rules.rule import Roi
    from gonogo.rules.ruleset import RuleSection

    Line = NDArray[np.float64]


class Measured(NamedTuple):
    """`value` in the rule's `unit`, as it is measured now; nan where it cannot tell.

    `looked`: rectangles, `lines`: what was measured, each (n, 2) float64, x and y in px of the
    frame. Both are closed: the first point comes again at the end.
    """

    value: float
    unit: str
    looked: list[Line]
    lines: list[Line]


def measured(section: RuleSection, base: Path, pixels: NDArray[np.uint8]) -> Measured:
    """Of a rule on a frame, uint8 (height, width[, 3]); StationFileError where it does not fit.

    `base`: the folder of the station file, for what a rule has learnt.
    """
    geometry = geometry_of(pixels)
    gauge = open_gauge(section, geometry, base)
    looked = [_rectangle(place(section.name, section.roi, geometry))]
    if isinstance(section, ColourSection) and section.white_roi is not None:
        looked.append(_rectangle(section.white_roi))
    # measured first: a gauge marks what it found last
    value = gauge.measure(pixels)
    return Measured(value, gauge.unit, looked, [_closed(mark) for mark in gauge.marks(pixels)])


def _rectangle(roi: Roi) -> Line:
    return _closed(box(roi.x_px, roi.y_px, roi.width_px, roi.height_px))


def _closed(mark: Mark) -> Line:
    return np.concatenate([mark.points, mark.points[:1]])
