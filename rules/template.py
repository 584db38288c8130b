"""Matching a learnt image: how well a template is found, how much leaves the golden band.

What is in the two kinds of images, and how they are made, stands in gonogo.rules.learn.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.errors import StationFileError
from gonogo.rules.marks import box, outlines
from gonogo.rules.segment import ChannelOf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.marks import Mark
    from gonogo.rules.window import Window

FLAT = 2.0  # grey levels of standard deviation below which a patch shows no structure
SMALLEST = 4  # work pixels: a smaller patch fits anywhere


class Matcher:
    """Normalised cross-correlation of a patch over a grey image, flat places left out."""

    def __init__(self, patch: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
        self._patch = np.ascontiguousarray(patch)
        rows, columns = shape[0] - patch.shape[0] + 1, shape[1] - patch.shape[1] + 1
        self.size = patch.shape[1::-1]  # columns and rows
        # made once: `best` runs for every part
        self._score = np.empty((rows, columns), np.float32)
        self._mean = np.empty(shape[:2], np.float32)
        self._square = np.empty(shape[:2], np.float32)

    def best(self, grey: NDArray[np.uint8]) -> tuple[float, int, int]:
        """Highest correlation -1 .. 1 and its left and top; nan when everything is flat."""
        cv2.matchTemplate(grey, self._patch, cv2.TM_CCOEFF_NORMED, result=self._score)
        # the correlation divides by this: of a flat place it is noise, and may be the highest
        textured = self._variance(grey) > FLAT**2
        if not textured.any():
            return math.nan, 0, 0
        np.copyto(self._score, -1.0, where=~textured)
        _, score, _, (left, top) = cv2.minMaxLoc(self._score)
        return score, left, top

    def _variance(self, grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Variance of the grey levels under the patch at each of its places."""
        corner = (0, 0)
        cv2.boxFilter(grey, cv2.CV_32F, self.size, dst=self._mean, anchor=corner)
        cv2.sqrBoxFilter(grey, cv2.CV_32F, self.size, dst=self._square, anchor=corner)
        # the filters start at each pixel, also where the patch does not fit any more
        rows, columns = self._score.shape
        mean, square = self._mean[:rows, :columns], self._square[:rows, :columns]
        np.multiply(mean, mean, out=mean)
        # mean of squares less square of the mean, in the buffers of both
        return np.subtract(square, mean, out=square)


class TemplateMatch:
    """Best correlation with a learnt template, in percent; nan when the ROI is flat."""

    def __init__(self, name: str, learnt: NDArray[np.uint8], window: Window) -> None:
        rows, columns = window.shape[:2]
        if learnt.shape[0] > rows or learnt.shape[1] > columns:
            raise StationFileError(
                f"rule '{name}': image: expected at most {columns} x {rows} px (the roi at work "
                f"size), got {learnt.shape[1]} x {learnt.shape[0]} px; make it again with "
                f"gonogo prepare"
            )
        self._grey = ChannelOf(name, "grey", window.shape)
        self._matcher = Matcher(learnt[..., 1], window.shape)

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """Correlation -100 to 100 percent; nan when the ROI is flat."""
        return 100.0 * self._matcher.best(self._grey(image))[0]

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        """Where it fits best, in work pixels."""
        score, left, top = self._matcher.best(self._grey(image))
        return [box(left, top, *self._matcher.size)] if math.isfinite(score) else []


class GoldenMatch:
    """Part of the ROI outside the band of good parts, in percent, after alignment."""

    def __init__(
        self, name: str, learnt: NDArray[np.uint8], window: Window, search_px: int, tolerance: int
    ) -> None:
        rows, columns = inner_size(name, window, search_px)
        if learnt.shape[:2] != (rows, columns):
            raise StationFileError(
                f"rule '{name}': image: expected {columns} x {rows} px (the roi at work size less "
                f"search_px), got {learnt.shape[1]} x {learnt.shape[0]} px; make it again with "
                f"gonogo prepare"
            )
        self._grey = ChannelOf(name, "grey", window.shape)
        self._matcher = Matcher(learnt[..., 1], window.shape)
        # wider than uint8, in which a level less the tolerance runs over
        band = learnt.astype(np.int32)
        self._low = np.clip(band[..., 0] - tolerance, 0, 255).astype(np.uint8)
        self._high = np.clip(band[..., 2] + tolerance, 0, 255).astype(np.uint8)
        self._inside = np.empty((rows, columns), np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """Percent of pixels outside the band; nan when the ROI is flat."""
        if self._compare(image) is None:
            return math.nan
        return 100.0 * (1.0 - cv2.countNonZero(self._inside) / self._inside.size)

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        """Where it fits best, and what lies outside the band there, in work pixels."""
        corner = self._compare(image)
        if corner is None:
            return []
        outside = np.where(self._inside == 0, 255, 0).astype(np.uint8)
        return [*outlines(outside, *corner), box(*corner, *self._matcher.size)]

    def _compare(self, image: NDArray[np.uint8]) -> tuple[int, int] | None:
        """Mark the pixels inside the band; left and top of the place, None when all is flat."""
        grey = self._grey(image)
        score, left, top = self._matcher.best(grey)
        if not math.isfinite(score):
            return None
        rows, columns = self._inside.shape
        # where its median fits best: a good part may lie elsewhere by `search_px`
        moved = grey[top : top + rows, left : left + columns]
        cv2.inRange(moved, self._low, self._high, dst=self._inside)
        return left, top


def inner_size(name: str, window: Window, search_px: int) -> tuple[int, int]:
    """Rows and columns of the ROI at work size without the search margin."""
    # in work pixels, as everything behind the window
    margin = round(search_px / window.factor)
    rows, columns = (size - 2 * margin for size in window.shape[:2])
    if min(rows, columns) < SMALLEST:
        raise StationFileError(
            f"rule '{name}': search_px: expected less than half of the roi's shorter side, "
            f"got {search_px} px; make it smaller or the roi larger"
        )
    return rows, columns
