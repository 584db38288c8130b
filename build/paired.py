"""Which of two is wrong more often, from cases that both judged: an exact test of the pairs.

A case on which both are right, or both wrong, says nothing of which is better. What is left are
pairs with one of the two wrong; were both as good, they would fall to either side by chance.

Source: McNemar, Psychometrika 12 (1947), with the binomial distribution itself in place of its
approximation by chi square.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

import numpy as np

LEVEL = 0.05  # two-sided: what passes for chance alone in one of twenty comparisons
PAIRS_MAX = 2_000  # further than that nobody reads parts by hand
_SLACK = 1 + 1e-7  # a sum of floats: what is as likely as what was seen counts with it


class Answer(str, Enum):
    """Of the second of the two, beside the first."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "not yet known"


class Pairs(NamedTuple):
    """Cases with the first alone wrong, and with the second alone wrong.

    `share`, 0 .. 1: of such cases of which the first is wrong, were both as good. It is one half
    unless cases of one side are seen more often than those of the other.
    """

    first: int
    second: int
    share: float = 0.5

    @property
    def p(self) -> float:
        """How likely chance alone makes them as uneven, two-sided; 1 of none."""
        return chance(self.first, self.first + self.second, self.share)

    @property
    def answer(self) -> Answer:
        """Whether the second is better."""
        if self.p >= LEVEL:
            return Answer.UNKNOWN
        return Answer.BETTER if self._leans else Answer.WORSE

    @property
    def needed(self) -> int | None:
        """So many pairs in all would do, if they go on falling as they fell.

        None where that would be more than PAIRS_MAX: as far as can be seen both are as good.
        """
        count = self.first + self.second
        # of none: the least that could do, all of them on the side on which they are expected less
        part = self.first / count if count else float(self.share <= 1 / 2)
        for more in range(count, PAIRS_MAX + 1):
            if chance(round(part * more), more, self.share) < LEVEL:
                return more
        return None

    @property
    def _leans(self) -> bool:
        return self.first > self.share * (self.first + self.second)


def chance(events: int, of: int, share: float = 0.5) -> float:
    """Probability of what is no likelier than `events` in `of` trials, each true in `share`.

    The two-sided exact binomial test: all outcomes that are as unlikely are summed. 1 of none.
    """
    if not of:
        return 1.0
    if share in {0.0, 1.0}:
        return float(events == round(of * share))
    k = np.arange(of + 1)
    # in logarithms: factorials of more than 170 are beyond a float
    logs = np.concatenate(([0.0], np.cumsum(np.log(k[1:]))))
    ways = logs[-1] - logs - logs[::-1]
    likely = np.exp(ways + k * math.log(share) + (of - k) * math.log1p(-share))
    return min(1.0, float(likely[likely <= likely[events] * _SLACK].sum()))
