"""Small pieces of pictures, as the engine sees them: of good parts for the bank, of a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.engines.bundles.patch_bank import CROP_MAX_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

CROP_PX = 64  # of the model's input: a patch is judged by what lies around it
_QUALITIES = (85, 70, 50, 30, 10)


def crop_side(size_px: tuple[int, int]) -> int:
    """Of a model with an input of this size (height, width), in px."""
    return min(CROP_PX, *size_px)


def corner_of(
    cell: tuple[int, int], grid: tuple[int, int], size_px: tuple[int, int], side_px: int
) -> tuple[int, int]:
    """Top and left of the crop around a cell of a grid over the model's input, all in it."""
    top, left = (
        min(max(round((at + 0.5) * whole / count - side_px / 2), 0), whole - side_px)
        for at, count, whole in zip(cell, grid, size_px, strict=True)
    )
    return top, left


def crop(
    frame: NDArray[np.uint8], cell: tuple[int, int], grid: tuple[int, int], side_px: int
) -> NDArray[np.uint8]:
    """The piece of a frame at the model's size, uint8 (side, side[, 3])."""
    height_px, width_px = frame.shape[:2]
    top, left = corner_of(cell, grid, (height_px, width_px), side_px)
    return frame[top : top + side_px, left : left + side_px]


def small_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG of at most CROP_MAX_BYTES, as good as it may be."""
    for quality in _QUALITIES:
        _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))
        if data.size <= CROP_MAX_BYTES:
            return np.asarray(data).tobytes()
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return small_jpeg(np.asarray(half, np.uint8))
