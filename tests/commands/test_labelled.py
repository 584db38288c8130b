"""Two engines held against labels: what is counted, what counts not, and what is not yet known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.build.paired import Answer
from gonogo.commands.labelled import Fault, Labelled, against_labels
from gonogo.ipc.journal_records import Pair
from gonogo.records.dispositions.labels import Label
from gonogo.records.dispositions.words import Origin, PartKey
from gonogo.records.shadow import Twice

if TYPE_CHECKING:
    from collections.abc import Iterable

A, R, C, N = (
    VerdictKind.ACCEPT, VerdictKind.REJECT, VerdictKind.RECHECK, VerdictKind.NOT_INSPECTED,
)  # fmt: skip


def judged(*groups: tuple[int, VerdictKind, VerdictKind]) -> list[Twice]:
    """So many parts of each pair of verdicts, the active engine's first; serials from 1 on."""
    kinds = [(active, shadow) for count, active, shadow in groups for _ in range(count)]
    return [
        Twice("run1", "", active, Reason.OK, shadow, Reason.OK,
              Pair(serial, serial, 0, 0, active, shadow, 1.0, 1.0))
        for serial, (active, shadow) in enumerate(kinds, 1)
    ]  # fmt: skip


def label(serial: int, *, good: bool, origin: Origin = Origin.REVIEW, run: str = "run1") -> Label:
    """What somebody said of a part."""
    return Label(
        PartKey(run, serial), serial, 0, good, "", VerdictKind.ACCEPT, 0, "", 0, None,
        not good, origin,
    )  # fmt: skip


def held(parts: list[Twice], labels: Iterable[Label]) -> Labelled:
    """There are some."""
    found = against_labels(parts, labels)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("verdict", "escape", "overkill"),
    [(A, True, False), (R, False, True), (N, False, True), (C, False, False)],
)
def test_fault_is_of_the_label_and_the_verdict(
    verdict: VerdictKind, *, escape: bool, overkill: bool
) -> None:
    """A defect that passes, a good part that is thrown out; a recheck is neither."""
    assert Fault.ESCAPES.of(verdict, good=False) is escape
    assert Fault.OVERKILL.of(verdict, good=True) is overkill
    assert not Fault.ESCAPES.of(verdict, good=True)
    assert not Fault.OVERKILL.of(verdict, good=False)


def test_against_labels_counts_what_each_is_wrong_in() -> None:
    """Of the labelled parts; those of other runs, and parts without a label, count for nothing."""
    parts = judged((2, R, A), (2, A, R), (3, A, A), (1, C, A))
    found = held(parts, [
        label(1, good=True), label(2, good=False), label(3, good=False), label(4, good=True),
        label(5, good=False), label(8, good=False), label(6, good=False, run="run2"),
        label(99, good=True),
    ])  # fmt: skip
    assert (found.good, found.defects, found.audit) == (2, 4, 0)
    escapes, overkill = found.held
    assert (escapes.of, escapes.active, escapes.shadow) == (4, 2, 3)
    assert (overkill.of, overkill.active, overkill.shadow) == (2, 1, 1)
    assert found.plain[:2] == (2, 3), "1 and 3, beside 2, 4 and 8"


def test_against_labels_of_none_is_nothing() -> None:
    """Not a test of nothing."""
    assert against_labels(judged((3, A, R)), [label(9, good=True)]) is None


def test_labels_of_rejected_parts_alone_answer_nothing() -> None:
    """There the shadow can only do better on good parts: that is no finding."""
    parts = judged((12, R, A), (30, A, R))
    found = held(parts, [label(serial, good=True) for serial in range(1, 13)])
    assert found.plain.answer is Answer.BETTER, "of the labelled parts"
    assert found.biased
    assert found.answer is Answer.UNKNOWN


def test_labels_of_accepted_parts_count_where_they_were_drawn_at_random() -> None:
    """An escape that somebody came across is one of those that can be come across."""
    parts = judged((6, R, A), (60, A, R))
    rejected = [label(serial, good=False) for serial in range(1, 7)]
    chosen = [label(serial, good=False) for serial in range(7, 27)]
    escapes = held(parts, rejected + chosen).held[0]
    assert escapes.blind
    drawn = [each._replace(origin=Origin.AUDIT) for each in chosen]
    escapes = held(parts, rejected + drawn).held[0]
    assert not escapes.blind
    # a third of one side and all of the other were looked at
    assert escapes.pairs.share == pytest.approx(0.25)
    assert escapes.answer is Answer.BETTER


def test_labels_of_all_the_parts_in_question_count_wherever_they_come_from() -> None:
    """Nobody has chosen which."""
    parts = judged((2, R, A), (9, A, R), (500, A, A))
    labels = [label(serial, good=True) for serial in (1, 2)]
    labels += [label(serial, good=False) for serial in range(3, 12)]
    found = held(parts, labels)
    assert not found.biased
    assert found.held[0].pairs == (9, 0, 0.5)
    assert found.answer is Answer.BETTER
    assert held(parts, labels[:-1]).held[0].blind


def test_labels_that_are_worth_more_are_weighed() -> None:
    """One of a hundred accepted parts was looked at: one escape stands for a hundred."""
    parts = judged((3, R, A), (300, A, R))
    labels = [label(serial, good=False) for serial in (1, 2, 3)]
    labels += [label(serial, good=serial > 6, origin=Origin.AUDIT) for serial in (4, 5, 6)]
    escapes = held(parts, labels).held[0]
    assert escapes.pairs.first == escapes.pairs.second == 3
    assert escapes.answer is Answer.BETTER, "three to three, at odds of one to a hundred"


def test_labelled_that_is_better_in_one_and_worse_in_the_other_has_no_answer() -> None:
    """Which counts more is not for a test to say."""
    parts = judged((20, R, A))
    found = held(parts, [label(serial, good=serial > 8) for serial in range(1, 21)])
    escapes, overkill = found.held
    assert (escapes.answer, overkill.answer) == (Answer.WORSE, Answer.BETTER)
    assert found.answer is Answer.UNKNOWN
    assert not found.biased


def test_held_says_how_many_more_labels_would_do() -> None:
    """Two pairs of four labels: six pairs need eight more; and none where both seem as good."""
    parts = judged((40, A, R), (1, R, A))
    labels = [label(serial, good=serial > 2, origin=Origin.AUDIT) for serial in (1, 2, 3)]
    escapes = held(parts, [*labels, label(41, good=True)]).held[0]
    assert escapes.pairs[:2] == (2, 0)
    pairs = escapes.pairs.needed
    assert pairs is not None
    assert escapes.more == (pairs - 2) * 2
    assert escapes.sides[0].open_accepted == 37
    even = judged((5, A, R), (5, R, A))
    assert held(even, [label(k, good=False) for k in range(1, 11)]).held[0].more is None


def test_held_of_engines_that_never_differ_wants_six() -> None:
    """The least that could tell, all on one side."""
    found = held(judged((9, A, A)), [label(1, good=True)])
    assert [each.more for each in found.held] == [6, 6]
    assert found.answer is Answer.UNKNOWN
    assert not found.biased


def test_as_json_is_all_of_it() -> None:
    """Through text and back."""
    parts = judged((12, R, A), (30, A, R))
    made = json.loads(json.dumps(held(parts, [label(1, good=True)]).as_json()))
    assert (made["parts"], made["good"], made["answer"]) == (1, 1, "not yet known")
    assert made["biased"]
    assert made["mcnemar"] == {
        "active_alone_wrong": 1, "shadow_alone_wrong": 0, "p": 1.0, "answer": "not yet known",
    }  # fmt: skip
    assert made["overkill"]["active_alone"] == {
        "parts": 12, "labelled": 1, "wrong": 1, "open_accepted": 0, "open_others": 11,
    }  # fmt: skip
