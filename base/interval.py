"""How much a count says: the confidence interval of a share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LEVEL = 0.95
_STEPS = 60  # halvings of 0 .. 1: as fine as a float is


class Estimate(NamedTuple):
    """A share, 0 .. 1, seen in `events` of `of` parts; two-sided 95 % interval."""

    share: float
    low: float
    high: float
    events: int
    of: int

    def __str__(self) -> str:
        share, low, high = (f"{100 * part:.1f}" for part in self[:3])
        return f"{share} % ({self.events} of {self.of}; 95 % sure of {low} to {high} %)"


def interval(events: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Two-sided bounds of the share behind `events` in `of` trials; (0, 1) of no trials.

    It holds the true share in at least `level` of all cases, however few trials there were.
    Source: Clopper and Pearson, Biometrika 26 (1934).
    """
    tail = (1 - level) / 2
    low = 0.0 if events == 0 else _solve(lambda p: 1 - at_most(events - 1, of, p) < tail)
    high = 1.0 if events == of else _solve(lambda p: at_most(events, of, p) > tail)
    return low, high


def estimate(events: int, of: int) -> Estimate:
    """What `events` among `of` parts, 1 at least, say of all parts."""
    return Estimate(events / of, *interval(events, of), events, of)


def at_most(events: int, of: int, share: float) -> float:
    """Probability of at most `events` in `of` trials, each of which happens in `share` of cases."""
    if share <= 0 or events >= of:
        return 1.0
    if share >= 1:
        return 0.0
    k = np.arange(events + 1)
    # in logarithms: factorials of more than 170 are beyond a float
    ways = math.lgamma(of + 1) - np.array([math.lgamma(i + 1) + math.lgamma(of - i + 1) for i in k])
    logs = ways + k * math.log(share) + (of - k) * math.log1p(-share)
    return min(1.0, float(np.exp(logs).sum()))


def _solve(below: Callable[[float], bool]) -> float:
    """The share up to which `below` is true."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2
