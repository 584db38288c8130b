"""What a verdict on a known part is worth: a table, and what holds of all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import (
    MasterAnswer,
    MasterPart,
    Mode,
    Reason,
    RuleResult,
    Status,
    Verdict,
    VerdictKind,
    not_inspected,
)
from gonogo.ipc.master_part import Why
from gonogo.runtime.master_part import Finder, Outcome, as_told, outcome

ACCEPT, REJECT, RECHECK = VerdictKind.ACCEPT, VerdictKind.REJECT, VerdictKind.RECHECK
GOOD, BAD = MasterPart.GOOD, MasterPart.BAD
RIGHT, WRONG, VOID = MasterAnswer.RIGHT, MasterAnswer.WRONG, MasterAnswer.VOID
NAMES = ("hole", "ring", "hole")


def verdict(
    kind: VerdictKind,
    reason: Reason = Reason.OK,
    mode: Mode = Mode.FULL,
    engine: VerdictKind = VerdictKind.NONE,
) -> Verdict:
    """One that a station may reach."""
    return Verdict(kind, reason, 0, mode, VerdictKind.NONE, engine)


def checks(*statuses: Status) -> list[RuleResult]:
    """What the rules said, one after the other."""
    return [RuleResult(status, 0.0, 0.0, 0.0) for status in statuses]


@pytest.mark.parametrize(
    ("part", "said", "found"),
    [
        (GOOD, verdict(ACCEPT), Outcome(RIGHT)),
        (GOOD, verdict(REJECT, Reason.RULE), Outcome(WRONG, Why.GOOD_REJECTED)),
        (GOOD, verdict(REJECT, Reason.ENGINE), Outcome(WRONG, Why.GOOD_REJECTED)),
        (GOOD, verdict(RECHECK, Reason.ENGINE_DOUBT), Outcome(WRONG, Why.GOOD_REJECTED)),
        (BAD, verdict(REJECT, Reason.RULE), Outcome(RIGHT)),
        (BAD, verdict(REJECT, Reason.ENGINE), Outcome(RIGHT)),
        (BAD, verdict(RECHECK, Reason.ENGINE_DOUBT), Outcome(RIGHT)),
        (BAD, verdict(ACCEPT), Outcome(WRONG, Why.BAD_ACCEPTED)),
    ],
)
def test_outcome_is_right_or_wrong_where_the_part_was_judged(
    part: MasterPart, said: Verdict, found: Outcome
) -> None:
    """A recheck is no accept: of the good one it is wrong, of the bad one right."""
    assert outcome(part, said, (), Finder()) == found


@pytest.mark.parametrize("part", [GOOD, BAD])
@pytest.mark.parametrize(
    "said",
    [
        verdict(REJECT, Reason.CAMERA, Mode.SAFE),
        verdict(REJECT, Reason.FRAME, Mode.SAFE),
        verdict(REJECT, Reason.DEADLINE),
        verdict(RECHECK, Reason.RULE_BLIND),
        verdict(REJECT, Reason.RULE, Mode.RULES_ONLY),
        verdict(ACCEPT, Reason.ENGINE_SILENT, Mode.RULES_ONLY),
        verdict(REJECT, Reason.ENGINE_SILENT),
        not_inspected(Reason.OVERRATE),
        not_inspected(Reason.TRIGGER),
        not_inspected(Reason.RECIPE),
        not_inspected(Reason.PART_ID),
        not_inspected(Reason.BELT),
        not_inspected(Reason.MASTER_PART),
    ],
)
def test_outcome_is_void_where_nobody_judged_the_part(part: MasterPart, said: Verdict) -> None:
    """A dark picture, a lost engine or a late line rejects everything: that proves nothing."""
    assert outcome(part, said, checks(Status.FAIL), Finder()) == Outcome(VOID, Why.NOT_JUDGED)


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ((Status.FAIL, Status.PASS, Status.PASS), Outcome(RIGHT)),
        ((Status.PASS, Status.PASS, Status.FAIL), Outcome(RIGHT)),
        ((Status.CANNOT_TELL, Status.PASS, Status.FAIL), Outcome(RIGHT)),
        ((Status.PASS, Status.FAIL, Status.PASS), Outcome(WRONG, Why.NOT_FOUND)),
        ((Status.PASS, Status.FAIL, Status.CANNOT_TELL), Outcome(VOID, Why.BLIND)),
    ],
)
def test_outcome_counts_the_rule_that_has_to_find_the_bad_part(
    statuses: tuple[Status, ...], found: Outcome
) -> None:
    """In any view that has one of that name; found by another one it proves nothing of this."""
    finder = Finder.of("hole", NAMES)
    assert outcome(BAD, verdict(REJECT, Reason.RULE), checks(*statuses), finder) == found


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        (REJECT, Outcome(RIGHT)),
        (RECHECK, Outcome(RIGHT)),
        (ACCEPT, Outcome(WRONG, Why.NOT_FOUND)),
        (VerdictKind.NONE, Outcome(WRONG, Why.NOT_FOUND)),
    ],
)
def test_outcome_counts_the_engine_where_it_has_to_find_the_bad_part(
    engine: VerdictKind, found: Outcome
) -> None:
    """Though the rules have rejected it."""
    said = verdict(REJECT, Reason.RULE, engine=engine)
    assert outcome(BAD, said, checks(Status.FAIL), Finder.of("engine", NAMES)) == found


def test_outcome_of_a_good_part_does_not_ask_who_finds_the_bad_one() -> None:
    """It is not to be found at all."""
    finder = Finder.of("hole", NAMES)
    assert outcome(GOOD, verdict(ACCEPT), checks(Status.PASS), finder) == Outcome(RIGHT)


def test_finder_is_missing_in_a_recipe_without_the_rule() -> None:
    """Nothing that the bad part could be found by."""
    assert Finder.of("slot", NAMES).missing
    assert not Finder.of("ring", NAMES).missing
    assert not Finder.of("engine", ()).missing
    assert not Finder.of(None, ()).missing
    found = outcome(BAD, verdict(REJECT, Reason.RULE), (), Finder.of("slot", NAMES))
    assert found == Outcome(VOID, Why.BLIND)


VERDICTS = st.builds(
    Verdict,
    st.sampled_from(VerdictKind),
    st.sampled_from(Reason),
    st.integers(0, 10_000),
    st.sampled_from(Mode),
    st.sampled_from(VerdictKind),
    st.sampled_from(VerdictKind),
)


@given(VERDICTS)
def test_bad_part_is_never_told_as_an_accept(said: Verdict) -> None:
    """Nor as a recheck; what was found, and the score, stay."""
    told = as_told(BAD, said)
    assert told.kind not in {ACCEPT, RECHECK}
    assert told[2:] == said[2:]
    if said.kind not in {ACCEPT, RECHECK}:
        assert told is said
    assert told.reason is (Reason.MASTER_PART if said.kind is ACCEPT else said.reason)


@given(VERDICTS, st.sampled_from([MasterPart.NONE, GOOD]))
def test_any_other_part_is_told_as_it_was_judged(said: Verdict, part: MasterPart) -> None:
    """The known good one, too."""
    assert as_told(part, said) is said


@given(VERDICTS, st.lists(st.sampled_from(Status), min_size=3, max_size=3), st.sampled_from(
    [None, "engine", "hole", "ring", "slot"]))  # fmt: skip
def test_outcome_is_never_right_of_a_bad_part_that_would_have_passed(
    said: Verdict, statuses: list[Status], reason: str | None
) -> None:
    """Whoever has to find it; and never right without a judgement in full."""
    found = outcome(BAD, said, checks(*statuses), Finder.of(reason, NAMES))
    if found.answer is RIGHT:
        assert said.kind is not ACCEPT
        assert said.mode is Mode.FULL
        assert said.reason in {Reason.OK, Reason.RULE, Reason.ENGINE, Reason.ENGINE_DOUBT}
    assert (found.why is Why.NONE) is (found.answer is RIGHT)
