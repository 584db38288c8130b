"""Dimension: how big the part is, where it lies and how it is turned, in mm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
from pydantic import Field

from gonogo.rules.segment import Blob, Segmenter, SegmentSection
from gonogo.rules.window import BoundRule, LimitedSection, Window, WorkPx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

Measure = Literal[
    "width", "height", "length", "breadth", "diameter", "area", "hull_area", "solidity",
    "position_x", "position_y", "angle",
]  # fmt: skip
ROUND_BELOW = 1.05  # an object with a smaller ratio of its axes has no direction


class DimensionSection(LimitedSection):
    """A dimension of the biggest object in the ROI.

    | measure | what | unit |
    |---|---|---|
    | width, height | sides of the upright bounding box | mm or px |
    | length, breadth | long and short side of the smallest turned box around it | mm or px |
    | diameter | of the circle of the same area | mm or px |
    | area | of its pixels, holes left out | mm2 or px2 |
    | hull_area | of its convex hull | mm2 or px2 |
    | solidity | area in percent of the hull area | % |
    | position_x, position_y | centroid, from the frame's top left corner | mm or px |
    | angle | of its long axis, -90 to 90, clockwise from the x axis | deg |

    Without `mm_per_px` (from a calibration target at the part's height) the unit is
    px. One work pixel is the resolution: the frame's own when the ROI is not larger
    than `work_px`, else 2, 4 ... pixels.
    """

    kind: Literal["dimension"]
    """A dimension of the biggest object in the ROI."""
    measure: Measure
    """Which one; the table above."""
    mm_per_px: Annotated[float, Field(gt=0, le=100)] | None = None
    """Millimetres in one pixel, from a target at the part's height; left out, px is the unit."""
    segment: SegmentSection = SegmentSection()
    """How the object is told from the background."""
    work_px: WorkPx = 1024
    """The ROI is halved until its longer side fits this."""

    @property
    def unit(self) -> str:
        """Of the measure, in mm where the scale is known."""
        return dimension_unit(self.measure, self.mm_per_px)[1]


class DimensionRule(BoundRule):
    """Measures the biggest object; nan when there is none, or no direction for `angle`."""

    def __init__(self, section: DimensionSection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section)
        del base  # no file
        self._window = Window(section.name, section.roi, geometry, section.work_px)
        factor = self._window.factor
        self._segmenter = Segmenter(section.name, section.segment, self._window.shape, factor)
        self._of = _MEASURES[section.measure]
        self._corner = _CORNER.get(section.measure, _NO_CORNER)(self._window)
        # an area grows with the square of the scale
        power, self.unit = dimension_unit(section.measure, section.mm_per_px)
        # work pixels to pixels of the frame, and those to mm
        self._scale = math.pow(factor * (section.mm_per_px or 1.0), power)

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """The dimension of the biggest object in `unit`, or nan."""
        blob = self._segmenter.biggest(self._window.take(pixels))
        if blob is None:
            return math.nan
        # the corner first: both are in work pixels
        return (self._of(self._segmenter, blob) + self._corner) * self._scale


def dimension_unit(measure: Measure, mm_per_px: float | None) -> tuple[int, str]:
    """Power of the length scale in a measure (0, 1, 2), and its unit."""
    length = "px" if mm_per_px is None else "mm"
    if measure in {"area", "hull_area"}:
        return 2, f"{length}2"
    fixed = {"solidity": "%", "angle": "deg"}.get(measure)
    return (1, length) if fixed is None else (0, fixed)


def _side(segmenter: Segmenter, blob: Blob, pick: Callable[[float, float], float]) -> float:
    """A side of the smallest turned box; + 1 as it runs from pixel centre to pixel centre."""
    _, (a, b), _ = cv2.minAreaRect(segmenter.outline(blob))
    return pick(a, b) + 1.0


def _hull_area(segmenter: Segmenter, blob: Blob) -> float:
    """Convex hull of the pixels as unit squares: hull of the centres, widened by one square."""
    hull = cv2.convexHull(segmenter.outline(blob))
    return cv2.contourArea(hull) + blob.width + blob.height - 1


def _centre(segmenter: Segmenter, blob: Blob) -> tuple[float, float]:
    """Centroid of the pixels, x and y."""
    moments = cv2.moments(segmenter.mask(blob), binaryImage=True)
    area = moments["m00"]
    return blob.left + moments["m10"] / area + 0.5, blob.top + moments["m01"] / area + 0.5


def _angle(segmenter: Segmenter, blob: Blob) -> float:
    """Direction of the principal axis of the second moments."""
    moments = cv2.moments(segmenter.mask(blob), binaryImage=True)
    # twice the angle of the main axis is that of (mu20 - mu02, 2 mu11)
    difference, mixed = moments["mu20"] - moments["mu02"], 2 * moments["mu11"]
    total, spread = moments["mu20"] + moments["mu02"], math.hypot(difference, mixed)
    # the axes are the roots of (total + spread) and (total - spread): of a disc they are one
    if total + spread < ROUND_BELOW**2 * (total - spread) or spread == 0:
        return math.nan
    return math.degrees(0.5 * math.atan2(mixed, difference))


_MEASURES: dict[Measure, Callable[[Segmenter, Blob], float]] = {
    "width": lambda _, blob: blob.width,
    "height": lambda _, blob: blob.height,
    "length": lambda segmenter, blob: _side(segmenter, blob, max),
    "breadth": lambda segmenter, blob: _side(segmenter, blob, min),
    "diameter": lambda _, blob: math.sqrt(4 * blob.area / math.pi),
    "area": lambda _, blob: blob.area,
    "hull_area": _hull_area,
    # holes lower it, as they lower the area
    "solidity": lambda segmenter, blob: 100 * blob.area / _hull_area(segmenter, blob),
    "position_x": lambda segmenter, blob: _centre(segmenter, blob)[0],
    "position_y": lambda segmenter, blob: _centre(segmenter, blob)[1],
    "angle": _angle,
}

# the ROI's corner in work pixels, which a position needs on top
_NO_CORNER: Callable[[Window], float] = lambda _: 0.0  # noqa: E731 - a default of the table below
_CORNER: dict[Measure, Callable[[Window], float]] = {
    "position_x": lambda window: window.roi.x_px / window.factor,
    "position_y": lambda window: window.roi.y_px / window.factor,
}
