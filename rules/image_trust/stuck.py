"""Pixels that do not follow what parts show: dead, hot, stuck, over many frames.

A single frame tells no such pixel from a glint. Over many, whatever parts show changes, and what
stands out of the 5 x 5 px around it each time, always the same way, is the camera's. One that is
stuck at black or white stands out of bright (dark) surroundings alone, and keeps its value in all
others. A colour is measured by itself: what a Bayer pattern spreads over 3 x 3 px is one place.

What a fixture shows stays in its place, too. So does what stood out in good pictures: it is
learnt, and never told of; nor would be a pixel that dies there. And where parts differ less than
the good pictures did, one like the other, nothing is told: it may be theirs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.rules.image_trust.alike import differing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

    Frame = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

LEVELS = 40  # grey levels from the middle of the 25 around; more than the grain of a surface has
ALWAYS, WELL, KNOWN = 0.9, 0.5, 0.3  # of the frames: it is stuck, it is not well yet, it was so
STILL_LEVELS = 3  # a pixel that varies by no more keeps its value
SOMETIMES = 0.125  # of the frames in which such a one must stand out
AROUND_PX = 5  # a side
BEYOND_PX = AROUND_PX // 2
SLICE_ROWS = 64  # worked on at a time: what is needed meanwhile stays small
NEAR_PX = 1  # around what stood out in good pictures: fixtures give a little
TILE_PX, MOST_TILES = 8, 1 << 16  # a side, in which it is seen how much parts differ
CALM_LEVELS = 24  # between the darkest and the brightest: no more than noise, there is no part


def tile_px(geometry: FrameShape) -> int:
    """The side of a tile, a multiple of TILE_PX."""
    pixels = geometry.height_px * geometry.width_px
    return TILE_PX * max(1, math.ceil(math.sqrt(pixels / MOST_TILES) / TILE_PX))


def tiles_of(geometry: FrameShape) -> tuple[int, int]:
    """Rows and columns of tiles; the last ones may reach over the edge."""
    side = tile_px(geometry)
    return -(-geometry.height_px // side), -(-geometry.width_px // side)


class Counts:
    """Of some rows of frames: how often each pixel stood out, and between what it varied.

    Takes four bytes a pixel and channel; no more than 255 frames. The rows begin with a tile.
    """

    def __init__(self, geometry: FrameShape, rows: slice | None = None) -> None:
        rows = rows or slice(0, geometry.height_px)
        self.tile_px = tile_px(geometry)
        shape = (4, rows.stop - rows.start, *geometry.shape[1:])
        self._buffer = np.empty(shape, np.uint8)
        self.move(rows)

    def move(self, rows: slice) -> None:
        """Begin anew, with other rows: no more of them than at first."""
        self.frames = 0
        self.rows = rows
        self._above, self._below, self._most, self._least = (
            each[: rows.stop - rows.start] for each in self._buffer
        )
        for each in (self._above, self._below, self._most):
            each.fill(0)
        self._least.fill(255)

    def add(self, frame: Frame) -> None:
        """One more frame, whole: rows beside these are looked at as well."""
        self.frames += 1
        start, stop = self.rows.start, self.rows.stop
        for top in range(start, stop, SLICE_ROWS):
            bottom = min(top + SLICE_ROWS, stop)
            first = max(0, top - BEYOND_PX)
            around = frame[first : bottom + BEYOND_PX]
            middle = np.asarray(cv2.medianBlur(around, AROUND_PX), np.uint8)
            self._add(slice(top - start, bottom - start), frame[top:bottom],
                      middle[top - first : bottom - first])  # fmt: skip

    def _add(self, rows: slice, pixels: Frame, middle: Frame) -> None:
        for count, off in (
            (self._above, cv2.subtract(pixels, middle)),
            (self._below, cv2.subtract(middle, pixels)),
        ):
            cv2.threshold(off, LEVELS, 1, cv2.THRESH_BINARY, dst=off)
            cv2.add(count[rows], off, dst=count[rows])
        cv2.max(self._most[rows], pixels, dst=self._most[rows])
        cv2.min(self._least[rows], pixels, dst=self._least[rows])

    def stuck(self, share: float, sometimes: float = SOMETIMES) -> Mask:
        """Pixels that stood out in that share of the frames; bool (rows, columns)."""
        often = cv2.max(self._above, self._below)
        both = cv2.min(self._above, self._below)
        keeps = self._varied <= STILL_LEVELS
        keeps &= (both == 0) & (often >= max(1.0, sometimes * self.frames))
        keeps |= often >= max(1.0, share * self.frames)
        return np.asarray(_worst(keeps.view(np.uint8)), np.uint8).view(np.bool_)

    @property
    def _varied(self) -> Frame:
        return np.asarray(cv2.subtract(self._most, self._least), np.uint8)

    @property
    def ranges(self) -> Frame:
        """Between how many grey levels a pixel varied, of each tile's mean; uint8 of tiles."""
        varied = _worst(self._varied)
        side = self.tile_px
        rows, columns = (-(-size // side) for size in varied.shape)
        below, right = rows * side - varied.shape[0], columns * side - varied.shape[1]
        whole = cv2.copyMakeBorder(varied, 0, below, 0, right, cv2.BORDER_REFLECT)
        size = columns, rows
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)


def _worst(values: Frame) -> Frame:
    """The highest of each pixel's channels; by numpy it would take ten times as long."""
    if values.ndim == 2:  # noqa: PLR2004 - grey
        return values
    first, *others = (cv2.extractChannel(values, k) for k in range(values.shape[2]))
    for other in others:
        cv2.max(first, other, dst=first)
    return np.asarray(first, np.uint8)


class Usual(NamedTuple):
    """Of good pictures. `bits`: of what stood out, uint8 (rows, bytes), a bit a pixel.

    `ranges`: between how many grey levels pixels varied, uint8 (rows, columns) of tiles.
    """

    bits: Frame
    ranges: Frame


def usual_of(counts: Counts) -> Usual:
    """What good pictures showed, all rows of them."""
    # by weaker limits than what is told of: what just misses them in good pictures is known, too
    mask = counts.stuck(KNOWN, SOMETIMES / 2).astype(np.uint8)
    side = 2 * NEAR_PX + 1
    known = np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.bool_)
    return Usual(np.packbits(known, axis=1), counts.ranges)


def told_of(counts: Counts, usual: Usual) -> tuple[Mask, Mask]:
    """Pixels that are stuck, and those of which it cannot be said that they are well.

    bool (rows, columns) each, of the rows that are counted.
    """
    often = counts.stuck(WELL)
    rows, columns = often.shape
    free = ~np.unpackbits(usual.bits[counts.rows], axis=1, count=columns).view(np.bool_)
    tiles, side = counts.ranges, counts.tile_px
    first = counts.rows.start // side
    before = usual.ranges[first : first + tiles.shape[0]]
    differ = differing(tiles, before, CALM_LEVELS)
    whole = np.repeat(np.repeat(differ, side, axis=0), side, axis=1)[:rows, :columns]
    return counts.stuck(ALWAYS) & free & whole, (often & free) | ~whole
