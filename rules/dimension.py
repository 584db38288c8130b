"""Dimension: how big the part is, where it lies and how it is turned, in mm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
from pydantic import Field, PrivateAttr, model_validator

from gonogo.base.errors import StationFileError
from gonogo.rules.extent import Seen, Straight
from gonogo.rules.marks import dimension_marks, outlines
from gonogo.rules.segment import Segmenter, SegmentSection
from gonogo.rules.window import BoundRule, LimitedSection, Window, WorkPx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.calibration import Calibration
    from gonogo.rules.extent import Extent
    from gonogo.rules.lens import Lens
    from gonogo.rules.marks import Mark
    from gonogo.rules.segment import Blob

Measure = Literal[
    "width", "height", "length", "breadth", "diameter", "area", "hull_area", "solidity",
    "position_x", "position_y", "angle",
]  # fmt: skip
SAME_SCALE = 1e-3  # two scales of one view may differ by so much, as a share
SMALLEST = 2  # work pixels: of one alone nobody knows how it is stretched
_RANGES: dict[Measure, tuple[float, float]] = {"solidity": (0.0, 100.0), "angle": (-90.0, 90.0)}
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

    The scale is `mm_per_px` (from a target at the part's height) or that of the view's
    `calibration`; given both, they must agree within 0.1 %, and the calibration counts. Where
    the calibration knows the lens, what is measured is straightened. Without either the unit is
    px. One work pixel is the resolution: the frame's own when the ROI is not larger
    than `work_px`, else 2, 4 ... pixels.
    """

    kind: Literal["dimension"]
    """A dimension of the biggest object in the ROI."""
    measure: Measure
    """Which one; the table above."""
    mm_per_px: Annotated[float, Field(gt=0, le=100)] | None = None
    """Millimetres in one pixel, at the part's height; left out, that of the view's calibration."""
    lengths_in: Literal["mm", "px"] | None = None
    """What limits are in. mm: refused where no scale is known; px: as seen, always; left out: mm
    beside `mm_per_px`, px without; to be said where the view's calibration gives the scale."""
    segment: SegmentSection = SegmentSection()
    """How the object is told from the background."""
    work_px: WorkPx = 1024
    """The ROI is halved until its longer side fits this."""

    # of the view, read by whoever opens the rule (gonogo.config.view): no key of the file
    _calibration: Calibration | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _one_unit(self) -> DimensionSection:
        if self.lengths_in == "px" and self.mm_per_px is not None:
            raise ValueError(
                "lengths_in: expected 'mm' beside mm_per_px, or no mm_per_px, got 'px'"
            )
        return self

    def calibrated(self, calibration: Calibration) -> DimensionSection:
        """With the view's scale and lens, unless it measures in px."""
        if self.lengths_in == "px":
            return self
        own, known = self.mm_per_px, calibration.mm_per_px
        if own is not None and abs(own / known - 1) > SAME_SCALE:
            raise StationFileError(
                f"rule '{self.name}': mm_per_px: expected {known:.6g} mm/px within 0.1 %, as the "
                f"view's calibration has it, got {own:g}; leave the key out"
            )
        if own is None and self.lengths_in is None and self._limited:
            raise StationFileError(
                f"rule '{self.name}': lengths_in: expected 'mm' or 'px' beside limits in a view "
                "with a calibration, got none: nobody could say what low and high are in"
            )
        bound = self.model_copy()
        bound._calibration = calibration  # noqa: SLF001 - a copy of itself
        return bound

    @property
    def _limited(self) -> bool:
        """Whether it has limits, and those are lengths or areas."""
        power, _ = dimension_unit(self.measure, None)
        return power > 0 and (self.low is not None or self.high is not None)

    @property
    def calibration(self) -> Calibration | None:
        """What the rule is bound to, where the view has one."""
        return self._calibration

    @property
    def lens(self) -> Lens | None:
        """By which what is seen is straightened."""
        return None if self._calibration is None else self._calibration.lens

    @property
    def scale(self) -> float | None:
        """Millimetres in one pixel; None: it measures in px."""
        return self.mm_per_px if self._calibration is None else self._calibration.mm_per_px

    @property
    def unit(self) -> str:
        """Of the measure, in mm where the scale is known."""
        return dimension_unit(self.measure, self.scale)[1]

    @property
    def value_range(self) -> tuple[float, float]:
        """No length is negative, and no share above 100 %."""
        return _RANGES.get(self.measure, (0.0, math.inf))


class DimensionRule(BoundRule):
    """Measures the biggest object; nan when there is none, or no direction for `angle`."""

    def __init__(self, section: DimensionSection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section)
        del base  # no file
        if section.lengths_in == "mm" and section.scale is None:
            raise StationFileError(
                f"rule '{section.name}': expected mm_per_px, or a calibration of the view, for "
                "lengths_in = 'mm', got neither; make one: gonogo calibrate"
            )
        self._window = Window(section.name, section.roi, geometry, section.work_px)
        factor = self._window.factor
        self._segmenter = Segmenter(section.name, section.segment, self._window.shape, factor)
        self._extent = self._extent_by(section)
        self._measure = section.measure
        self._of = _MEASURES[section.measure]
        self._corner = _CORNER.get(section.measure, _NO_CORNER)(self._window)
        # an area grows with the square of the scale
        power, self.unit = dimension_unit(section.measure, section.scale)
        # work pixels to pixels of the frame, and those to mm
        self._scale = math.pow(factor * (section.scale or 1.0), power)
        self.digest = "" if section.calibration is None else section.calibration.digest

    def _extent_by(self, section: DimensionSection) -> Extent:
        if section.lens is None:
            return Seen(self._segmenter)
        if min(self._window.shape[:2]) < SMALLEST:
            raise StationFileError(
                f"rule '{section.name}': roi: expected at least {SMALLEST} work pixels on each "
                f"side where a lens is straightened, got {self._window.shape[:2]}; make it larger"
            )
        weighs = section.measure in _WEIGHED
        return Straight(self._segmenter, self._window, section.lens, weighs=weighs)

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """The dimension of the biggest object in `unit`, or nan."""
        blob = self._segmenter.biggest(self._window.take(pixels))
        if blob is None:
            return math.nan
        # the corner first: both are in work pixels
        return (self._of(self._extent, blob) + self._corner) * self._scale

    def marks(self, pixels: NDArray[np.uint8]) -> list[Mark]:
        """The outline of the object, and the line that is measured; both as they are seen."""
        blob = self._segmenter.biggest(self._window.take(pixels))
        if blob is None:
            return []
        (outline, *_) = outlines(self._segmenter.mask(blob), blob.left, blob.top)
        return self._window.on_frame([outline, *dimension_marks(self._measure, outline)])


def dimension_unit(measure: Measure, mm_per_px: float | None) -> tuple[int, str]:
    """Power of the length scale in a measure (0, 1, 2), and its unit."""
    length = "px" if mm_per_px is None else "mm"
    if measure in {"area", "hull_area"}:
        return 2, f"{length}2"
    fixed = {"solidity": "%", "angle": "deg"}.get(measure)
    return (1, length) if fixed is None else (0, fixed)


def _side(extent: Extent, blob: Blob, pick: Callable[[float, float], float]) -> float:
    """A side of the smallest turned box; + a pixel as it runs from pixel centre to centre."""
    points, pixel = extent.edge(blob)
    _, (a, b), _ = cv2.minAreaRect(points)
    return pick(a, b) + pixel


def _hull_area(extent: Extent, blob: Blob) -> float:
    """Convex hull of the pixels as squares: hull of the centres, widened by one square."""
    points, pixel = extent.edge(blob)
    hull = cv2.convexHull(points)
    width, height = extent.box(blob)
    return cv2.contourArea(hull) + (width + height - pixel) * pixel


def _angle(extent: Extent, blob: Blob) -> float:
    """Direction of the principal axis of the second moments."""
    its = extent.moments(blob)
    # twice the angle of the main axis is that of (xx - yy, 2 xy)
    difference, mixed = its.xx - its.yy, 2 * its.xy
    total, spread = its.xx + its.yy, math.hypot(difference, mixed)
    # the axes are the roots of (total + spread) and (total - spread): of a disc they are one
    if total + spread < ROUND_BELOW**2 * (total - spread) or spread == 0:
        return math.nan
    return math.degrees(0.5 * math.atan2(mixed, difference))


_MEASURES: dict[Measure, Callable[[Extent, Blob], float]] = {
    "width": lambda extent, blob: extent.box(blob)[0],
    "height": lambda extent, blob: extent.box(blob)[1],
    "length": lambda extent, blob: _side(extent, blob, max),
    "breadth": lambda extent, blob: _side(extent, blob, min),
    "diameter": lambda extent, blob: math.sqrt(4 * extent.area(blob) / math.pi),
    "area": lambda extent, blob: extent.area(blob),
    "hull_area": _hull_area,
    # holes lower it, as they lower the area
    "solidity": lambda extent, blob: 100 * extent.area(blob) / _hull_area(extent, blob),
    # from the window's edge, not from the centre of its first pixel
    "position_x": lambda extent, blob: extent.moments(blob).x + 0.5,
    "position_y": lambda extent, blob: extent.moments(blob).y + 0.5,
    "angle": _angle,
}
_WEIGHED = {"position_x", "position_y", "angle"}

# the ROI's corner in work pixels, which a position needs on top
_NO_CORNER: Callable[[Window], float] = lambda _: 0.0  # noqa: E731 - a default of the table below
_CORNER: dict[Measure, Callable[[Window], float]] = {
    "position_x": lambda window: window.roi.x_px / window.factor,
    "position_y": lambda window: window.roi.y_px / window.factor,
}
