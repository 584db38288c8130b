"""Scores of good and bad parts in bins, with an axis that shows them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ScoresError
from gonogo.build.thresholds import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.thresholds import Thresholds


BINS = 40
_LOG_FROM = 20.0  # scores whose highest is so many times the lowest: equal steps are ratios
_MARGIN = 0.04  # of the axis, beyond the outermost score or limit
_TICKS = (1.0, 2.0, 5.0, 10.0)


class Axis(NamedTuple):
    """The scores from left to right; `low` and `high` are its ends in the model's unit."""

    low: float
    high: float
    log: bool

    def place(self, score: float) -> float:
        """Where a score lies, 0 .. 1 from left to right."""
        low, high, here = self._straight(self.low, self.high, score)
        return float((here - low) / (high - low))

    def edges(self, places: dict[int, float]) -> NDArray[np.float64]:
        """Edges of bins that look equally wide between the edges that are given by number."""
        # bins look equally wide between the edges that are fixed: both ends, and the limits
        numbers = np.arange(max(places) + 1)
        steps = np.interp(numbers, list(places), self._straight(*places.values()))
        found = np.exp(steps) if self.log else steps
        # exp of a log is not the very number
        found[list(places)] = list(places.values())  # to the last bit
        return found

    def ticks(self, at_most: int) -> list[float]:
        """Round scores to write at the axis: 1, 2 or 5 times a power of ten."""
        return _log_ticks(self, at_most) if self.log else _even_ticks(self, at_most)

    def _straight(self, *scores: float) -> NDArray[np.float64]:
        return np.log(scores) if self.log else np.array(scores)


class Counts(NamedTuple):
    """Parts in each of the bins, int64 (bins,), left to right.

    A bin holds the scores above its lower edge and up to its upper one. Both limits are
    edges, by number, so that each bin is all accepted, all rechecked or all rejected.
    """

    axis: Axis
    edges: NDArray[np.float64]
    recheck_edge: int
    reject_edge: int
    good: NDArray[np.int64]
    bad: NDArray[np.int64]


def count(
    good: Sequence[float], bad: Sequence[float], thresholds: Thresholds, bins: int = BINS
) -> Counts:
    """Every score in its bin, at least 4 bins; ScoresError as `propose`."""
    kept, caught = checked("good", good), checked("bad", bad)
    recheck, reject = thresholds[:2]
    axis = _axis(np.concatenate([kept, caught, [recheck, reject]]))
    # a bin on each side of a limit at least, however far out it lies
    low = min(max(round(bins * axis.place(recheck)), 1), bins - 2)
    high = (
        # both at one place: no bin is rechecked
        low if reject <= recheck else min(max(round(bins * axis.place(reject)), low + 1), bins - 1)
    )
    edges = axis.edges({0: axis.low, low: recheck, high: reject, bins: axis.high})
    return Counts(axis, edges, low, high, _in_bins(kept, edges), _in_bins(caught, edges))


def _axis(values: NDArray[np.float64]) -> Axis:
    low, high = float(values.min()), float(values.max())
    # each is finite (`checked`), but the difference of two floats may be too large for one
    if not np.isfinite(high - low):
        raise ScoresError(
            f"scores from {low:g} to {high:g} fit on no axis; look at the parts at both ends"
        )
    log = low > 0 and high / low > _LOG_FROM
    if log:
        beyond = (high / low) ** _MARGIN
        return Axis(low / beyond, high * beyond, log)
    # scores that are all the same, or all 0, want an axis with some width, too
    beyond = _MARGIN * (high - low) or abs(high) * _MARGIN or 1.0
    # an axis of scores that are never negative begins at 0 at the lowest
    start = 0.0 if low >= 0 and low - beyond < 0 else low - beyond
    return Axis(start, high + beyond, log)


def _in_bins(scores: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    bins = len(edges) - 1
    # a score on an edge is in the bin below it, as one at a limit is accepted; 0 may be an end
    where = (np.searchsorted(edges, scores, side="left") - 1).clip(0, bins - 1)
    return np.bincount(where, minlength=bins).astype(np.int64)


def _even_ticks(axis: Axis, at_most: int) -> list[float]:
    raw = (axis.high - axis.low) / at_most
    power = 10.0 ** np.floor(np.log10(raw))
    # a tick that falls short by rounding alone counts
    step = next(power * tick for tick in _TICKS if power * tick >= raw * (1 - 1e-9))
    first, last = np.ceil(axis.low / step), np.floor(axis.high / step)
    # 3 * 0.1 is to be written 0.3
    return [float(f"{k * step:.9g}") for k in np.arange(first, last + 1)]


def _log_ticks(axis: Axis, at_most: int) -> list[float]:
    powers = np.arange(np.floor(np.log10(axis.low)), np.ceil(np.log10(axis.high)) + 1)
    # fewer in each power of ten until they have room; then not even every power
    for chosen in ((1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{m * 10.0**p:.9g}") for p in powers for m in chosen]
        inside = [tick for tick in ticks if axis.low <= tick <= axis.high]
        if len(inside) <= at_most:
            return inside
    return inside[:: -(-len(inside) // at_most)]
