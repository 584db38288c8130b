"""How well scores tell bad parts from good ones, and how much that says of so few parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.limits import auroc

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

CHANCE = 0.5
_Z = 1.644854  # of the normal distribution: 95 % on either side
_STEPS = 60  # halvings of 0 .. 1: as fine as a float is


class Separation(NamedTuple):
    """AUROC of `bad` bad parts (or made defects) against `good` good ones.

    The true one lies above `low`, and it lies below `high`: each is 95 % sure.
    """

    auroc: float
    low: float
    high: float
    good: int
    bad: int

    def __str__(self) -> str:
        return (
            f"AUROC {self.auroc:.3f} (95 % sure: above {self.low:.2f}, and below {self.high:.2f})"
        )

    @property
    def is_chance(self) -> bool:
        """Whether a score that says nothing could have come out so."""
        return self.low <= CHANCE <= self.high

    @property
    def is_turned(self) -> bool:
        """Whether good ones score plainly above bad ones."""
        return self.high < CHANCE


def separation(good: NDArray[np.float64], bad: NDArray[np.float64]) -> Separation:
    """Of scores (parts,) of both kinds; at least one of each."""
    area = auroc(good, bad)
    return Separation(area, *interval(area, len(good), len(bad)), len(good), len(bad))


def interval(area: float, good: int, bad: int) -> tuple[float, float]:
    """One-sided 95 % bounds of an AUROC: those for which `area` is just as far off as may be.

    Never outside of 0 .. 1, and never a point, not even where every pair is in order.
    Source: Newcombe, Statistics in Medicine 25 (2006), method 5, after Hanley and McNeil.
    """

    def too_far(true: float) -> bool:
        return abs(area - true) > _Z * math.sqrt(_variance(true, good, bad))

    # from the outermost that may be inwards
    return _edge(too_far, 0.0, area), _edge(too_far, 1.0, area)


def _variance(area: float, good: int, bad: int) -> float:
    # both kinds count alike: which distribution the scores follow is not known
    both = (good + bad) / 2 - 1
    twice = (1 - area) / (2 - area) + area / (1 + area)
    return area * (1 - area) * (1 + both * twice) / (good * bad)


def _edge(too_far: Callable[[float], bool], outside: float, inside: float) -> float:
    if not too_far(outside):
        return outside
    for _ in range(_STEPS):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if too_far(middle) else (outside, middle)
    return inside
