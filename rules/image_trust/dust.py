"""Dust on the glass or the sensor: a place that is darker by a factor, whatever parts show there.

A grain takes its share of the light of every part. In logarithms that is a difference, so the mean
of many frames shows it where all else averages out. What is compared is each place with what lies
around it: a lamp that ages, or lights one side less, darkens both. What good pictures showed there
is learnt, with how far any run of them came from the others; dust has to lie further off.

Seen in cells of 4 x 4 px or more (`cell_px`), of the green channel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.rules.image_trust.alike import differing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Map = NDArray[np.float32]
    Mask = NDArray[np.bool_]

CELL_PX, MOST_CELLS = 4, 1 << 17
DARK_LEVELS = 16.0  # added to each: in the dark a factor is mostly noise
FINE_PX, AROUND_PX = 3.0, 48.0  # sigma: of a grain, of what lies around it
RUNS = 4  # a run is a quarter of the good pictures, one after the other
ROOM = 2.0  # times what a run of good pictures took
LEAST = 0.1  # of the light, about: less is no dust worth a cloth
WELL = 0.5  # of the limit
CALM = 0.03  # a spread of no more is the ground's: there is no part
NEAR = 5  # cells a side, over which a spread is taken
SLICE_ROWS = 16  # of cells, worked on at a time: what is needed meanwhile stays small
GREEN = 1
_LOGARITHM = np.log(np.arange(256, dtype=np.float32) + np.float32(DARK_LEVELS))


class Clean(NamedTuple):
    """Of good pictures, each float32 (rows, columns) of cells, in natural logarithms of light.

    `mean`: how much brighter each place is than what lies around it. `limit`: darker by so much,
    it is dust. `spread`: standard deviation among the pictures.
    """

    mean: Map
    limit: Map
    spread: Map


def cell_px(geometry: FrameShape) -> int:
    """The side of a cell."""
    pixels = geometry.height_px * geometry.width_px
    return max(CELL_PX, math.ceil(math.sqrt(pixels / MOST_CELLS)))


def cells_of(geometry: FrameShape) -> tuple[int, int]:
    """Rows and columns of cells; what is left at the right and lower edge is not looked at."""
    side = cell_px(geometry)
    return geometry.height_px // side, geometry.width_px // side


class Contrast:
    """How much brighter each cell of a frame is than what lies around it."""

    def __init__(self, geometry: FrameShape) -> None:
        self._side, (rows, columns) = cell_px(geometry), cells_of(geometry)
        self._light = np.empty((rows, columns), np.float32)

    def measure(self, frame: NDArray[np.uint8]) -> Map:
        """Of a frame, uint8 of the geometry: float32 (rows, columns), the caller's own."""
        rows, columns = self._light.shape
        plane = frame if frame.ndim == 2 else frame[:, :, GREEN]  # noqa: PLR2004 - grey
        for top in range(0, rows, SLICE_ROWS):
            bottom = min(top + SLICE_ROWS, rows)
            part = plane[top * self._side : bottom * self._side, : columns * self._side]
            logs, size = cv2.LUT(np.ascontiguousarray(part), _LOGARITHM), (columns, bottom - top)
            self._light[top:bottom] = cv2.resize(logs, size, interpolation=cv2.INTER_AREA)
        fine = cv2.GaussianBlur(self._light, (0, 0), FINE_PX / self._side)
        around = cv2.GaussianBlur(self._light, (0, 0), AROUND_PX / self._side)
        return np.asarray(cv2.subtract(fine, around), np.float32)


class Light:
    """Mean and spread of many frames' contrasts."""

    def __init__(self, geometry: FrameShape) -> None:
        self._contrast = Contrast(geometry)
        self.frames = 0
        self._sum, self._squares = (np.zeros(cells_of(geometry), np.float32) for _ in range(2))

    def clear(self) -> None:
        """Begin anew."""
        self.frames = 0
        self._sum.fill(0.0)
        self._squares.fill(0.0)

    def add(self, frame: NDArray[np.uint8]) -> None:
        """One more frame, uint8 of the geometry."""
        self.add_contrast(self._contrast.measure(frame))

    def add_contrast(self, contrast: Map) -> None:
        """One more frame, of which that was measured."""
        self.frames += 1
        self._sum += contrast
        self._squares += contrast * contrast

    @property
    def mean(self) -> Map:
        """Of each cell; float32 (rows, columns)."""
        return np.asarray(self._sum / np.float32(max(self.frames, 1)), np.float32)

    @property
    def spread(self) -> Map:
        """Standard deviation of each cell and its neighbours; float32 (rows, columns)."""
        mean = self.mean
        return spread_of(self._squares / np.float32(max(self.frames, 1)) - mean * mean)


def spread_of(variance: Map) -> Map:
    """Standard deviation over some neighbours, which differ by chance otherwise."""
    near = np.asarray(cv2.blur(variance, (NEAR, NEAR)), np.float32)
    return np.asarray(np.sqrt(np.maximum(near, 0)), np.float32)


def clean_of(contrasts: Sequence[Map]) -> Clean:
    """What these good pictures draw, in the order in which they were taken; four at least."""
    every = np.stack(contrasts)
    whole, count = every.sum(axis=0), len(every)
    size = max(1, count // RUNS)
    off = np.zeros_like(whole)
    # overlapping: the worst run is nobody's choice
    for first in range(0, count - size + 1, max(1, size // 2)):
        run = every[first : first + size].sum(axis=0)
        np.maximum(off, np.abs(run / size - (whole - run) / (count - size)), out=off)
    # as far as any neighbour: the next parts lie a little otherwise
    off = np.asarray(cv2.dilate(off, np.ones((3, 3), np.uint8)), np.float32)
    limit = np.maximum(ROOM * off, np.float32(LEAST))
    return Clean(whole / np.float32(count), limit, spread_of(every.var(axis=0)))


def dusty(light: Light, clean: Clean) -> tuple[Mask, Mask]:
    """Cells that are darker than when it was clean, and those of which it is not sure.

    bool (rows, columns) each. Where parts differ less than the good pictures did, one like the
    other, what is darker may be theirs.
    """
    darker = clean.mean - light.mean
    differ = differing(light.spread, clean.spread, CALM)
    return (darker > clean.limit) & differ, (darker > WELL * clean.limit) | ~differ
