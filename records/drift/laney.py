"""Shares of large counts: the p' chart (Laney, Quality Engineering 14, 2002).

A plain p chart of thousands of parts an hour has limits so narrow that every hour lies outside,
since the share itself differs from hour to hour. Laney scales them by how much it does:

    z_i = (p_i - p) / sqrt(p (1 - p) / n_i),  sigma_z = mean |z_i - z_(i-1)| / 1.128
    limits p -+ L sigma_z sqrt(p (1 - p) / n_i)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

D2 = 1.128  # mean range of two of a normal distribution, in sigmas
HALF = 0.5  # added to the counts: nothing in a hundred hours is not never


class Counts(NamedTuple):
    """So many of so many: parts rejected of parts judged, overrides of reviews."""

    hits: int
    of: int


class Laney(NamedTuple):
    """Mean share and how much more than binomially it varies (at least as much)."""

    share: float
    sigma_z: float

    def z(self, counts: Counts) -> float:
        """How far a share is off the mean, in binomial sigmas; `of` at least 1."""
        return (counts.hits / counts.of - self.share) / self.sigma(counts.of)

    def scaled(self, counts: Counts) -> float:
        """The same in sigmas of this chart."""
        return self.z(counts) / self.sigma_z

    def sigma(self, of: int) -> float:
        """Binomial sigma of a share of so many."""
        return float(np.sqrt(self.share * (1 - self.share) / of))

    def limits(self, of: int, sigmas: float) -> tuple[float, float]:
        """Within which a share of so many is usual, within 0 .. 1."""
        reach = sigmas * self.sigma_z * self.sigma(of)
        return max(self.share - reach, 0.0), min(self.share + reach, 1.0)


def laney(hours: Sequence[Counts]) -> Laney:
    """From the counts of the reference, in their order; those of nothing are passed over."""
    known = [each for each in hours if each.of > 0]
    total, hits = sum(each.of for each in known), sum(each.hits for each in known)
    plain = Laney((hits + HALF) / (total + 2 * HALF), 1.0)
    ranges = np.abs(np.diff([plain.z(each) for each in known]))
    wider = float(ranges.mean()) / D2 if len(ranges) else 1.0
    return plain._replace(sigma_z=max(wider, 1.0))
