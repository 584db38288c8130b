"""Limits that follow from the scores of good parts, and how two sets of scores compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.scores import ScoreLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RECHECK_SIGMAS = 2.0  # 1 in 44 of a normal distribution
REJECT_SIGMAS = 3.0  # 1 in 740
SIGMA_MIN = 0.01  # of the logarithm: good parts to come differ, even if these do not
_HIGH, _HIGH_SIGMAS = 0.9, 1.2816  # a quantile of the normal distribution
# scores nearer to 0 or 1 than this count as that: their logit would be infinite
_TINY = 1e-6


class Scale(NamedTuple):
    """To the scale on which scores of good parts are nearly normal, and back."""

    forward: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    back: Callable[[float], float]
    ratio: bool = True  # whether scores have a zero, so that a share of one means anything

    def middle(self, low: float, high: float) -> float:
        """Halfway between two scores; never outside of them."""
        ends = self.forward(np.array([low, high], np.float64))
        return min(max(self.back(float(ends.mean())), low), high)


def propose(scores: NDArray[np.float64], parts: int) -> ScoreLimits:
    """Limits from scores of variants that were made of the images of `parts` good parts.

    Scores of good parts are skewed: their logarithm is taken as normal, or their logit
    where all lie inside 0 .. 1 (a probability). The limits are one-sided prediction
    limits for the next part, as wide as so few parts make them (Student's t): of good
    parts like these, about 1 in 44 lies above recheck and 1 in 740 above reject. That
    is an extrapolation, not an observation. Some variants are further off than parts ever
    get: the upper half tells the width, and one odd image in twenty does not widen it. The
    rule for photographs stands in gonogo.build.fewparts.
    Source: Hahn and Meeker, Statistical Intervals, section 4.8.
    """
    forward, back, _ = scale_of(scores)
    middle, high = np.quantile(forward(scores), [0.5, _HIGH])
    # of the upper half alone: limits are above, and the lower tail is another one
    width = float(high - middle) / _HIGH_SIGMAS
    # for the next part, not for the mean of many
    sigma = max(width, SIGMA_MIN) * float(np.sqrt(1 + 1 / parts))
    recheck, reject = (_student(z, parts - 1) for z in (RECHECK_SIGMAS, REJECT_SIGMAS))
    return ScoreLimits(back(float(middle) + recheck * sigma), back(float(middle) + reject * sigma))


def spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Rank correlation of two score lists of the same parts, -1 .. 1; ties share their rank.

    0 when one of them is constant. Source: Spearman, Am. J. Psychol. 15 (1904).
    """
    a, b = ranks(first), ranks(second)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))  # 0 where all scores of a side are the same
    return float(a @ b) / size if size else 0.0


def auroc(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    """Probability that a bad part scores above a good one; a tie counts half."""
    # every pair at once: sets have some hundred parts at most
    above = (bad[:, None] > good[None, :]).mean()
    same = (bad[:, None] == good[None, :]).mean()
    return float(above + 0.5 * same)


def _student(z: float, freedom: int) -> float:
    """Student's t that is exceeded as often as `z` by a normal variable.

    Source: Abramowitz and Stegun, 26.7.5; within 3 % from 4 degrees of freedom up.
    """
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def scale_of(scores: NDArray[np.float64]) -> Scale:
    """On which scale such scores are nearly normal."""
    # probabilities crowd at both ends, other positive scores at 0
    if scores.min() >= 0 and scores.max() <= 1:
        return Scale(_logit, _probability)
    if scores.min() > 0:
        return Scale(np.log, lambda value: float(np.exp(value)))
    return Scale(np.array, float, ratio=False)  # scores that may be negative are taken as they are


def _logit(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(scores, _TINY, 1 - _TINY)
    return np.asarray(np.log(inside / (1 - inside)))


def _probability(logit: float) -> float:
    """Back from the logit; at its upper end, 1: a score of 1 is not above a limit that is there."""
    value = float(1 / (1 + np.exp(-logit)))
    return value if value < 1 - _TINY else 1.0


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place of each value among all, from 1; equal ones share the mean of theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)  # rank of the last of each group of equals
    return np.asarray((last - (counts - 1) / 2)[where], np.float64)
