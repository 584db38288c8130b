"""Limits from good parts and from bad ones: what good parts alone allow, drawn in where that helps.

Limits that follow from good parts (gonogo.rules.limits) leave room for good parts to come. A bad
part that no rule rejects by them may still lie beyond every good part that was seen: then the one
limit that it is furthest beyond is drawn in, to half way between it and the good parts. No good
part that was seen is rejected for that. What all of it costs and catches is counted on parts that
were left out in turn: their own values did not make the limits that judge them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import StationFileError
from gonogo.base.interval import estimate
from gonogo.rules.limits import propose_for, step_of, tidy, within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.interval import Estimate
    from gonogo.rules.limits import RuleLimits
    from gonogo.rules.ruleset import RuleSection

    Values = NDArray[np.float64]

FOLDS = 20  # the parts are left out in so many turns
SOME_TOLD, MOST_TOLD = 0.2, 0.8  # shares by which good and bad look exchanged
GAP_SIGMA = 1.0  # nearer to the good parts than that, a bad part is none that a limit can tell


class Sets(NamedTuple):
    """Values of good and of bad parts, float64 (rules, parts); nan where a rule cannot tell."""

    rules: tuple[RuleSection, ...]
    good: Values
    bad: Values


class Limits(NamedTuple):
    """Of one rule, inclusive; -inf and inf are none. `from_good`: None where none follow.

    `why_not` says why.
    """

    low: float
    high: float
    from_good: RuleLimits | None
    why_not: str = ""

    @property
    def known(self) -> bool:
        """Whether there is any."""
        return self.from_good is not None and (math.isfinite(self.low) or math.isfinite(self.high))

    def reject(self, values: Values) -> NDArray[np.bool_]:
        """Which values lie outside, those that could not be measured among them."""
        return ~((values >= self.low) & (values <= self.high))


class Expected(NamedTuple):
    """What parts to come may meet, all rules of the view together; None of no or too few parts."""

    overkill: Estimate | None
    escape: Estimate | None


def limits_from(sets: Sets, *, pool: bool = False) -> list[Limits]:
    """Limits for each rule; `pool`: all of them look for one thing in several places."""
    good = np.broadcast_to(sets.good.ravel(), (len(sets.rules), sets.good.size)) if pool else None
    values = sets.good if good is None else good
    found = [_from_good(rule, row) for rule, row in zip(sets.rules, values, strict=True)]
    # pooled limits stay the same for all
    return found if pool else _drawn_in(sets, found)


def rejected(limits: Sequence[Limits], values: Values) -> NDArray[np.bool_]:
    """Which parts any of the rules rejects, (parts,)."""
    rows = [limit.reject(row) for limit, row in zip(limits, values, strict=True)]
    return np.any(rows, axis=0) if rows else np.zeros(values.shape[1], np.bool_)


def expected(sets: Sets, *, pool: bool = False) -> Expected:
    """Overkill and escape of parts to come, counted on parts that were left out in turn."""
    known = _number(limits_from(sets, pool=pool))
    good = _left_out(
        sets.good, lambda rest: limits_from(sets._replace(good=rest), pool=pool), known
    )
    bad = _left_out(sets.bad, lambda rest: limits_from(sets._replace(bad=rest), pool=pool), known)
    return Expected(
        None if good is None or not good.size else estimate(int(good.sum()), good.size),
        None if bad is None or not bad.size else estimate(int((~bad).sum()), bad.size),
    )


def stated(rules: Sequence[RuleSection]) -> list[Limits] | None:
    """The limits that the sections have; None where one has none."""
    if any(rule.low is None and rule.high is None for rule in rules):
        return None
    return [
        Limits(
            -math.inf if rule.low is None else rule.low,
            math.inf if rule.high is None else rule.high,
            None,
        )
        for rule in rules
    ]


def exchanged(sets: Sets, limits: Sequence[Limits]) -> bool:
    """Whether good and bad look exchanged.

    By the limits that the rules have already, or as limits from the bad ones tell more than these.
    """
    if not sets.bad.size or not sets.good.size:
        return False
    now = stated(sets.rules)
    if now is not None and _turns(now, sets):
        return True
    turned = limits_from(Sets(sets.rules, sets.bad, sets.good))
    if any(limit.from_good is None for limit in turned):
        return False
    tells = float(rejected(limits, sets.bad).mean())
    return tells < SOME_TOLD and float(rejected(turned, sets.good).mean()) > MOST_TOLD


def _turns(limits: Sequence[Limits], sets: Sets) -> bool:
    """Whether limits let nearly all bad parts pass, and reject most good ones."""
    passed = 1 - float(rejected(limits, sets.bad).mean())
    return passed > MOST_TOLD and float(rejected(limits, sets.good).mean()) > 0.5  # noqa: PLR2004


def _from_good(rule: RuleSection, values: Values) -> Limits:
    try:
        found = propose_for(rule, values.tolist())
    except StationFileError as error:
        # a rule without limits rejects what it cannot measure, and nothing else
        return Limits(-math.inf, math.inf, None, str(error.args[0]).removeprefix("limits: "))
    return Limits(found.low, found.high, found)


def _drawn_in(sets: Sets, limits: list[Limits]) -> list[Limits]:
    missed = ~rejected(limits, sets.bad)
    # each turn rejects one part more, at the least
    while missed.any():
        best = _furthest(sets, limits, np.flatnonzero(missed))
        if best is None:
            break
        rule, value = best
        limits[rule] = _beside(sets.rules[rule], limits[rule], sets.good[rule], value)
        missed &= ~rejected(limits, sets.bad)
        missed &= sets.bad[rule] != value  # also where no limit fits between
    return limits


def _furthest(
    sets: Sets, limits: Sequence[Limits], missed: NDArray[np.int64]
) -> tuple[int, float] | None:
    """The rule, and the value of a missed part, that lies furthest beyond the good ones."""
    found: list[tuple[float, int, float]] = []
    for number, limit in enumerate(limits):
        if limit.from_good is None:
            continue
        least, most = np.nanmin(sets.good[number]), np.nanmax(sets.good[number])
        sigma = limit.from_good.sigma or math.ulp(1.0)
        for value in sets.bad[number, missed].tolist():
            beyond = max(least - value, value - most) / sigma
            if beyond > GAP_SIGMA:
                found.append((beyond, number, value))
    return max(found)[1:] if found else None


def _beside(rule: RuleSection, limit: Limits, good: Values, bad: float) -> Limits:
    """The limit on the side of a bad value drawn in to half way between it and the good ones."""
    least, most = float(np.nanmin(good)), float(np.nanmax(good))
    step = step_of(0.0 if limit.from_good is None else limit.from_good.sigma)
    if bad < least:
        low, _ = within(rule, tidy((bad + least) / 2, step), math.inf)
        return limit._replace(low=max(low, limit.low))
    _, high = within(rule, -math.inf, tidy((bad + most) / 2, step))
    return limit._replace(high=min(high, limit.high))


def _left_out(
    values: Values, limits_of: Callable[[Values], list[Limits]], known: int
) -> NDArray[np.bool_] | None:
    """Which parts are rejected by limits that follow from the others, (parts,).

    None where the others are too few for as many limits as there are (`known`).
    """
    parts = np.arange(values.shape[1])
    out = np.zeros(parts.size, np.bool_)
    folds = min(FOLDS, parts.size)
    for fold in range(folds):
        apart = parts % folds == fold
        limits = limits_of(values[:, ~apart])
        if _number(limits) < known:
            return None
        out[apart] = rejected(limits, values[:, apart])
    return out


def _number(limits: Sequence[Limits]) -> int:
    return sum(limit.from_good is not None for limit in limits)
