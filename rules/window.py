"""What all rules share: their common keys, and the piece of the frame they look at.

A rule looks only inside its ROI and at a bounded number of pixels: the ROI is
halved (each pixel the mean of 2 x 2) until its longer side is at most `work_px`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated

import cv2
import numpy as np
from pydantic import Field, model_validator

from gonogo.base.errors import StationFileError
from gonogo.base.section import Section
from gonogo.rules.rule import Roi, judge

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.base.words import RuleResult
    from gonogo.rules.calibration import Calibration
    from gonogo.rules.marks import Mark

LONGEST_NAME = 40
WorkPx = Annotated[int, Field(ge=16, le=4096)]


class LimitedSection(Section):
    """Keys that every rule has; a kind's own section declares `kind`, and adds its keys.

    `low` and `high` are in the rule's own unit and inclusive; a rule that has
    neither is not yet learnt: it measures, and `gonogo limits` proposes them.
    `roi` left out is the whole frame.
    """

    if TYPE_CHECKING:
        # declared for the type checker alone: a kind's own section narrows it to one word
        kind: str

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    """Names the rule in messages and records."""
    roi: Roi | None = None
    """Where it looks; left out, the whole frame."""
    low: float | None = None
    """The least value that passes, in the rule's unit; left out, there is none."""
    high: float | None = None
    """The greatest value that passes, in the rule's unit; left out, there is none."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> LimitedSection:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low: expected at most high ({self.high:g}), got {self.low:g}")
        return self

    @property
    @abstractmethod
    def unit(self) -> str:
        """What the rule measures in."""

    @property
    def value_range(self) -> tuple[float, float]:
        """The least and the greatest value that it can measure at all: no limit lies beyond."""
        return -math.inf, math.inf

    @property
    def limited_sides(self) -> tuple[bool, bool]:
        """Whether a `low` says anything of a part, and a `high`: less of a difference is better."""
        return True, True

    @property
    def measures_a_ratio(self) -> bool:
        """Whether its values, in percent, are ratios less one: learnt from their logarithms."""
        return False

    def calibrated(self, calibration: Calibration) -> LimitedSection:
        """The same rule in a view whose scale is known; most measure nothing in mm.

        StationFileError where it says of itself another scale.
        """
        del calibration
        return self

    @property
    def makes(self) -> Path | None:
        """The file that is made for it on the box, where one is (`gonogo prepare`)."""
        return None

    def prepare(self, geometry: FrameShape, base: Path, fit: Fit, *, again: bool) -> None:
        """Make the files it measures by, those that are missing or, `again`, all; most have none.

        Paths are relative to `base`; `fit`: how image files are brought to `geometry`.
        """

    @property
    def reads_text(self) -> bool:
        """Whether it says a text beside its value, which takes room in the verdict journal."""
        return False

    @property
    def compares_part_id(self) -> bool:
        """Whether it needs the PLC's number of the part in hand."""
        return False

    @property
    def learnt_from(self) -> Path | None:
        """The folder of good images whose very parts measure 0, where there is one."""
        return None


class Window:
    """The ROI of a frame, halved until it is small enough; all buffers are made once.

    `factor` is frame pixels per work pixel, a power of two; `shape` is (rows,
    columns[, 3]) of what `take` returns. Up to `factor` - 1 pixels at the right
    and lower edge of the ROI are left out.
    """

    def __init__(self, name: str, roi: Roi | None, geometry: FrameShape, work_px: int) -> None:
        self.roi = place(name, roi, geometry)
        box = self.roi
        # a view of the frame, no copy; the frame itself is never written
        self._area = np.s_[box.y_px : box.y_px + box.height_px, box.x_px : box.x_px + box.width_px]
        self._levels: list[NDArray[np.uint8]] = []
        tail = geometry.shape[2:]
        rows, columns = box.height_px, box.width_px
        # a bounded number of pixels, so that the time of a rule does not grow with the camera
        while max(rows, columns) > work_px and min(rows, columns) > 1:
            rows, columns = rows // 2, columns // 2
            self._levels.append(np.empty((rows, columns, *tail), np.uint8))
        self.factor = 1 << len(self._levels)
        self.shape: tuple[int, ...] = (rows, columns, *tail)

    def take(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The ROI of a uint8 frame at work size, to be read only; it lives until the next take."""
        image = pixels[self._area]
        for level in self._levels:
            rows, columns = level.shape[:2]
            # whole pairs only: an odd row or column at the end is left out
            even = image[: 2 * rows, : 2 * columns]
            cv2.resize(even, (columns, rows), dst=level, interpolation=cv2.INTER_AREA)
            image = level
        return image

    def on_frame(self, marks: Iterable[Mark]) -> list[Mark]:
        """Marks in work pixels as they lie on the frame."""
        corner = np.array([self.roi.x_px, self.roi.y_px], np.float64)
        return [mark._replace(points=mark.points * self.factor + corner) for mark in marks]

    def to_work_px(self, length_px: float) -> int:
        """Frame pixels in whole work pixels, at least 1."""
        return max(1, round(length_px / self.factor))


def place(name: str, roi: Roi | None, geometry: FrameShape) -> Roi:
    """The ROI, or the whole frame; a ROI outside the frame is a StationFileError."""
    if roi is None:
        return Roi(width_px=geometry.width_px, height_px=geometry.height_px)
    right, lower = roi.x_px + roi.width_px, roi.y_px + roi.height_px
    if right > geometry.width_px or lower > geometry.height_px:
        raise StationFileError(
            f"rule '{name}': roi: expected inside the frame of {geometry.width_px} x "
            f"{geometry.height_px} px, got one that ends at x {right}, y {lower} px; "
            f"make it smaller or move it"
        )
    return roi


class BoundRule(ABC):
    """A rule bound to its frames; subclasses only measure."""

    unit: str
    wants_part_id = False  # whether `part_id` is set before each check
    part_id: int | None = None  # the PLC's number of the part in hand; None: in setting up
    digest = ""  # SHA-256 of the file that it has learnt from good parts, where there is one

    def __init__(self, section: LimitedSection) -> None:
        self.name = section.name
        # so that a missing limit never needs to be asked for while parts pass
        self.low = -math.inf if section.low is None else section.low
        self.high = math.inf if section.high is None else section.high

    @abstractmethod
    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Measure a frame in `unit`; nan when it cannot tell. The frame must not be written."""

    def marks(self, pixels: NDArray[np.uint8]) -> list[Mark]:
        """What it goes by on a frame, to be drawn by whoever sets it up; never in the cycle."""
        del pixels  # a rule that has nothing to show
        return []

    def check(self, pixels: NDArray[np.uint8]) -> RuleResult:
        """Measure a frame, uint8 (height, width[, 3]) blue-green-red, and judge it.

        A rule that reads a text says so in `reads_text` of its section, and overrides this.
        """
        return judge(self.measure(pixels), self.low, self.high)
