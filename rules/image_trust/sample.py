"""What is looked at of a frame: a small picture of it, some whole rows, strips down all rows.

    small      every 8th pixel of every 8th row: light, saturation, place, likeness to former ones
    rows       every 16th row, whole: how steep its edges are
    strips     12 strips of 16 px, all rows: a step from one row to the next that no neighbour has

Frames with less than 768 px on their shorter side are looked at more closely (`step_of`). A colour
frame is measured in its green channel, saturation in the worst of the three.

All buffers are made at the start; in the cycle nothing of a frame's size comes and goes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Grey = NDArray[np.uint8]

STEP = 8  # px between two that are looked at
SMALL_PX = 96  # of the small picture's shorter side, where the frame has as many
PERCENTILES = (5, 25, 50, 75, 90, 97)
FULL, LEVELS = 252, 256  # grey level from which a pixel counts as saturated, of so many
RISE_PX = 4  # an edge is measured across so many pixels
STRIPS, STRIP_PX = 12, 16
CALM_LEVELS = 0.5  # rows differ by as much anyhow: in a picture without noise any step is a seam
BANDS = 16  # a band is a 16th of the height
GREEN = 1
_PERCENT = 100.0


class Sample(NamedTuple):
    """What one frame shows; the arrays are the sampler's own until its next frame.

    `light`: grey levels at PERCENTILES, and the mean, float64 (7,). `saturated_pct`: of the
    pixels. `sharpness_pct`: the steepest step of strong edges over their whole rise (100: a rise
    within one pixel), on so many `edges`. `across`, `down`: mean grey level of each column and row
    of the small picture, float32. `seam`: by how many times as much one row differs from the row
    before as its neighbours do. `repeat` and `stale`: mean difference, in grey levels,
    to the frame before, or the one that lay in this slot: of all, of the topmost or lowest band;
    inf where there is none.
    """

    light: NDArray[np.float64]
    saturated_pct: float
    sharpness_pct: float
    edges: int
    across: NDArray[np.float32]
    down: NDArray[np.float32]
    seam: float
    repeat: float
    stale: float

    def kept(self) -> Sample:
        """The same with arrays of its own."""
        return self._replace(
            light=self.light.copy(), across=self.across.copy(), down=self.down.copy()
        )


def step_of(geometry: FrameShape) -> int:
    """Pixels between two that are looked at."""
    return max(1, min(STEP, min(geometry.height_px, geometry.width_px) // SMALL_PX))


def small_size(geometry: FrameShape) -> tuple[int, int]:
    """Rows and columns of the small picture."""
    step = step_of(geometry)
    return geometry.height_px // step, geometry.width_px // step


class Sampler:
    """Measures frames of one geometry, one after the other; `slots` they may lie in.

    An edge is strong that rises by `edge_levels` grey levels or more across 4 px.
    """

    def __init__(self, geometry: FrameShape, edge_levels: int, slots: int = 1) -> None:
        rows, columns = small_size(geometry)
        self._grey = geometry.channels == 1
        self._small = np.empty(
            (rows, columns) if self._grey else (rows, columns, geometry.channels), np.uint8
        )
        self._green = self._small if self._grey else np.empty((rows, columns), np.uint8)
        self._across, self._down = (
            np.empty((1, columns), np.float32),
            np.empty((rows, 1), np.float32),
        )
        self._edges = Edges(geometry, edge_levels)
        self._seam = Seam(geometry)
        self._former = Former((rows, columns), slots)

    def take(self, frame: NDArray[np.uint8], slot: int = 0) -> Sample:
        """Measure a frame, uint8 of the geometry, that lies in `slot`."""
        rows, columns = self._green.shape
        cv2.resize(frame, (columns, rows), dst=self._small, interpolation=cv2.INTER_NEAREST)
        if not self._grey:
            cv2.extractChannel(self._small, GREEN, dst=self._green)
        green = self._green
        cv2.reduce(green, 0, cv2.REDUCE_AVG, dst=self._across, dtype=cv2.CV_32F)
        cv2.reduce(green, 1, cv2.REDUCE_AVG, dst=self._down, dtype=cv2.CV_32F)
        counts = [_histogram(self._small, k) for k in range(1 if self._grey else 3)]
        plane = frame if self._grey else frame[:, :, GREEN]
        sharpness_pct, edges = self._edges.measure(plane)
        repeat, stale = self._former.compare(green, slot)
        return Sample(
            _levels(counts[0] if self._grey else counts[GREEN]),
            max(float(each[FULL:].sum()) for each in counts) * _PERCENT / green.size,
            sharpness_pct, edges, self._across[0], self._down[:, 0],
            self._seam.measure(plane), repeat, stale,
        )  # fmt: skip


def _histogram(small: NDArray[np.uint8], channel: int) -> NDArray[np.float32]:
    counts = cv2.calcHist([small], [channel], None, [LEVELS], [0, LEVELS])
    return np.asarray(counts, np.float32).ravel()  # of one column, or of none (OpenCV 5)


def _levels(counts: NDArray[np.float32]) -> NDArray[np.float64]:
    """The grey levels at PERCENTILES, and the mean."""
    up_to = counts.cumsum(dtype=np.float64)
    at = np.searchsorted(up_to, np.array(PERCENTILES) / _PERCENT * up_to[-1])
    return np.append(at, counts.astype(np.float64) @ np.arange(LEVELS) / up_to[-1])


class Edges:
    """How steep the strong edges of some rows are."""

    def __init__(self, geometry: FrameShape, edge_levels: int) -> None:
        self._every, self._weak = 2 * step_of(geometry), edge_levels - 1
        count, width = -(-geometry.height_px // self._every), geometry.width_px
        self.rows = np.empty((count, width), np.uint8)
        self._one = np.empty((count, width - 1), np.uint8)
        rise = (count, width - RISE_PX)
        self._rise, self._most, self._strong = (np.empty(rise, np.uint8) for _ in range(3))

    def measure(self, plane: Grey) -> tuple[float, int]:
        """Steepest step over the whole rise in percent, and on how many strong edges; or 0, 0."""
        rows, one, rise, most = self.rows, self._one, self._rise, self._most
        np.copyto(rows, plane[:: self._every])
        cv2.absdiff(rows[:, 1:], rows[:, :-1], dst=one)
        cv2.absdiff(rows[:, RISE_PX:], rows[:, :-RISE_PX], dst=rise)
        # the largest of the four steps of which the rise is made
        cv2.max(one[:, :-3], one[:, 1:-2], dst=most)
        cv2.max(most, one[:, 2:-1], dst=most)
        cv2.max(most, one[:, 3:], dst=most)
        cv2.threshold(rise, self._weak, LEVELS - 1, cv2.THRESH_BINARY, dst=self._strong)
        edges = cv2.countNonZero(self._strong)
        if not edges:
            return 0.0, 0
        steep, whole = cv2.mean(most, mask=self._strong)[0], cv2.mean(rise, mask=self._strong)[0]
        return _PERCENT * steep / whole, edges


class Seam:
    """The row that differs most from the one before, for what its neighbours do.

    A lens spreads an edge over more than one row; where two pictures meet, nothing does.
    """

    def __init__(self, geometry: FrameShape) -> None:
        height, width = geometry.height_px, geometry.width_px
        self._count = min(STRIPS, width // STRIP_PX)
        self._every = width // self._count
        wide = min(STRIP_PX, self._every)
        self._strips = np.empty((height, self._count, wide), np.uint8)
        self._differ = np.empty((height - 1, self._count * wide), np.uint8)
        self._mean = np.empty((height - 1, 1), np.float32)

    def measure(self, plane: Grey) -> float:
        """How many times as much, of the mean of all strips."""
        height, count, wide = self._strips.shape
        used = plane[:, : count * self._every]
        # a view: the strips are parts of each row, and nothing else is read
        np.copyto(self._strips, used.reshape(height, count, self._every)[:, :, :wide])
        flat = self._strips.reshape(height, count * wide)
        cv2.absdiff(flat[1:], flat[:-1], dst=self._differ)
        cv2.reduce(self._differ, 1, cv2.REDUCE_AVG, dst=self._mean, dtype=cv2.CV_32F)
        mean = self._mean[:, 0]
        beside = np.maximum(mean[:-2], mean[2:])
        beside += CALM_LEVELS
        return float((mean[1:-1] / beside).max())


class Former:
    """The small pictures of former frames: the last one, and what lay in each slot."""

    def __init__(self, size: tuple[int, int], slots: int) -> None:
        self._pictures = np.zeros((slots, *size), np.uint8)
        self._known = [False] * slots
        self._last = 0
        self._differ, self._mean = np.empty(size, np.uint8), np.empty((size[0], 1), np.float32)

    def compare(self, green: Grey, slot: int) -> tuple[float, float]:
        """Least mean difference of the whole, and of the topmost or lowest band; then keep it."""
        seen = [self._unlike(green, each) for each in {slot, self._last} if self._known[each]]
        np.copyto(self._pictures[slot], green)
        self._known[slot], self._last = True, slot
        repeat = min((whole for whole, _ in seen), default=math.inf)
        return repeat, min((band for _, band in seen), default=math.inf)

    def _unlike(self, green: Grey, slot: int) -> tuple[float, float]:
        cv2.absdiff(green, self._pictures[slot], dst=self._differ)
        cv2.reduce(self._differ, 1, cv2.REDUCE_AVG, dst=self._mean, dtype=cv2.CV_32F)
        mean = self._mean[:, 0]
        band = mean.size // BANDS
        return float(mean.mean()), float(min(mean[:band].mean(), mean[-band:].mean()))
