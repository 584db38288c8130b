"""A frame as the bytes of a file, and an anomaly map as a small one with its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.records.section import ImagesSection

LEVELS = 255
_QUICK = (
    cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE,
)  # fmt: skip


class Scaled(NamedTuple):
    """An 8-bit PNG whose grey level g stands for low + g / 255 * (high - low)."""

    data: bytes
    low: float
    high: float


def encoded(pixels: NDArray[np.uint8], images: ImagesSection) -> bytes:
    """Uint8 H x W (x 3, BGR) as the station file has it."""
    if images.format == "jpeg":
        return _written(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, images.quality))
    # with a reject in every part each millisecond counts: in noise zlib finds no repetitions but
    # runs, however long it looks
    return _written(".png", pixels, _QUICK)


def scaled(found: NDArray[np.float32]) -> Scaled | None:
    """Of a map with any finite number; what is not finite is shown as the highest."""
    finite = np.isfinite(found)
    if not finite.any():
        return None
    low, high = float(found[finite].min()), float(found[finite].max())
    # a map of one value only has grey level 0 everywhere, which is `low`
    span = high - low or 1.0
    levels = np.ones(found.shape)
    levels[finite] = (found[finite].astype(np.float64) - low) / span
    return Scaled(_written(".png", np.rint(levels * LEVELS).astype(np.uint8), ()), low, high)


def _written(ending: str, pixels: NDArray[np.uint8], options: Sequence[int]) -> bytes:
    _, data = cv2.imencode(ending, pixels, options)
    return np.asarray(data).tobytes()
