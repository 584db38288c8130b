"""What is kept of one hour of production: some numbers, however many parts it had."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.records.drift.part import Looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.records.drift.laney import Counts
    from gonogo.records.drift.part import PartId

QUANTILES = 129  # of the scores of an hour: 0 .. 100 %
LEAST = 20  # fewer scores or embeddings than this tell nothing of an hour
SHARES = np.linspace(0, 1, QUANTILES)
UNKNOWN = Looks(float("nan"), float("nan"), float("nan"))
NOWHERE = np.zeros(0, np.float32)


class Summary(NamedTuple):
    """One hour. Quantiles float32 (QUANTILES,) or (0,) where there were fewer scores than LEAST.

    `features` float32 (2 PAIRS,), the mean of `embeddings` good ones; (0,) where there were too
    few. `parts`: three of its trusted ones. `rejects`: of all parts, trusted or not. `places`
    float32 (k,), the mean light of each place (gonogo.records.drift.looks), (0,) of no frame.
    """

    number: int
    wall_s: float
    rejects: Counts
    accepted: NDArray[np.float32]
    trusted: NDArray[np.float32]
    features: NDArray[np.float32]
    embeddings: int
    looks: Looks
    parts: tuple[PartId, ...]
    places: NDArray[np.float32] = NOWHERE


def quantiles(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of these scores, or (0,) of too few."""
    if len(scores) < LEAST:
        return np.zeros(0, np.float32)
    return np.asarray(np.quantile(scores, SHARES), np.float32)


def at(grid: NDArray[np.float32], share: float) -> float:
    """The quantile 0 .. 1 of an hour, from its grid."""
    return float(np.interp(share, SHARES, grid))


def mean_looks(each: Sequence[Looks]) -> Looks:
    """Of those that are known; NaN where none is."""
    found = []
    for values in zip(*each, strict=True):
        known = [value for value in values if value == value]  # noqa: PLR0124 - not NaN
        found.append(sum(known) / len(known) if known else float("nan"))
    return Looks(*found) if found else UNKNOWN
