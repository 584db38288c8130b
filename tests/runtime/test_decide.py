"""From looks, checks and scores to a verdict: an ACCEPT has every ground it needs, or is none."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.scores import SCORE_AT_LIMIT, SCORE_MAX, ScoreLimits
from gonogo.base.words import (
    Mode,
    Reason,
    RuleResult,
    Score,
    Status,
    Verdict,
    VerdictKind,
    ViewCapture,
)
from gonogo.runtime.decide import Policy, decide, score_word

if TYPE_CHECKING:
    from random import Random

LIMITS = ScoreLimits(recheck_above=0.5, reject_above=1.0)
PASS, FAIL, BLIND = (RuleResult(status, 1.0, 0.0, 2.0) for status in Status)
LOOK = ViewCapture(0, 0, 0)
ENGINELESS = [VerdictKind.ACCEPT, VerdictKind.RECHECK, VerdictKind.REJECT, VerdictKind.NONE]


def score(value: float, view: int = 0, fault: Reason = Reason.OK) -> Score:
    """A score without the times, which decide nothing."""
    return Score(view, value, 0, 0, 0, fault)


class Case(NamedTuple):
    """All that `decide` is given; `views` holds (camera fault, limits, score) of each."""

    views: tuple[tuple[Reason, ScoreLimits | None, Score | None], ...]
    checks: tuple[RuleResult, ...]
    engineless: VerdictKind
    late: bool

    def decide(self) -> Verdict:
        """The verdict of the code under test."""
        looks = [ViewCapture(k, 0, 0, fault) for k, (fault, _, _) in enumerate(self.views)]
        policy = Policy(tuple(limits for _, limits, _ in self.views), self.engineless)
        scores = [s for _, _, s in self.views]
        return decide(looks, self.checks, scores, policy, late=self.late)

    def acceptable(self) -> bool:
        """Whether this part may be accepted, in the words of the promise."""
        judged = [(s, limits) for _, limits, s in self.views if limits is not None]
        heard = [(s, limits) for s, limits in judged if s is not None and s.fault is Reason.OK]
        fine = all(
            math.isfinite(s.value) and s.value <= limits.recheck_above for s, limits in heard
        )
        seen = all(fault is Reason.OK for fault, _, _ in self.views)
        passed = all(check.status is Status.PASS for check in self.checks)
        if len(heard) < len(judged):
            grounds = self.engineless is VerdictKind.ACCEPT and len(self.checks) > 0
        else:
            grounds = len(judged) + len(self.checks) > 0
        return seen and fine and passed and grounds and not self.late


def limits_of(pair: tuple[float, float]) -> ScoreLimits:
    """A pair in the order that the station enforces."""
    return ScoreLimits(min(pair), max(pair))


NUMBERS = st.floats(-10, 10)
VALUES = st.floats() | NUMBERS
PAIRS = st.tuples(NUMBERS, NUMBERS).map(limits_of)
SCORES = st.builds(score, VALUES, fault=st.sampled_from([Reason.OK, Reason.OK, Reason.ENGINE_DATA]))
FAULTS = st.sampled_from([Reason.OK] * 6 + [Reason.CAMERA, Reason.FRAME])
CASES = st.builds(
    Case,
    st.lists(st.tuples(FAULTS, st.none() | PAIRS, st.none() | SCORES), max_size=3).map(tuple),
    st.lists(st.sampled_from([PASS, PASS, PASS, FAIL, BLIND]), max_size=3).map(tuple),
    st.sampled_from(ENGINELESS),
    st.sampled_from([False, False, False, True]),
)


@given(CASES)
def test_decide_accepts_exactly_when_every_ground_is_there(case: Case) -> None:
    """Any scores, faults, rules and policies: ACCEPT if and only if the promise allows it."""
    assert (case.decide().kind is VerdictKind.ACCEPT) == case.acceptable()


def test_decide_accepts_exactly_when_every_ground_is_there_exhaustively() -> None:
    """Two views and up to two rules: all of the combinations that differ in kind."""
    one_view = list(
        product(
            (Reason.OK, Reason.CAMERA),
            (None, LIMITS),
            (
                None,
                *(score(v) for v in (0.5, 0.75, 1.5, math.nan, -math.inf)),
                score(0.1, fault=Reason.ENGINE_DATA),
            ),
        )
    )
    rules = [(), (PASS,), (PASS, FAIL), (BLIND, PASS)]
    wrong = [
        case
        for views in product(one_view, repeat=2)
        for rest in product(rules, (VerdictKind.ACCEPT, VerdictKind.RECHECK), (False, True))
        for case in [Case(views, *rest)]
        if (case.decide().kind is VerdictKind.ACCEPT) != case.acceptable()
    ]
    assert wrong == []


@given(CASES, st.randoms(use_true_random=False))
def test_decide_does_not_depend_on_the_order_of_views_or_rules(case: Case, random: Random) -> None:
    """A part is as good as its worst view, whichever that is."""
    views, checks = list(case.views), list(case.checks)
    random.shuffle(views)
    random.shuffle(checks)
    verdict, other = case.decide(), case._replace(views=tuple(views), checks=tuple(checks)).decide()
    assert (verdict.kind, verdict.mode, verdict.score) == (other.kind, other.mode, other.score)
    assert (verdict.rules, verdict.engine) == (other.rules, other.engine)


@given(CASES)
def test_decide_gives_a_reason_for_everything_but_a_simple_accept(case: Case) -> None:
    """No reject without a reason; an ACCEPT has one only where an engine was silent."""
    verdict = case.decide()
    if verdict.kind is VerdictKind.ACCEPT and verdict.mode is Mode.RULES_ONLY:
        assert verdict.reason in {Reason.ENGINE_SILENT, Reason.ENGINE_DATA}
    else:
        assert (verdict.reason is Reason.OK) == (verdict.kind is VerdictKind.ACCEPT)


@given(CASES)
def test_decide_late_is_a_reject_for_the_deadline(case: Case) -> None:
    """Whatever was seen, a late verdict is never an accept and says why."""
    verdict = case._replace(late=True).decide()
    assert verdict[:2] == (VerdictKind.REJECT, Reason.DEADLINE)


@given(CASES)
def test_decide_mode_says_what_the_part_was_judged_on(case: Case) -> None:
    """SAFE without a frame, RULES_ONLY without a trusted score, FULL otherwise."""
    judged = [s for _, limits, s in case.views if limits is not None]
    if any(fault is not Reason.OK for fault, _, _ in case.views):
        want = Mode.SAFE
    elif any(s is None or s.fault is not Reason.OK for s in judged):
        want = Mode.RULES_ONLY
    else:
        want = Mode.FULL
    assert case.decide().mode is want


@given(CASES)
def test_decide_without_a_frame_rejects_for_the_first_fault(case: Case) -> None:
    """A view without a trusted frame rejects the part, and names its own cause."""
    blind = case._replace(views=((Reason.FRAME, LIMITS, score(0.0)), *case.views), late=False)
    assert blind.decide()[:2] == (VerdictKind.REJECT, Reason.FRAME)


@given(st.lists(st.tuples(st.none() | SCORES, st.none() | PAIRS), max_size=3))
def test_score_word_stays_in_its_range(
    pairs: list[tuple[Score | None, ScoreLimits | None]],
) -> None:
    """0 to 10000, for every float there is."""
    word = score_word([s for s, _ in pairs], [limits for _, limits in pairs])
    assert 0 <= word <= SCORE_MAX


@given(st.tuples(NUMBERS, NUMBERS), PAIRS)
def test_score_word_grows_with_the_score(values: tuple[float, float], limits: ScoreLimits) -> None:
    """A worse part never shows a lower word."""
    low, high = (score_word([score(v)], [limits]) for v in sorted(values))
    assert low <= high


@pytest.mark.parametrize(
    ("value", "limit", "word"),
    [
        (0.0, 1.0, 0),
        (0.5, 1.0, 2500),
        (3.25, 3.25, SCORE_AT_LIMIT),
        (2.0, 1.0, SCORE_MAX),
        (1e308, 1e-308, SCORE_MAX),
        (-1.0, 1.0, 0),
        (-1.0, -1.0, 0),
        (0.0, -1.0, SCORE_MAX),
        (math.nan, 1.0, SCORE_MAX),
        (-math.inf, 1.0, SCORE_MAX),
    ],
)
def test_score_word_has_the_reject_limit_at_5000(value: float, limit: float, word: int) -> None:
    """Scaled by the limit, clamped, and at its worst where the score is no number."""
    assert score_word([score(value)], [ScoreLimits(limit, limit)]) == word


def test_score_word_shows_the_worst_view() -> None:
    """The highest of all views; views without an engine do not count."""
    scores = [score(0.2), score(0.6), None, score(9.0)]
    assert score_word(scores, [LIMITS, LIMITS, LIMITS, None]) == 3000


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (0.5, VerdictKind.ACCEPT, Reason.OK),
        (math.nextafter(0.5, 1), VerdictKind.RECHECK, Reason.ENGINE_DOUBT),
        (1.0, VerdictKind.RECHECK, Reason.ENGINE_DOUBT),
        (math.nextafter(1.0, 2), VerdictKind.REJECT, Reason.ENGINE),
        (math.nan, VerdictKind.REJECT, Reason.ENGINE_DATA),
        (math.inf, VerdictKind.REJECT, Reason.ENGINE_DATA),
        (-math.inf, VerdictKind.REJECT, Reason.ENGINE_DATA),
    ],
)
def test_decide_compares_a_score_with_its_limits(
    value: float, kind: VerdictKind, reason: Reason
) -> None:
    """At a limit is still inside it; what is no number is never inside."""
    verdict = decide(
        [LOOK], [PASS], [score(value)], Policy((LIMITS,), VerdictKind.ACCEPT), late=False
    )
    assert (verdict.kind, verdict.reason, verdict.engine) == (kind, reason, kind)
    assert verdict.rules is VerdictKind.ACCEPT


@pytest.mark.parametrize(
    ("check", "value", "kind", "reason"),
    [
        (FAIL, 0.1, VerdictKind.REJECT, Reason.RULE),
        (BLIND, 0.1, VerdictKind.RECHECK, Reason.RULE_BLIND),
        (BLIND, 2.0, VerdictKind.REJECT, Reason.ENGINE),
        (FAIL, 0.7, VerdictKind.REJECT, Reason.RULE),
    ],
)
def test_decide_takes_the_worse_of_rules_and_engine(
    check: RuleResult, value: float, kind: VerdictKind, reason: Reason
) -> None:
    """Either side can make a part worse, none can excuse the other."""
    verdict = decide(
        [LOOK], [PASS, check], [score(value)], Policy((LIMITS,), VerdictKind.ACCEPT), late=False
    )
    assert (verdict.kind, verdict.reason) == (kind, reason)


@pytest.mark.parametrize("answer", [None, score(0.1, fault=Reason.ENGINE_DATA)])
@pytest.mark.parametrize("engineless", ENGINELESS)
@pytest.mark.parametrize("checks", [(), (PASS,), (FAIL,), (BLIND,)])
def test_decide_without_a_score_does_what_the_station_allows(
    answer: Score | None, engineless: VerdictKind, checks: tuple[RuleResult, ...]
) -> None:
    """Rules that pass get the policy's verdict; "cannot tell" and no rules at all are rejects."""
    silent = Reason.ENGINE_SILENT if answer is None else Reason.ENGINE_DATA
    want = {
        (): (VerdictKind.REJECT, silent),
        (PASS,): (engineless or VerdictKind.REJECT, silent),
        (FAIL,): (VerdictKind.REJECT, Reason.RULE),
        (BLIND,): (VerdictKind.REJECT, Reason.RULE_BLIND),
    }[checks]
    verdict = decide([LOOK], checks, [answer], Policy((LIMITS,), engineless), late=False)
    assert (verdict.kind, verdict.reason, verdict.mode) == (*want, Mode.RULES_ONLY)
    assert verdict.engine is VerdictKind.NONE


@pytest.mark.parametrize("defect_first", [True, False])
@pytest.mark.parametrize(("value", "kind"), [(1.5, VerdictKind.REJECT), (0.7, VerdictKind.RECHECK)])
def test_decide_hears_one_view_when_the_other_is_silent(
    value: float, kind: VerdictKind, *, defect_first: bool
) -> None:
    """A defect that one engine saw is not accepted by the rules because another was silent."""
    scores = [score(value), None] if defect_first else [None, score(value)]
    policy = Policy((LIMITS, LIMITS), VerdictKind.ACCEPT)
    looks = [LOOK, LOOK._replace(view=1)]
    assert decide(looks, [PASS], scores, policy, late=False).kind is kind


@pytest.mark.parametrize("views", [(), (0,), (0, 0), (1, 0), (0, 1, 2)])
def test_decide_rejects_a_part_that_was_not_looked_at_once_from_each_view(
    views: tuple[int, ...],
) -> None:
    """A view left out, seen twice, out of order, one too many: no trusted image of every view."""
    looks = [LOOK._replace(view=view) for view in views]
    policy = Policy((LIMITS, None), VerdictKind.ACCEPT)
    verdict = decide(looks, [PASS], [score(0.0), None], policy, late=False)
    assert verdict[:2] == (VerdictKind.REJECT, Reason.CAMERA)
    assert verdict.mode is Mode.SAFE


def test_decide_refuses_scores_that_do_not_match_the_views() -> None:
    """One score a view, or the program is wrong: no verdict is better than a shifted one."""
    with pytest.raises(ValueError, match="longer"):
        decide([LOOK], [], [], Policy((LIMITS,), VerdictKind.ACCEPT), late=False)


@pytest.mark.parametrize("engineless", ENGINELESS)
def test_score_of_another_engine_is_no_score(engineless: VerdictKind) -> None:
    """0.1 of an engine whose scores mean something else is within nobody's limits."""
    mine = LIMITS._replace(engine_id=7)
    policy = Policy((mine,), engineless)
    found = [
        decide([LOOK], [PASS], [score(0.1)._replace(engine_id=number)], policy, late=False)
        for number in (7, 8)
    ]
    assert (found[0].kind, found[0].mode) == (VerdictKind.ACCEPT, Mode.FULL)
    assert (found[1].mode, found[1].engine) == (Mode.RULES_ONLY, VerdictKind.NONE)
    assert found[1].kind is (engineless or VerdictKind.REJECT)
    assert found[1].reason is Reason.ENGINE_DATA
    assert found[1].score == SCORE_MAX
    alone = decide([LOOK], [], [score(0.1)._replace(engine_id=8)], policy, late=False)
    assert alone.kind is VerdictKind.REJECT


def test_score_of_another_engine_keeps_its_own_fault() -> None:
    """Why it could not be trusted before is still told."""
    policy = Policy((LIMITS._replace(engine_id=7),), VerdictKind.ACCEPT)
    silent = score(0.1, fault=Reason.ENGINE_SILENT)._replace(engine_id=8)
    assert decide([LOOK], [PASS], [silent], policy, late=False).reason is Reason.ENGINE_SILENT
