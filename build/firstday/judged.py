"""Rules and engine together: the engine's limits, and what both are worth on parts left out.

The scores of good parts are out of fold, and no engine was taught a bad part: what the rules and
the limits of the engine follow from is all that has to be left out, part by part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.interval import estimate
from gonogo.base.scores import ScoreLimits
from gonogo.build.fewparts import day_zero
from gonogo.build.firstday.choose import choose, fitted, rejected
from gonogo.build.limits import scale_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.interval import Estimate
    from gonogo.build.firstday.choose import Chosen, Measurements
    from gonogo.rules.limits import RuleLimits

    Values = NDArray[np.float64]

FOLDS = 20  # the parts are left out in so many turns
GOOD_SHARE = 0.95  # of the good parts: bad ones draw a recheck no further down


class Scores(NamedTuple):
    """Of the engine, float64 (parts,); none of both where there is no engine."""

    good: Values
    bad: Values


class Judges(NamedTuple):
    """What judges parts: rules, and limits of the engine where there is one.

    `drawn`: whether bad parts that the rules let pass have drawn in where a recheck begins.
    """

    rules: tuple[Chosen, ...]
    engine: ScoreLimits | None
    drawn: bool


class Expected(NamedTuple):
    """Of parts to come: good ones not accepted, and bad ones accepted; None of no bad parts."""

    overkill: Estimate
    escape: Estimate | None


def judges_of(values: Measurements, scores: Scores | None) -> Judges:
    """Rules, and limits of the engine for what these let pass."""
    return _judges(values, scores)


def expected(values: Measurements, scores: Scores | None) -> Expected:
    """Counted on parts that were left out in turn, when rules and limits were chosen."""
    good, bad = values.good.shape[1], values.bad.shape[1]
    fits = fitted(values)

    def of_good(apart: NDArray[np.bool_]) -> Judges:
        rest = values.without(good=apart)
        left = None if scores is None else scores._replace(good=scores.good[~apart])
        return _judges(rest, left)

    def of_bad(apart: NDArray[np.bool_]) -> Judges:
        rest = values.without(bad=apart)
        left = None if scores is None else scores._replace(bad=scores.bad[~apart])
        return _judges(rest, left, fits)

    thrown = _left_out(values.good, None if scores is None else scores.good, of_good)
    told = _left_out(values.bad, None if scores is None else scores.bad, of_bad)
    return Expected(
        estimate(int(thrown.sum()), good), estimate(int((~told).sum()), bad) if bad else None
    )


def accepted(judges: Judges, values: Values, scores: Values | None) -> NDArray[np.bool_]:
    """Which parts, (parts,), both let pass; a recheck is none."""
    passed = ~rejected(judges.rules, values)
    if judges.engine is not None and scores is not None:
        passed &= scores <= judges.engine.recheck_above
    return passed


def _judges(
    values: Measurements, scores: Scores | None, fits: Sequence[RuleLimits | None] | None = None
) -> Judges:
    if scores is None:
        nobody = np.zeros(values.bad.shape[1], np.bool_)
        return Judges(tuple(choose(values, nobody, fits)), None, drawn=False)
    alone = day_zero(scores.good)
    rules = choose(values, scores.bad > alone.recheck_above, fits)
    limits = _drawn_in(alone, scores.good, scores.bad[~rejected(rules, values.bad)])
    return Judges(tuple(rules), limits, drawn=limits != alone)


def _drawn_in(alone: ScoreLimits, good: Values, missed: Values) -> ScoreLimits:
    """Where a recheck begins: half way from most good parts to the first bad one above them."""
    most = float(np.quantile(good, GOOD_SHARE))
    told = missed[missed > most]
    if not told.size:
        return alone
    scale = scale_of(np.concatenate([good, missed]))
    recheck = min(alone.recheck_above, scale.middle(most, float(told.min())))
    return ScoreLimits(recheck, max(recheck, alone.reject_above))


def _left_out(
    values: Values, scores: Values | None, judges_of: Callable[[NDArray[np.bool_]], Judges]
) -> NDArray[np.bool_]:
    """Which parts (parts,) are not accepted by what follows from the others."""
    parts = np.arange(values.shape[1])
    out = np.zeros(parts.size, np.bool_)
    folds = min(FOLDS, parts.size)
    for fold in range(folds):
        apart = parts % folds == fold
        judges = judges_of(apart)
        out[apart] = ~accepted(judges, values[:, apart], None if scores is None else scores[apart])
    return out
