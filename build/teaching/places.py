"""From maps of distances to scores: what is usual at each place, and the worst place.

All maps are float32 (n, G, G). A place at which good parts differ, an edge or a label, is far
from the bank every time; divided by how far it usually is, it does not drown the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR = 0.5  # of the mean place, added to each: a very quiet place would cry out at the next part


def smooth(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of 3 x 3 places around each; beyond the edge nothing counts."""
    counts = _sums(np.ones(maps.shape[1:], np.float32))
    return np.array([_sums(each) / counts for each in maps], np.float32)


def usual(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """What to divide maps by (G, G), from out-of-fold maps of good parts."""
    mean = smooth(smooth(maps.mean(axis=0)[None]))[0]
    return np.asarray(mean + FLOOR * mean.mean() + 1e-12, np.float32)


def worst(maps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores (n,): the largest 3 x 3 mean; a mean of all would hide a small flaw."""
    return np.asarray(smooth(maps).max(axis=(1, 2)), np.float64)


def _sums(values: NDArray[np.float32]) -> NDArray[np.float32]:
    border = cv2.BORDER_CONSTANT
    # as the graph's AveragePool, which leaves the padding out
    sums = cv2.boxFilter(values, -1, (3, 3), normalize=False, borderType=border)
    return np.asarray(sums, np.float32)
