"""Presence: whether the component is at its place.

Template matching is the normalised cross-correlation of J. P. Lewis, "Fast
Normalized Cross-Correlation", Vision Interface 1995 (TM_CCOEFF_NORMED).
"""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from gonogo.base.errors import StationFileError
from gonogo.rules.marks import box
from gonogo.rules.segment import ChannelOf, Segmenter
from gonogo.rules.template import GoldenMatch, TemplateMatch
from gonogo.rules.window import BoundRule, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.marks import Mark
    from gonogo.rules.presence_section import Method, PresenceSection

FLOOR = 1.0  # grey level added to both sides of every ratio: black stays finite


class PresenceRule(BoundRule):
    """Measures presence by the section's method; nan when the ROI shows nothing to go by."""

    def __init__(self, section: PresenceSection, geometry: FrameShape, base: Path) -> None:
        super().__init__(section)
        if geometry.channels == 1 and section.channel != "grey":
            raise StationFileError(
                f"rule '{section.name}': channel: expected 'grey' for a grey camera, "
                f"got '{section.channel}'"
            )
        self._window = Window(section.name, section.roi, geometry, section.work_px)
        self.unit = section.unit  # of the method
        pixels, learnt = _NOTHING, section.learnt
        if learnt is not None:
            pixels, self.digest = learnt.read(geometry, base)
        self._of = _METHODS[section.method](section, self._window, pixels)

    def measure(self, pixels: NDArray[np.uint8]) -> float:
        """Contrast, correlation or difference in percent, or a count; nan if it cannot tell."""
        return self._of(self._window.take(pixels))

    def marks(self, pixels: NDArray[np.uint8]) -> list[Mark]:
        """The place or the objects that the method has found."""
        return self._window.on_frame(self._of.marks(self._window.take(pixels)))


class _Method(Protocol):
    """One of the methods, on the ROI at work size."""

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """What it measures; nan if it cannot tell."""
        ...

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        """What it goes by, in work pixels."""
        ...


class _Contrast:
    """Weakest quarter of the best window against the ROI's median, in percent.

    The quarters make the component fill its place: a hole, a scratch or the pale wood
    around a hole is uneven, and its weakest quarter is near the surround. Channels are
    averaged before they are divided, so that dark pixels, whose colour is noise, weigh
    little.
    """

    def __init__(self, section: PresenceSection, window: Window) -> None:
        rows, columns = window.shape[:2]
        side = window.to_work_px((section.window_px or 1) / 2)
        if 2 * side > min(rows, columns):
            raise StationFileError(
                f"rule '{section.name}': window_px: expected at most the roi's shorter side, "
                f"{min(rows, columns) * window.factor} px, got {section.window_px} px"
            )
        # a quarter of the window: half of its side each way
        self._size = (side, side)
        # views into one array of box means: the value at a pixel is that of the box that starts
        # there
        self._quarters = [
            np.s_[y : y + rows - 2 * side + 1, x : x + columns - 2 * side + 1]
            for y in (0, side)
            for x in (0, side)
        ]
        self._dark = section.object_is == "dark"
        self._is_ratio = section.channel == "blue_red"
        over = "blue" if section.channel == "blue_red" else section.channel
        self._over = ChannelOf(section.name, over, window.shape)
        self._under = ChannelOf(section.name, "red" if self._is_ratio else over, window.shape)
        self._mean = np.empty((rows, columns), np.float32)
        self._divisor = np.empty((rows, columns), np.float32)
        # made once: `__call__` runs for every part
        self._weakest = np.empty_like(self._mean[self._quarters[0]], order="C")

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """Contrast in percent, above 0 on the side of `object_is`; nan of an even ROI."""
        # one level everywhere: dark, blank or saturated, and no picture of anything
        low, high = cv2.minMaxLoc(self._over(image))[:2]
        if low == high:
            return math.nan
        # of single pixels: the surround, while the component covers less than half of the ROI
        background = float(np.median(self._feature(image, (1, 1))))
        quarter = self._feature(image, self._size)
        # the weakest quarter is the brightest one of a dark component
        pick = np.maximum if self._dark else np.minimum
        np.copyto(self._weakest, quarter[self._quarters[0]])
        for place in self._quarters[1:]:
            pick(self._weakest, quarter[place], out=self._weakest)
        best = float(self._weakest.min() if self._dark else self._weakest.max())
        return 100.0 * (best / background - 1.0) * (-1.0 if self._dark else 1.0)

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        """The best window."""
        if not math.isfinite(self(image)):
            return []
        at = int(self._weakest.argmin() if self._dark else self._weakest.argmax())
        top, left = np.unravel_index(at, self._weakest.shape)
        side = self._size[0]
        return [box(float(left), float(top), 2 * side, 2 * side)]

    def _feature(self, image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
        """Channel, or ratio of channels, averaged over the box that starts at each pixel."""
        mean = _box(self._over(image), size, self._mean)
        if self._is_ratio:
            np.divide(mean, _box(self._under(image), size, self._divisor), out=mean)
        return mean


def _box(
    grey: NDArray[np.uint8], size: tuple[int, int], out: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Box means with the floor added, float32; a box starts at its own pixel."""
    cv2.boxFilter(grey, cv2.CV_32F, size, dst=out, anchor=(0, 0))
    out += np.float32(FLOOR)
    return out


class _Blobs:
    """Counter of objects between the two areas."""

    def __init__(self, section: PresenceSection, window: Window) -> None:
        shape = window.shape
        self._segmenter = Segmenter(section.name, section.segment, shape, window.factor)
        # areas are in pixels of the frame, and counted in work pixels
        largest = section.area_max_px
        self._most = math.inf if largest is None else largest / window.factor**2

    def __call__(self, image: NDArray[np.uint8]) -> float:
        """How many there are."""
        return float(np.count_nonzero(self._segmenter.areas(image) <= self._most))

    def marks(self, image: NDArray[np.uint8]) -> list[Mark]:
        """Around each that is counted."""
        return self._segmenter.outlines(image, self._most)


_NOTHING = np.empty((0, 0, 3), np.uint8)  # of a method that learns nothing
_METHODS: dict[Method, Callable[[PresenceSection, Window, NDArray[np.uint8]], _Method]] = {
    "intensity": lambda section, window, _: _Contrast(section, window),
    "blobs": lambda section, window, _: _Blobs(section, window),
    "template": lambda section, window, learnt: TemplateMatch(section.name, learnt, window),
    "golden": lambda section, window, learnt: GoldenMatch(
        section.name, learnt, window, section.search_px, section.tolerance
    ),
}
