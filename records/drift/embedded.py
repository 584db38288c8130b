"""The mean of the random features of an hour's good embeddings, in bounded memory.

The first 256 good ones make the map; until then they wait, and they do not wait for the hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.records.drift.fourier import PAIRS, feature_map
from gonogo.records.drift.summary import LEAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.records.drift.fourier import FeatureMap

FIRST = 256  # that the map is made of
BATCH = 64  # multiplied at once: one product of 64 rows costs little more than one of a few


class Embedded:
    """Takes embeddings, and gives the mean of their features. `odd`: so many were of no use."""

    def __init__(self, found: FeatureMap | None = None) -> None:
        self.map = found
        self.odd = 0
        self._waiting: list[NDArray[np.float16]] = []
        self._sum = np.zeros(2 * PAIRS, np.float64)
        self._count = 0

    def add(self, embedding: NDArray[np.float32]) -> None:
        """Take one, (n,); one of another length, or not finite, is counted and passed over."""
        if not self._fits(embedding):
            self.odd += 1
            return
        # half of float32; what it rounds is far below what embeddings differ by
        self._waiting.append(embedding.astype(np.float16))
        if len(self._waiting) >= (BATCH if self.map else FIRST):
            self._take()

    def mean(self) -> tuple[NDArray[np.float32], int]:
        """Mean features (2 PAIRS,) of the hour and of how many; (0,) of fewer than LEAST."""
        if self._count + len(self._waiting) >= LEAST:
            self._take()
        # those of an hour with few do not wait for the next one
        self._waiting.clear()
        found, count = self._sum / max(self._count, 1), self._count
        self._sum[:], self._count = 0, 0
        return (np.asarray(found if count >= LEAST else found[:0], np.float32), count)

    def _take(self) -> None:
        if not self._waiting:
            return
        rows = np.asarray(self._waiting, np.float32)
        self.map = self.map or feature_map(rows)
        self._sum += self.map.of(rows).sum(axis=0)
        self._count += len(rows)
        self._waiting.clear()

    def _fits(self, embedding: NDArray[np.float32]) -> bool:
        known = self._length()
        if embedding.ndim != 1 or not embedding.size or known not in {None, embedding.size}:
            return False
        # one that float16 cannot hold counts as one that is not finite
        return bool(np.abs(embedding).max() < np.finfo(np.float16).max)

    def _length(self) -> int | None:
        if self.map is not None:
            return self.map.length
        return len(self._waiting[0]) if self._waiting else None
