"""The sides of a decision, each by itself: what one of them lets slip, another need not catch."""

from __future__ import annotations

import math
import zlib
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX, Opinion, ScoreLimits, by_score
from gonogo.base.words import Mode, Reason, RuleResult, Score, Status, VerdictKind, ViewCapture
from gonogo.runtime import decide
from gonogo.runtime.decide import by_engine, heard, score_word, worse

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMITS = ScoreLimits(recheck_above=0.5, reject_above=1.0)
ORDER = (
    VerdictKind.NONE,
    VerdictKind.ACCEPT,
    VerdictKind.RECHECK,
    VerdictKind.REJECT,
    VerdictKind.NOT_INSPECTED,
)
SIDES = {
    "known": decide.known,
    "missing": lambda scores, limits: decide.missing(Reason.OK, scores, limits),
    "by_engine": by_engine,
    "heard": heard,
    "score_word": score_word,
}


def score(value: float, fault: Reason = Reason.OK) -> Score:
    """A score without the times, which decide nothing."""
    return Score(0, value, 0, 0, 0, fault)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("scores", "limits"), [([], [LIMITS]), ([score(0.0)], [])])
def test_each_side_refuses_scores_that_do_not_match_the_views(
    side: str, scores: Sequence[Score], limits: Sequence[ScoreLimits]
) -> None:
    """A view without a score, a score without a view: none of them takes the rest for all."""
    with pytest.raises(ValueError, match="zip"):
        SIDES[side](scores, limits)


@pytest.mark.parametrize(("milder", "harder"), list(combinations(ORDER, 2)))
def test_worse_is_the_more_severe_from_either_side(
    milder: VerdictKind, harder: VerdictKind
) -> None:
    """Nothing said, accept, recheck, reject, not inspected: in this order."""
    one, other = Opinion(milder, Reason.RULE), Opinion(harder, Reason.ENGINE)
    assert worse(one, other) == other
    assert worse(other, one) == other


@pytest.mark.parametrize("kind", ORDER)
def test_worse_keeps_the_first_reason_at_a_draw(kind: VerdictKind) -> None:
    """Both would have rejected: the PLC is told the first of the two, not the last."""
    one, other = Opinion(kind, Reason.RULE), Opinion(kind, Reason.ENGINE)
    assert worse(one, other).reason is Reason.RULE
    assert worse(other, one).reason is Reason.ENGINE


def test_decide_names_the_rule_where_rule_and_engine_agree() -> None:
    """A rule has measured something that can be shown; the engine has a number."""
    policy = decide.Policy((LIMITS,), VerdictKind.ACCEPT)
    fails = RuleResult(Status.FAIL, 1.0, 0.0, 2.0)
    verdict = decide.decide([ViewCapture(0, 0, 0)], [fails], [score(9.0)], policy, late=False)
    assert (verdict.kind, verdict.reason, verdict.engine) == (
        VerdictKind.REJECT,
        Reason.RULE,
        VerdictKind.REJECT,
    )


@pytest.mark.parametrize(
    ("expected", "engine_id", "fault"),
    [
        (None, 7, Reason.OK),
        (7, 7, Reason.OK),
        (8, 7, Reason.ENGINE_DATA),
        (0, 7, Reason.ENGINE_DATA),
    ],
)
def test_known_trusts_the_engine_that_the_limits_are_for(
    expected: int | None, engine_id: int, fault: Reason
) -> None:
    """Another one's number means another thing; where nobody is named, whoever answers."""
    limits = LIMITS._replace(engine_id=expected)
    (found,) = decide.known([score(0.1)._replace(engine_id=engine_id)], [limits])
    assert found is not None
    assert (found.fault, found.value) == (fault, 0.1)


def test_known_leaves_all_else_as_it_is() -> None:
    """No score, no engine there, and a fault that was known before: its reason stays."""
    named = LIMITS._replace(engine_id=8)
    scores = [None, score(0.1), score(0.2, Reason.FRAME)]
    assert decide.known(scores, [named, None, named]) == scores


def test_policy_names_the_engine_of_each_view() -> None:
    """None where there is no engine, and where the station file alone says which it is."""
    named = LIMITS._replace(engine_id=8)
    assert decide.Policy((named, None, LIMITS), VerdictKind.ACCEPT).engine_ids == (8, None, None)


def folded(text: str) -> int:
    """Both halves of its CRC-32, one on the other."""
    crc = zlib.crc32(text.encode())
    return (crc >> 16) ^ (crc & 0xFFFF)


def test_policy_word_is_the_sum_of_what_judges() -> None:
    """16 bits from all 32 of the CRC, so that no change hides in one half of it."""
    for checksum in range(200):
        policy = decide.Policy((LIMITS, None), VerdictKind.ACCEPT, checksum)
        assert policy.word == (folded(repr((checksum, (LIMITS, None)))) or 1)
    assert decide.Policy((None,), VerdictKind.ACCEPT).checksum == 0


def test_policy_word_is_never_zero() -> None:
    """Zero is what a PLC reads that was told nothing; the next free word stands for it."""
    zeros = (k for k in range(1 << 20) if not folded(repr((k, (None,)))))
    assert decide.Policy((None,), VerdictKind.ACCEPT, next(zeros)).word == 1


def test_heard_ignores_a_score_that_cannot_be_trusted() -> None:
    """Its number may be of another frame: it says nothing, neither good nor bad."""
    mad = score(9.0, Reason.ENGINE_DATA)
    assert heard([mad, None, score(9.0)], [LIMITS, LIMITS, None]).kind is VerdictKind.NONE
    assert heard([mad, score(0.7)], [LIMITS, LIMITS]) == Opinion(
        VerdictKind.RECHECK, Reason.ENGINE_DOUBT
    )


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1.0, VerdictKind.ACCEPT), (1.1, VerdictKind.REJECT), (1.5, VerdictKind.REJECT)],
)
def test_by_score_never_accepts_above_the_reject_limit(value: float, kind: VerdictKind) -> None:
    """Not even where a card has its two limits in the wrong order; at the limit is inside."""
    assert by_score(value, ScoreLimits(recheck_above=2.0, reject_above=1.0)).kind is kind


def test_score_word_is_that_of_the_plc_s_map() -> None:
    """5000 at the limit, 10000 at most: function blocks outside of this program count on it."""
    assert (SCORE_AT_LIMIT, SCORE_MAX) == (5000, 10000)
    assert score_word([score(0.0, Reason.ENGINE_DATA)], [LIMITS]) == 10000
    assert score_word([score(1.0)], [ScoreLimits(math.inf, math.inf)]) == 10000
    assert Mode.FULL < Mode.RULES_ONLY < Mode.SAFE, "modes are compared by how bad they are"
