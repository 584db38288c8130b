"""Scores and their limits: what a number of an engine means for the verdict."""

from __future__ import annotations

import math
from typing import NamedTuple

from gonogo.base.words import Reason, VerdictKind

SCORE_AT_LIMIT = 5000
SCORE_MAX = 10000


class ScoreLimits(NamedTuple):
    """Score limits of a view's engine, in the model's unit; higher is worse.

    `engine_id`: whose scores they are for; None where the station file alone says it.
    """

    recheck_above: float
    reject_above: float
    engine_id: int | None = None


class Opinion(NamedTuple):
    """One side's verdict; NONE when that side does not exist or said nothing."""

    kind: VerdictKind
    reason: Reason


def by_score(value: float, limit: ScoreLimits) -> Opinion:
    """One score against its limits; anything that does not compare is a reject."""
    if not math.isfinite(value):
        return Opinion(VerdictKind.REJECT, Reason.ENGINE_DATA)
    if value <= limit.recheck_above and value <= limit.reject_above:
        return Opinion(VerdictKind.ACCEPT, Reason.OK)
    if value <= limit.reject_above:
        return Opinion(VerdictKind.RECHECK, Reason.ENGINE_DOUBT)
    return Opinion(VerdictKind.REJECT, Reason.ENGINE)
