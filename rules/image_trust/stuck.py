"""Pixels that do not follow what parts show: dead, hot, stuck, over many frames.

A single frame tells no such pixel from a glint. Over many, whatever parts show changes, and what
stands out of the 5 x 5 px around it each time, always the same way, is the camera's. One that is
stuck at black or white stands out of bright (dark) surroundings alone, and keeps its value in all
others. A colour is measured by itself: what a Bayer pattern spreads over 3 x 3 px is one place.

What a fixture shows stays in its place, too. So does what stood out in good pictures: it is
learnt, and never told of; nor would be a pixel that dies there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

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


class Counts:
    """Of some rows of frames: how often each pixel stood out, and between what it varied.

    Takes four bytes a pixel and channel; no more than 255 frames.
    """

    def __init__(self, geometry: FrameShape, rows: slice | None = None) -> None:
        rows = rows or slice(0, geometry.height_px)
        shape = (4, rows.stop - rows.start, *geometry.shape[1:])
        self._buffer = np.empty(shape, np.uint8)
        self.move(rows)

    def move(self, rows: slice) -> None:
        """Begin anew, with other rows: no more of them than at first."""
        self.frames = 0
        self._top, self._bottom = rows.start, rows.stop
        self._above, self._below, self._most, self._least = (
            each[: rows.stop - rows.start] for each in self._buffer
        )
        for each in (self._above, self._below, self._most):
            each.fill(0)
        self._least.fill(255)

    def add(self, frame: Frame) -> None:
        """One more frame, whole: rows beside these are looked at as well."""
        self.frames += 1
        for top in range(self._top, self._bottom, SLICE_ROWS):
            bottom = min(top + SLICE_ROWS, self._bottom)
            first = max(0, top - BEYOND_PX)
            middle = np.asarray(
                cv2.medianBlur(frame[first : bottom + BEYOND_PX], AROUND_PX), np.uint8
            )
            self._add(slice(top - self._top, bottom - self._top), frame[top:bottom],
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
        keeps = cv2.subtract(self._most, self._least) <= STILL_LEVELS
        keeps &= (both == 0) & (often >= max(1.0, sometimes * self.frames))
        found = keeps | (often >= max(1.0, share * self.frames))
        return np.asarray(found if found.ndim == 2 else found.any(axis=2))  # noqa: PLR2004 - grey


def known_of(counts: Counts) -> Mask:
    """What stood out in good pictures, and what is close to it; bool (rows, columns)."""
    # by weaker limits than what is told of: what just misses them in good pictures is known, too
    mask = counts.stuck(KNOWN, SOMETIMES / 2).astype(np.uint8)
    side = 2 * NEAR_PX + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.bool_)
