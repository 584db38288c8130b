"""Accept, recheck or reject: the two limits from scores, and what they are expected to cost.

Good parts alone give the limits of the first day (gonogo.build.fewparts), as in `gonogo
teach`. Bad parts move them, so that escape (a bad part accepted) is small first and overkill (a
good part rejected) second:

            accept                recheck                reject
    good  ..::||||::..  .   |  .                   |  : ::.:. : ..  bad
                   |__ 90 % |          |___________|
                       half way        the lowest bad part above every good one

Recheck never begins below 90 % of the good parts: bad parts that score like good ones are
escapes wherever the limits are, and a station that rechecks every part is of no use.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ScoresError
from gonogo.base.interval import Estimate, estimate
from gonogo.base.scores import ScoreLimits, by_score
from gonogo.base.words import VerdictKind
from gonogo.build.fewparts import day_zero
from gonogo.build.goodparts import MIN_PARTS
from gonogo.build.limits import scale_of
from gonogo.build.promise import promise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.build.limits import Scale

ACCEPT_SHARE = 0.9  # of the good parts: recheck begins above them
ROUNDS_MAX = 200  # up to so many parts each is left out alone; of more, as many groups


class Thresholds(NamedTuple):
    """In the model's unit: up to `recheck_above` accept, up to `reject_above` recheck, else reject.

    `overkill`: good parts rejected; `recheck`: good parts rechecked; `escape`: bad parts
    accepted, None without bad parts. `how` says in one sentence what was done.
    """

    recheck_above: float
    reject_above: float
    overkill: Estimate
    recheck: Estimate
    escape: Estimate | None
    how: str

    def expected(self) -> list[str]:
        """A line for each estimate."""
        escape = "unknown: no bad parts were scored" if self.escape is None else self.escape
        return [
            f"overkill, good parts rejected: {self.overkill}",
            f"recheck, good parts looked at again: {self.recheck}",
            f"escape, bad parts accepted: {escape}",
        ]

    @property
    def promise(self) -> str:
        """What the good parts behind these limits can promise about those to come."""
        return promise(self.overkill.of)


def propose(good: Sequence[float], bad: Sequence[float] = ()) -> Thresholds:
    """Limits from scores of good parts and, where there are any, of bad ones.

    The scores must be of parts that the model was not fitted to. The estimates are of
    parts that were left out when the limits were set. ScoresError for fewer than
    MIN_PARTS good parts, and for scores that are not numbers.
    """
    kept, caught = checked("good", good), checked("bad", bad)
    if len(kept) < MIN_PARTS:
        raise ScoresError(
            f"{len(kept)} scores of good parts, expected at least {MIN_PARTS}, better 30; "
            "score more good parts"
        )
    scale = scale_of(np.concatenate([kept, caught]))
    with np.errstate(over="ignore", invalid="ignore"):  # said below
        # one scale for all rounds: whether scores are probabilities does not change with one part
        limits = _limits(kept, caught, scale)
        # counted on parts that had no part in the limits, as the next one will have none
        good_left = _left_out(kept, lambda some: _limits(some, caught, scale))
        bad_left = _left_out(caught, lambda some: _limits(kept, some, scale))
    if not (math.isfinite(limits.recheck_above) and math.isfinite(limits.reject_above)):
        raise ScoresError(
            f"scores of good parts from {kept.min():g} to {kept.max():g} lie too far apart for "
            "limits, expected a few powers of ten; look at the parts at both ends"
        )
    return Thresholds(
        limits.recheck_above,
        limits.reject_above,
        estimate(good_left.count(VerdictKind.REJECT), len(kept)),
        estimate(good_left.count(VerdictKind.RECHECK), len(kept)),
        estimate(bad_left.count(VerdictKind.ACCEPT), len(caught)) if bad_left else None,
        _how(kept, caught),
    )


def checked(name: str, scores: Sequence[float]) -> NDArray[np.float64]:
    """The scores (parts,) float64; ScoresError when one is not a finite number."""
    values = np.asarray(scores, np.float64)
    broken = np.flatnonzero(~np.isfinite(values))
    if len(broken):
        raise ScoresError(
            f"score {broken[0] + 1} of the {len(values)} {name} parts is {values[broken[0]]}, "
            "expected a number; this model cannot judge such a part"
        )
    return values


def _limits(good: NDArray[np.float64], bad: NDArray[np.float64], scale: Scale) -> ScoreLimits:
    alone = day_zero(good, scale)
    return ScoreLimits(
        _recheck_above(alone, good, bad, scale), _reject_above(alone, good, bad, scale)
    )


def _recheck_above(
    alone: ScoreLimits, good: NDArray[np.float64], bad: NDArray[np.float64], scale: Scale
) -> float:
    """Half way from most good parts to the first bad one that can be told from them."""
    most = float(np.quantile(good, ACCEPT_SHARE))
    # those that score like good parts would only move recheck into the good ones
    told = bad[bad > most]
    if not len(told):
        return alone.recheck_above
    # bad parts may draw recheck nearer, never further away
    return min(alone.recheck_above, scale.middle(most, float(told.min())))


def _reject_above(
    alone: ScoreLimits, good: NDArray[np.float64], bad: NDArray[np.float64], scale: Scale
) -> float:
    """Where bad parts begin beyond all good ones; in a wide gap, at its middle or beyond."""
    highest = float(good.max())
    # not one good part that was seen may be rejected for the sake of bad ones
    beyond = bad[bad > highest]
    if not len(beyond):
        return alone.reject_above
    first = float(beyond.min())
    # in a wide gap nobody knows where good ends: half way is fair to both
    return max(min(alone.reject_above, first), scale.middle(highest, first))


def _left_out(
    scores: NDArray[np.float64], limits_of: Callable[[NDArray[np.float64]], ScoreLimits]
) -> list[VerdictKind]:
    """What limits that were set without it say of each part."""
    # in turns through the list: neighbours may be alike
    group = np.arange(len(scores)) % ROUNDS_MAX
    found: list[VerdictKind] = []
    for k in range(min(len(scores), ROUNDS_MAX)):
        limits = limits_of(scores[group != k])
        found += [by_score(float(score), limits).kind for score in scores[group == k]]
    return found


def _how(good: NDArray[np.float64], bad: NDArray[np.float64]) -> str:
    parts = f"{len(good)} good parts"
    groups = max(len(good), len(bad)) > ROUNDS_MAX
    left_out = f"each of {ROUNDS_MAX} groups of parts" if groups else "each part"
    counted = f"the shares are of {left_out} left out in turn"
    if not len(bad):
        return (
            f"limits of the first day, from {parts} alone: recheck at the highest of them, or "
            f"where 1 in 100 lies above if their scores are as regular as they look, reject where "
            f"1 in 1000 does; {counted}"
        )
    return f"from {parts} and {len(bad)} bad: {_where(good, bad)}; {counted}"


def _where(good: NDArray[np.float64], bad: NDArray[np.float64]) -> str:
    # no limit tells these without rechecking most good parts
    hidden = int((bad <= np.quantile(good, ACCEPT_SHARE)).sum())
    if hidden == len(bad):
        return "the limits of good parts alone, for every bad part scores like a good one"
    where = (
        "recheck begins halfway between 90 % of the good parts and the first bad part above them, "
        "at most where it does by good parts alone, and reject where bad parts leave the good ones"
    )
    return f"{where}; {hidden} bad score like good ones" if hidden else where
