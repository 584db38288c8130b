"""Limits learnt from good parts alone.

A limit must leave room for the good parts that were not seen. With n values of
standard deviation s, the next one of a normal distribution lies outside
centre +- t s sqrt(1 + 1/n) once in `parts` parts, where t is the two-sided quantile
of Student's t with n - 1 degrees of freedom (prediction interval: G. Hahn, W. Meeker,
Statistical Intervals, 1991, ch. 4). The centre is the median; s is the larger of the
sample's standard deviation and 1.4826 times its median absolute deviation, and never
below a floor: the resolution of the measurement (`FLOOR` of its unit) or `FLOOR_PCT`
of the centre. Good parts that all measure the same still differ a little tomorrow.
No good part it was learnt from lies outside: where one would, the limit moves to the
floor beyond it, and the part is named as a suspect to be looked at.

A contrast in percent (presence by intensity) is a ratio: its limits are found in the
logarithm of 1 + value/100, so that a low limit stays above -100 %.

What cannot be is never proposed: no limit beyond what a rule can measure at all (no negative
distance), none on a side where more is only better, and none between two whole numbers of a count.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import StationFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.rules.ruleset import RuleSection

# a standard deviation of fewer says nothing
FEWEST = 5
FLOOR_PCT = 0.2
FLOOR = {"%": 0.02, "dE": 0.3, "deg": 0.2, "count": 0.0, "px": 0.5}  # by unit; others: none
WHOLE = "count"  # the unit of what comes in whole numbers alone
TINY = 1e-9
MAD_TO_SIGMA = 1.4826
SUSPECT_SIGMA = 5.0  # robust ones: a suspect must not hide itself by its own spread
ONE_IN = 370.0  # of good parts outside +- 3 sigma: the control limits of W. Shewhart, 1931


class RuleLimits(NamedTuple):
    """Proposed limits in the rule's unit, and what they rest on.

    A side that needs no limit has -inf or inf. `sigma`: the spread that they follow from.
    `measured` and `unmeasured` count the good parts that could and could not be measured;
    `suspects` are the places of values so far from the others (5 robust sigma) that
    their images deserve a look.
    """

    low: float
    high: float
    centre: float
    sigma: float
    measured: int
    unmeasured: int
    suspects: tuple[int, ...]


def propose(values: Sequence[float], unit: str = "", parts: float = ONE_IN) -> RuleLimits:
    """Limits that a good part leaves about once in `parts`; nan: a part could not be measured.

    Values of several rules that look for the same component at several places may be
    put together: they give one pair of limits for all of them. StationFileError with
    fewer than 5 measured values.
    """
    every = np.asarray(values, np.float64)
    # nan is a part that could not be measured, which is no value
    known = np.isfinite(every)
    good = every[known]
    if good.size < FEWEST:
        raise StationFileError(
            f"limits: expected at least {FEWEST} good parts that can be measured, "
            f"got {good.size} of {every.size}; check roi and segment, or bring more good parts"
        )
    centre = float(np.median(good))
    floor = max(FLOOR.get(unit, 0.0), abs(centre) * FLOOR_PCT / 100)
    robust = MAD_TO_SIGMA * float(np.median(np.abs(good - centre)))
    # the larger: the robust one leaves out a tail that may be real
    sigma = max(robust, float(np.std(good, ddof=1)), floor)
    reach = student_t(1 - 0.5 / parts, good.size - 1) * sigma * math.sqrt(1 + 1 / good.size)
    # by the robust spread: one wild part widens the other one until it is inside
    far = np.abs(np.nan_to_num(every, nan=centre) - centre) > SUSPECT_SIGMA * max(robust, floor)
    return RuleLimits(
        # no good part that was seen lies outside its own limits
        min(centre - reach, float(good.min()) - floor),
        max(centre + reach, float(good.max()) + floor),
        centre, sigma, good.size, every.size - good.size, tuple(map(int, np.flatnonzero(far))),
    )  # fmt: skip


def propose_contrast(values: Sequence[float], parts: float = ONE_IN) -> RuleLimits:
    """As `propose`, for values in percent that are ratios less one; `sigma` is in percent too."""
    # a ratio is symmetric in its logarithm: half as bright is as far off as twice
    shifted = [math.log1p(value / 100) if value > -100 else math.nan for value in values]  # noqa: PLR2004 - -100 % is black
    found = propose(shifted, parts=parts)
    low, high, centre = map(math.expm1, (found.low, found.high, found.centre))
    return found._replace(
        low=100 * low, high=100 * high, centre=100 * centre, sigma=100 * found.sigma
    )


def propose_for(section: RuleSection, values: Sequence[float], parts: float = ONE_IN) -> RuleLimits:
    """Limits for the rule of a section, by what it measures; only such as can be."""
    if section.measures_a_ratio:
        found = propose_contrast(values, parts)
    else:
        found = propose(values, section.unit, parts)
    least, most = section.value_range
    low = -_outwards(-found.low, step_of(found.sigma), -least)
    high = _outwards(found.high, step_of(found.sigma), most)
    low, high = possible(section, low, high)
    return found._replace(low=low, high=high)


def _outwards(high: float, step: float, most: float) -> float:
    """Rounded up to a step; to a finer one where that would reach `most`, and mean no limit."""
    while high < most:
        rounded = tidy(math.ceil(high / step) * step, step)
        if high <= rounded < most:
            return rounded
        if step < TINY:
            break
        step /= 10
    return high


def step_of(sigma: float) -> float:
    """A power of ten that is a tenth of a spread at most: finer says nothing of parts."""
    return 10.0 ** (math.floor(math.log10(max(sigma, TINY))) - 1)


def tidy(value: float, step: float) -> float:
    """A multiple of a power of ten without the digits that a float adds to it."""
    return round(value, max(0, -round(math.log10(step))))


def possible(section: RuleSection, low: float, high: float) -> tuple[float, float]:
    """The same limits as far as good parts alone can ask for them; -inf and inf are none."""
    below, above = section.limited_sides
    return within(section, low if below else -math.inf, high if above else math.inf)


def within(section: RuleSection, low: float, high: float) -> tuple[float, float]:
    """The same limits as far as the rule can measure beyond them; -inf and inf are none."""
    if section.unit == WHOLE:
        # inwards: the whole numbers that lie between both
        low = math.ceil(low - TINY) if math.isfinite(low) else low
        high = math.floor(high + TINY) if math.isfinite(high) else high
    least, most = section.value_range
    return low if low > least else -math.inf, high if high < most else math.inf


@lru_cache(maxsize=4096)
def student_t(probability: float, freedom: int) -> float:
    """Quantile of Student's t, by adding up its density.

    With t = sqrt(n) tan(angle) the density is cos(angle) ** (n - 1), which is
    smooth and bounded; the grid is fine enough for 5 digits.
    """
    # no library of statistics for one quantile
    angle = np.linspace(0.0, math.pi / 2, 100_001)
    density = np.cos(angle) ** (freedom - 1)
    total = np.concatenate(([0.0], np.cumsum(density[1:] + density[:-1])))
    at = float(np.interp(2 * probability - 1, total / total[-1], angle))
    return math.sqrt(freedom) * math.tan(at)
