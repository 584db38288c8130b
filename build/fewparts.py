"""Limits from few good parts: those of the first day, and those after a person has looked.

Both go by the middle and the spread of good parts on the scale on which their scores are
nearly normal, and by a spread that one odd photograph does not widen:

    sigma = max(IQR / 1.349, (q90 - median) / 1.2816)

    first day      recheck = min(highest good part, median + 2.33 sigma)
                   reject  = median + 3.09 sigma, never below recheck
    after review   recheck = min(half way from the lowest bad part that can be told from good
                             ones to the good part below it, median + 2.33 sigma)
                   reject  = min(2 % above the highest good part, median + 3.09 sigma)

A new good part scores above the highest of n with probability 1 / (n + 1): so few parts may
send the next one to be looked at again, and hardly tell which one to reject.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.scores import ScoreLimits
from gonogo.build.limits import SIGMA_MIN, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.limits import Scale

RECHECK_SIGMAS = 2.33  # 1 in 100 of a normal distribution
REJECT_SIGMAS = 3.09  # 1 in 1000
ABOVE_GOOD = 0.02  # after review: nothing good was seen beyond that
TOLD_SHARE = 0.9  # a bad part that scores below so many good ones cannot be told from them
_QUARTILES_SIGMAS, _HIGH_SIGMAS = 1.349, 1.2816


class Spread(NamedTuple):
    """Middle and width of good parts on a scale on which they are nearly normal."""

    median: float
    sigma: float

    def at(self, sigmas: float) -> float:
        """The place so many widths above the middle."""
        return self.median + sigmas * self.sigma


def spread_of(scores: NDArray[np.float64], scale: Scale) -> Spread:
    """Of scores (parts,) of good parts: a robust width, of all parts or of the upper half.

    Source of the factors: quantiles of the normal distribution.
    """
    low, median, high, most = np.quantile(scale.forward(scores), [0.25, 0.5, 0.75, 0.9])
    # scores that have no zero are in any unit: the least width is a share of where they lie
    least = SIGMA_MIN if scale.ratio else SIGMA_MIN * abs(median)
    # limits are above: where the upper half is the wider one, it counts
    sigma = max((high - low) / _QUARTILES_SIGMAS, (most - median) / _HIGH_SIGMAS, least)
    return Spread(float(median), float(sigma))


def day_zero(scores: NDArray[np.float64], scale: Scale | None = None) -> ScoreLimits:
    """Limits from good parts alone, each scored by a model that was not fitted to it.

    `scale`: that of more scores of this model than these, where there are any.
    """
    scale = scale or scale_of(scores)
    spread = spread_of(scores, scale)
    recheck = min(float(scores.max()), scale.back(spread.at(RECHECK_SIGMAS)))
    return ScoreLimits(recheck, max(recheck, scale.back(spread.at(REJECT_SIGMAS))))


def after_review(
    good: NDArray[np.float64], bad: NDArray[np.float64], scale: Scale | None = None
) -> ScoreLimits:
    """Limits from the first parts of a line, once a person has labelled the oddest of them.

    `good`: all but those labelled bad, and without those that are good but odd, which are to be
    taught: one of them would move reject beyond many bad parts. `bad` may be empty.
    """
    scale = scale or scale_of(np.concatenate([good, bad]))
    spread = spread_of(good, scale)
    reject = min(_above(good, scale, spread), scale.back(spread.at(REJECT_SIGMAS)))
    recheck = min(_told(good, bad, scale), scale.back(spread.at(RECHECK_SIGMAS)))
    # what is beyond all good parts stays rejected, wherever bad ones begin
    return ScoreLimits(min(recheck, reject), reject)


def _above(good: NDArray[np.float64], scale: Scale, spread: Spread) -> float:
    """Two per cent above the highest good part, by the scale's own measure."""
    highest = float(good.max())
    if highest > 0 and scale.ratio:
        return scale.back(float(scale.forward(np.array([highest]))[0]) + math.log1p(ABOVE_GOOD))
    # scores without a zero: of the way from the middle
    return highest + ABOVE_GOOD * max(highest - spread.median, spread.sigma)


def _told(good: NDArray[np.float64], bad: NDArray[np.float64], scale: Scale) -> float:
    """Half way from the lowest bad part above most good ones to the good part below it."""
    told = bad[bad > float(np.quantile(good, TOLD_SHARE))]
    if not len(told):
        return math.inf
    first = float(told.min())
    # there is one: at most a tenth of the good parts lie above
    return scale.middle(float(good[good <= first].max()), first)
