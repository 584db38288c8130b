"""The mean of the random features of an hour's good embeddings, in bounded memory.

A sample of the first 24 hours makes the map: one hour alone does not show how hours differ, and
a kernel that is as narrow as one hour calls every other hour equally far. Those hours have no mean.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from gonogo.records.drift.fourier import PAIRS, feature_map
from gonogo.records.drift.summary import LEAST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.records.drift.fourier import FeatureMap

MAP_HOURS = 24
FIRST = 1024  # embeddings that the map is made of, float16
# multiplied at once: so few that no BLAS shares it out to threads, which would wait for each other
BATCH = 16
LONGEST = 4096  # numbers of an embedding
_HIGHEST = float(np.finfo(np.float16).max)


class Embedded:
    """Takes embeddings, and gives the mean of their features. `odd`: so many were of no use.

    Until there is a map, `first` is the sample of `seen` embeddings over `hours` hours.
    """

    def __init__(self, found: FeatureMap | None = None) -> None:
        self.map = found
        self.odd = 0
        self.first: list[NDArray[np.float16]] = []
        self.seen, self.hours = 0, 0
        self._chance = random.Random(FIRST)  # noqa: S311 - a sample, the same each time
        self._waiting: list[NDArray[np.float32]] = []
        self._sum = np.zeros(2 * PAIRS, np.float64)
        self._count = 0

    def restore(self, first: Sequence[NDArray[np.float16]], seen: int, hours: int) -> None:
        """Go on with the sample that a map will be made of."""
        self.first, self.seen, self.hours = list(first), seen, hours

    def add(self, embedding: NDArray[np.float32]) -> None:
        """Take one, (n,); one of another length, or not finite, is counted and passed over."""
        if not self._fits(embedding):
            self.odd += 1
        elif self.map is None:
            self._sample(embedding.astype(np.float16))
        else:
            self._waiting.append(embedding)
            if len(self._waiting) >= BATCH:
                self._take(self.map)

    def mean(self) -> tuple[NDArray[np.float32], int]:
        """Mean features (2 PAIRS,) of the hour and of how many; (0,) of fewer than LEAST."""
        if self.map is None:
            self._hour_of_sample()
            return np.zeros(0, np.float32), 0
        self._take(self.map)
        found, count = self._sum / max(self._count, 1), self._count
        self._sum[:], self._count = 0, 0
        return np.asarray(found if count >= LEAST else found[:0], np.float32), count

    def _take(self, found: FeatureMap) -> None:
        if self._waiting:
            self._sum += found.of(np.asarray(self._waiting, np.float32)).sum(axis=0)
            self._count += len(self._waiting)
            self._waiting.clear()

    def _sample(self, row: NDArray[np.float16]) -> None:
        self.seen += 1
        if len(self.first) < FIRST:
            self.first.append(row)
        elif (place := self._chance.randrange(self.seen)) < FIRST:
            self.first[place] = row

    def _hour_of_sample(self) -> None:
        self.hours += 1
        if self.hours >= MAP_HOURS and len(self.first) >= LEAST:
            self.map = feature_map(np.asarray(self.first, np.float32))
            self.first.clear()

    def _fits(self, embedding: NDArray[np.float32]) -> bool:
        if embedding.ndim != 1 or not 0 < embedding.size <= LONGEST:
            return False
        known = self.map.length if self.map else len(self.first[0]) if self.first else None
        # one that float16 cannot hold counts as one that is not finite; NaN is below nothing
        return known in {None, embedding.size} and bool(np.abs(embedding).max() < _HIGHEST)
