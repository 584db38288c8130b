"""What several words of a part come to, and which of them can be taught from."""

from __future__ import annotations

from itertools import permutations

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.labels import State, labels, outcome, standing
from gonogo.records.dispositions.said import Disposition, made
from gonogo.records.dispositions.words import Means, Origin, PartKey, Word
from gonogo.tests.records.dispositions.said import CODES, PART, REJECTED, request

A, R, RE, NI = (
    VerdictKind.ACCEPT,
    VerdictKind.REJECT,
    VerdictKind.RECHECK,
    VerdictKind.NOT_INSPECTED,
)
FAULTS = {A: Reason.OK, R: Reason.ENGINE, RE: Reason.ENGINE_DOUBT, NI: Reason.CAMERA}


def said(number: int, word: Word, who: str = "ann", code: str = "", **more: object) -> Disposition:
    """Of a part that was rejected by its engine, where `more` does not say otherwise."""
    asked = request(word, who)._replace(code=code)
    return made(asked, REJECTED, CODES, number, number)._replace(**more)  # type: ignore[arg-type]


def of(verdict: VerdictKind, word: Word, code: str = "") -> Disposition:
    """Of a part of that verdict, for its usual reason."""
    return said(1, word, code=code, verdict=verdict, reason=FAULTS[verdict])


@pytest.mark.parametrize(
    ("one", "good"),
    [
        (of(R, Word.CONFIRMED), False),
        (of(A, Word.CONFIRMED), True),
        (of(RE, Word.CONFIRMED), None),
        (of(RE, Word.CONFIRMED, "scratch"), False),
        (of(RE, Word.CONFIRMED, "good-part"), True),
        (of(RE, Word.CONFIRMED, "dirt"), None),
        (of(NI, Word.CONFIRMED), None),
        (of(NI, Word.CONFIRMED, "good-part"), True),
        (of(R, Word.FALSE_REJECT), True),
        (of(R, Word.FALSE_REJECT, "dirt"), None),
        (of(R, Word.CONFIRMED, "bad-light"), None),
        (of(NI, Word.FALSE_REJECT), True),
        (of(A, Word.MISSED_DEFECT), False),
        (of(A, Word.MISSED_DEFECT, "dent"), False),
        (of(RE, Word.MISSED_DEFECT), False),
        (of(R, Word.UNSURE), None),
        (of(R, Word.UNSURE, "scratch"), None),
        # thrown out for its time or its number: nobody has found it bad
        (said(1, Word.CONFIRMED, reason=Reason.DEADLINE), None),
        (said(1, Word.CONFIRMED, reason=Reason.DEADLINE, code="good-part", means=None), None),
        (said(1, Word.CONFIRMED, "ann", "good-part", reason=Reason.PART_ID), True),
        (said(1, Word.CONFIRMED, reason=Reason.RULE), False),
    ],
)
def test_labels_say_good_defect_or_nothing(one: Disposition, *, good: bool | None) -> None:
    """By the word, then by what its reason code means; dirt and bad light teach nothing."""
    assert [each.good for each in labels([one])] == ([] if good is None else [good])


def test_outcome_tells_what_excludes_from_what_says_nothing() -> None:
    """Nothing is taught from either; a share counts a reject that was right, and no dirt."""
    assert outcome(of(R, Word.CONFIRMED, "dirt")) is Means.EXCLUDE
    assert outcome(of(NI, Word.CONFIRMED)) is None
    assert outcome(of(R, Word.UNSURE, "dirt")) is None


def test_label_has_what_was_known_of_its_part() -> None:
    """For an export without the month's file."""
    (found,) = labels([said(1, Word.FALSE_REJECT, "ann", "good-part", origin=Origin.LIMITS)])
    assert (found.part, found.part_id, found.verdict, found.score) == (PART, 4711, R, 6200)
    assert (found.engine, found.recipe, found.lot) == ("00000000000000aa", 1, "L-17")
    assert (found.overridden, found.code) == (True, "good-part")
    assert found.origin is Origin.LIMITS


@pytest.mark.parametrize(
    ("some", "state", "number"),
    [
        ([], State.NONE, None),
        ([said(1, Word.UNSURE)], State.UNSURE, None),
        ([said(1, Word.CONFIRMED)], State.SETTLED, 1),
        ([said(1, Word.CONFIRMED), said(2, Word.CONFIRMED, "bob")], State.SETTLED, 2),
        ([said(1, Word.CONFIRMED), said(2, Word.FALSE_REJECT, "bob")], State.DISPUTED, None),
        ([said(1, Word.CONFIRMED), said(2, Word.UNSURE, "bob")], State.SETTLED, 1),
        # a person who thought again
        ([said(1, Word.CONFIRMED), said(2, Word.FALSE_REJECT)], State.SETTLED, 2),
        ([said(1, Word.CONFIRMED), said(2, Word.UNSURE)], State.UNSURE, None),
        # the same word, and one of them says that nothing may be taught from it
        (
            [said(1, Word.FALSE_REJECT), said(2, Word.FALSE_REJECT, "bob", "dirt")],
            State.DISPUTED,
            None,
        ),
        # asked twice in an audit, without knowing of the first answer
        (
            [
                said(1, Word.CONFIRMED, verdict=A, origin=Origin.AUDIT),
                said(2, Word.MISSED_DEFECT, verdict=A, origin=Origin.AUDIT),
            ],
            State.DISPUTED,
            None,
        ),
        (
            [
                said(1, Word.CONFIRMED, verdict=A, origin=Origin.AUDIT),
                said(2, Word.MISSED_DEFECT, verdict=A, origin=Origin.AUDIT),
                said(3, Word.CONFIRMED, verdict=A),
            ],
            State.SETTLED,
            3,
        ),
        (
            [
                said(1, Word.CONFIRMED),
                said(2, Word.FALSE_REJECT, "bob"),
                said(3, Word.CONFIRMED, "eve", decides=True),
                said(4, Word.FALSE_REJECT, "bob"),
            ],
            State.DECIDED,
            3,
        ),
        (
            [said(1, Word.CONFIRMED, "eve", decides=True),
             said(2, Word.FALSE_REJECT, "eve", decides=True)],
            State.DECIDED,
            2,
        ),
    ],
)  # fmt: skip
def test_standing_of_several_words(
    some: list[Disposition], state: State, number: int | None
) -> None:
    """In whatever order they come."""
    for order in permutations(some):
        found = standing(order)
        assert found.state is state
        assert (found.word and found.word.number) == number
        overrides = {Word.FALSE_REJECT, Word.MISSED_DEFECT}
        assert found.overridden is (found.word is not None and found.word.word in overrides)


def test_labels_leave_out_what_is_disputed_until_it_is_decided() -> None:
    """One for each part, in the order in which they were first spoken of."""
    other = PartKey("run-1", 8)
    some = [
        said(1, Word.CONFIRMED),
        said(2, Word.FALSE_REJECT, "bob"),
        said(3, Word.CONFIRMED, part=other),
    ]
    assert [each.part for each in labels(some)] == [other]
    some.append(said(4, Word.FALSE_REJECT, "eve", decides=True))
    assert [(each.part, each.good) for each in labels(some)] == [(PART, True), (other, False)]
    some.append(said(5, Word.UNSURE, "eve", decides=True))
    assert [each.part for each in labels(some)] == [other]
