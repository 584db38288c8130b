"""A control chart of weighted means: EWMA (Roberts 1959; Montgomery, Statistical Quality Control).

    z = 0.2 x + 0.8 z, an alarm beyond so many of its own sigmas

and, where a chart has a limit of one hour as well (Shewhart's), an alarm beyond so many of x: a
change that is large is seen at once by it, and one that is small, in some hours, by z.

x is in sigmas between the hours of the reference. Hours of one lot resemble each other, and then
z swings wider than of independent ones: its sigma is the larger of the one by the book,
sqrt(0.2 / 1.8) = 1/3, and the one that z had over the reference. Such hours also tell less: of
each swing there were few in the reference, and the number of sigmas becomes the quantile of
Student's t for them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

LAMBDA, LIMIT_SIGMAS = 0.2, 3.7
BOOK_SIGMA = (LAMBDA / (2 - LAMBDA)) ** 0.5
QUIET = 0.5  # an alarm ends within this share of its limit: one that flickers is one alarm
LEAST_SIGMA = 1e-9
FEWEST = 10.0  # hours' worth of a reference: below, the expansion of t means nothing


class Baseline(NamedTuple):
    """What a chart is held against: mean and sigma between hours, the limits of z and of one x."""

    centre: float
    sigma: float
    limit: float
    point: float = math.inf

    def scaled(self, value: float) -> float:
        """A value in sigmas from the centre."""
        return (value - self.centre) / self.sigma


def baseline(
    values: Sequence[float], sigmas: float = LIMIT_SIGMAS, point: float = math.inf
) -> Baseline:
    """From the hours of the reference, in their order; at least two.

    `sigmas`: of z, its limit; `point`: of one hour, where that has one.
    """
    found = np.asarray(values, np.float64)
    centre, sigma = float(found.mean()), max(float(found.std(ddof=1)), LEAST_SIGMA)
    z, path = 0.0, []
    for value in (found - centre) / sigma:
        z = LAMBDA * float(value) + (1 - LAMBDA) * z
        path.append(z)
    own = max(BOOK_SIGMA, float(np.std(path)))
    # so many independent hours would have made z as sure as these did
    worth = max(len(found) * (BOOK_SIGMA / own) ** 2, FEWEST)
    hours = max(float(len(found)), FEWEST)
    return Baseline(centre, sigma, own * _widened(worth, sigmas), _widened(hours, point))


def _widened(hours: float, sigmas: float) -> float:
    """For what so many hours cannot know of sigma, and of the mean."""
    return student(hours, sigmas) * (1 + 1 / hours) ** 0.5 if sigmas < math.inf else sigmas


def student(hours: float, z: float = LIMIT_SIGMAS) -> float:
    """The t quantile that lies as far out as z sigmas of a normal distribution.

    By the first two terms of its expansion (Abramowitz and Stegun 26.7.5).
    """
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / hours + second / hours**2


class Ewma:
    """The chart: two-sided, or of large values alone. `since`: the first hour of the run.

    `most`: sigmas beyond which a value counts no more, where single hours may lie anywhere.
    """

    def __init__(
        self, base: Baseline, *, one_sided: bool = False, most: float = float("inf")
    ) -> None:
        self.base = base
        self._most = most
        self._one_sided = one_sided
        self.z, self.x, self.since, self.alarmed = 0.0, 0.0, 0, False

    @property
    def low(self) -> float | None:
        """The lower limit, if there is one."""
        return None if self._one_sided else -self.base.limit

    @property
    def worst(self) -> tuple[float, float]:
        """Of z and the last hour the one that is nearer to its limit, and that limit."""
        if math.isinf(self.base.point):
            return self.z, self.base.limit
        by_hour = self._side(self.x) / self.base.point > self._side(self.z) / self.base.limit
        return (self.x, self.base.point) if by_hour else (self.z, self.base.limit)

    def fresh(self) -> Ewma:
        """The same chart before its first hour."""
        return Ewma(self.base, one_sided=self._one_sided, most=self._most)

    def restore(self, z: float, x: float, since: int, *, alarmed: bool) -> None:
        """Go on where a chart stood."""
        self.z, self.x, self.since, self.alarmed = z, x, since, alarmed

    def add(self, value: float, number: int) -> bool:
        """Take the hour with this number; whether it begins an alarm."""
        former = self.z
        self.x = min(max(self.base.scaled(value), -self._most), self._most)
        self.z = LAMBDA * self.x + (1 - LAMBDA) * former
        # the run begins with the first hour on this side of the centre
        if former * self.z <= 0:
            self.since = number
        before = self.alarmed
        # a chart that is out stays so until it is well inside again
        reach, limit = self.worst
        self.alarmed = self._side(reach) > limit * (QUIET if before else 1)
        return self.alarmed and not before

    def _side(self, value: float) -> float:
        return value if self._one_sided else abs(value)
