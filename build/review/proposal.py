"""Limits from the scores of parts of which a person has seen those with the highest.

    score  high  |  a person said good, bad, or was not sure
                 |  ... the lowest part that was looked at
           low   |  ASSUMED GOOD: nobody looked; a bad part down here is an escape by any limit

What is expected is counted on parts that were left out when the limits were set. Where no
limits follow, that is said, and what to do: nothing is proposed in place of nonsense.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import NoLimitsFollow
from gonogo.base.interval import estimate
from gonogo.base.scores import ScoreLimits, by_score
from gonogo.base.words import VerdictKind
from gonogo.build.fewparts import after_review
from gonogo.build.goodparts import MIN_PARTS
from gonogo.build.limits import scale_of
from gonogo.build.thresholds import Thresholds, left_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Labelled(NamedTuple):
    """Scores float64 (parts,) in the model's unit, by what is known of the parts.

    `good`, `bad`: as a person said; `unsure`: looked at, and nobody knows. `assumed`: nobody
    looked, they score below `lowest`, the last that somebody was asked about. `last_is_bad`: what
    was said of the last of these of which anything is known.
    """

    good: NDArray[np.float64]
    bad: NDArray[np.float64]
    unsure: NDArray[np.float64]
    assumed: NDArray[np.float64]
    lowest: float
    last_is_bad: bool

    @property
    def taken_as_good(self) -> NDArray[np.float64]:
        """Those that are good, and those that are assumed to be."""
        return np.concatenate([self.good, self.assumed])

    @property
    def seen(self) -> int:
        """How many parts a person looked at."""
        return len(self.good) + len(self.bad) + len(self.unsure)


class Proposal(NamedTuple):
    """`expected` of the limits, and what those in force do to the same parts (`before`)."""

    labelled: Labelled
    expected: Thresholds
    before: Thresholds

    @property
    def limits(self) -> ScoreLimits:
        """As they are typed into a file: six digits say more than any review does."""
        recheck, reject = (float(f"{value:.6g}") for value in self.expected[:2])
        return ScoreLimits(recheck, max(recheck, reject))


def labelled(scores: NDArray[np.float64], said: Sequence[bool | None], asked: int) -> Labelled:
    """Of scores (parts,), the highest first, and what was said of each: good, bad, or nothing.

    The first `asked` were looked at; what is said of one below them counts as well.
    """
    good = np.array([word is True for word in said], bool)
    bad = np.array([word is False for word in said], bool)
    above = np.arange(len(scores)) < asked
    rest = ~good & ~bad
    lowest = float(scores[asked - 1]) if asked else math.inf
    known = [word for word in said[:asked] if word is not None]
    last_is_bad = bool(known) and not known[-1]
    unsure, assumed = rest & above, rest & ~above
    return Labelled(scores[good], scores[bad], scores[unsure], scores[assumed], lowest, last_is_bad)


def propose(found: Labelled, in_force: ScoreLimits) -> Proposal:
    """Limits after a review; NoLimitsFollow says why there are none, and what to do."""
    _refuse(found)
    how = (
        f"limits after a review: of {found.seen + len(found.assumed)} parts a person looked at "
        f"{found.seen}, {len(found.bad)} of them bad"
    )
    expected = after(found.taken_as_good, found.bad, how)
    if not np.isfinite(expected[:2]).all():
        raise NoLimitsFollow(
            f"scores of good parts from {found.taken_as_good.min():g} to "
            f"{found.taken_as_good.max():g} lie too far apart for limits: nothing is proposed. "
            "Look at the parts at both ends, and at the engine"
        )
    if (found.bad <= expected.recheck_above).all():
        raise NoLimitsFollow(
            f"every bad part scores like a good one ({len(found.bad)} bad up to "
            f"{found.bad.max():.4g}, good ones up to {found.taken_as_good.max():.4g}): no limit "
            "tells them apart, so nothing is proposed. Check the light and the picture, and teach "
            "the engine anew, from more good parts (gonogo teach)"
        )
    before = as_they_are(in_force, found.taken_as_good, found.bad, "the limits in force")
    return Proposal(found, expected, before)


def after(good: NDArray[np.float64], bad: NDArray[np.float64], how: str) -> Thresholds:
    """Limits after a review, and what they are expected to do to parts that had no part in them."""
    # one scale for all rounds, as without reviews (gonogo.build.thresholds)
    scale = scale_of(np.concatenate([good, bad]))
    with np.errstate(over="ignore", invalid="ignore"):  # whoever takes them looks
        limits = after_review(good, bad, scale)
        kept = left_out(good, lambda some: after_review(some, bad, scale))
        caught = left_out(bad, lambda some: after_review(good, some, scale))
    return _counted(limits, kept, caught, f"{how} (the shares are of parts left out in turn)")


def as_they_are(
    limits: ScoreLimits, good: NDArray[np.float64], bad: NDArray[np.float64], how: str
) -> Thresholds:
    """What limits that follow from other parts do to these."""
    kept, caught = ([by_score(float(x), limits).kind for x in some] for some in (good, bad))
    return _counted(limits, kept, caught, how)


def seem_more(bad: int, listed: int, *, last_is_bad: bool) -> bool:
    """Whether there seem to be bad parts below those that a person was shown."""
    return last_is_bad or 2 * bad > listed


def _refuse(found: Labelled) -> None:
    """Where what was said cannot lead to limits that are worth anything."""
    good, bad, seen = len(found.taken_as_good), len(found.bad), found.seen
    if not seen:
        raise NoLimitsFollow("nobody has looked at a part yet: nothing is proposed")
    if not bad:
        raise NoLimitsFollow(
            f"none of the {seen} parts that were looked at is bad: nobody knows where bad parts "
            "score, so nothing is proposed. Look at more of them (a larger --first or --top), or "
            "let bad parts that you have pass the station and review those"
        )
    if len(found.assumed) and seem_more(bad, seen, last_is_bad=found.last_is_bad):
        what = "all of them" if bad == seen else "the last one" if found.last_is_bad else "most"
        raise NoLimitsFollow(
            f"{bad} of the {seen} parts that were looked at are bad, {what}: below them there seem "
            "to be more, and those would count as good. Nothing is proposed; go on with "
            f"--top {max(2 * seen, 3 * bad)}"
        )
    if good < MIN_PARTS:
        raise NoLimitsFollow(
            f"{good} good parts, expected at least {MIN_PARTS}: nothing is proposed. Where nearly "
            "all parts are bad the engine was taught something else than what passes here: teach "
            "it good parts of this line (gonogo teach)"
        )


def _counted(
    limits: ScoreLimits, good: Sequence[VerdictKind], bad: Sequence[VerdictKind], how: str
) -> Thresholds:
    return Thresholds(
        limits.recheck_above,
        limits.reject_above,
        estimate(good.count(VerdictKind.REJECT), len(good)),
        estimate(good.count(VerdictKind.RECHECK), len(good)),
        estimate(bad.count(VerdictKind.ACCEPT), len(bad)) if len(bad) else None,
        how,
    )
