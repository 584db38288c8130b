"""What a number of good parts can promise about those to come, in words."""

from __future__ import annotations

import math

from gonogo.base.interval import interval

SHARE_WANTED = 0.02  # of good parts: what a line is mostly asked to stay below
SURE = 0.95


def at_most(parts: int) -> float:
    """The share of good parts above all of `parts` that is not exceeded, 95 % sure; one-sided.

    Source: Clopper and Pearson, Biometrika 26 (1934), of 0 events.
    """
    # half of what a two-sided interval leaves out lies beyond its upper end
    return interval(0, parts, 1 - 2 * (1 - SURE))[1]


def parts_for(share: float) -> int:
    """How many good parts it takes to be 95 % sure that at most `share` lie above all of them."""
    return math.ceil(math.log(1 - SURE) / math.log1p(-share))


def promise(parts: int) -> str:
    """What limits from so many good parts alone can promise, and what it takes for more."""
    said = (
        f"by {parts} good parts no more than this can be promised: of the next good parts up to 1 "
        f"in {parts + 1} may score above all of these ({100 * SURE:g} % sure of at most "
        f"{_percent(at_most(parts))})"
    )
    enough = parts_for(SHARE_WANTED)
    if parts >= enough:
        return said
    return (
        f"{said}; it takes {enough} to be as sure of {100 * SHARE_WANTED:g} %: until then what "
        "lies between recheck and reject is to be looked at, and is no certain defect"
    )


def _percent(share: float) -> str:
    # 19.3 of 14 parts is no better known than 19
    return f"{100 * share:.0f} %" if share >= SHARE_WANTED else f"{100 * share:.1f} %"
