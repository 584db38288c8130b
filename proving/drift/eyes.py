"""A cheap engine in numpy and OpenCV, in place of a taught one: a score and an embedding.

It is no engine of the product. Like the filters of `gonogo teach` it looks at edges, fineness,
brightness and colour on a grid, and scores how far the oddest place is from what it was at in good
parts; unlike them it has one scale, float numbers and no bank of patches (PaDiM's mean and spread
instead: Defard et al., ICPR 2021, with a diagonal covariance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

GRID = 12
CHANNELS = 8
_QUARTERS = 2  # the embedding: each channel's mean in 2 x 2 quarters
_LEAST = 0.02  # of a channel's spread at a place


class Seen(NamedTuple):
    """What an engine makes of one frame."""

    score: float
    embedding: NDArray[np.float32]


class Eyes(NamedTuple):
    """Mean and spread of good parts at each place, float32 (GRID, GRID, CHANNELS)."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]

    def see(self, frame: NDArray[np.uint8]) -> Seen:
        """One frame, uint8 (n, n, 3) blue-green-red."""
        plain = channels(frame)
        off = (plain - self.mean) / self.spread
        distance = np.sqrt((off * off).mean(axis=2))
        score = float(distance.max())
        side = GRID // _QUARTERS
        quarters = off.reshape(_QUARTERS, side, _QUARTERS, side, CHANNELS).mean(axis=(1, 3))
        return Seen(score, np.asarray(quarters.ravel(), np.float32))


def taught(frames: Iterable[NDArray[np.uint8]]) -> Eyes:
    """From good frames."""
    found = np.array([channels(frame) for frame in frames])
    spread = np.maximum(found.std(axis=0), _LEAST)
    return Eyes(found.mean(axis=0), np.asarray(spread, np.float32))


def channels(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Roots of the mean answers on the grid, float32 (GRID, GRID, CHANNELS)."""
    pixels = frame.astype(np.float32)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    across, down = (np.asarray(cv2.Sobel(grey, cv2.CV_32F, *d)) / 4 for d in ((1, 0), (0, 1)))
    answers = [
        grey,
        np.maximum(pixels[:, :, 0] - grey + 40, 0),
        np.maximum(pixels[:, :, 2] - grey + 40, 0),
        np.abs(across),
        np.abs(down),
        np.abs(across + down),
        np.abs(across - down),
        np.abs(np.asarray(cv2.Laplacian(grey, cv2.CV_32F))),
    ]
    small = cv2.resize(cv2.merge(answers), (GRID, GRID), interpolation=cv2.INTER_AREA)
    return np.sqrt(np.asarray(small, np.float32))
