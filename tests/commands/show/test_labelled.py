"""What labels say of two engines, in words for people."""

from __future__ import annotations

from gonogo.commands.show.labelled import BIAS, label_lines
from gonogo.records.dispositions.words import Origin
from gonogo.tests.commands.test_labelled import A, R, held, judged, label


def said(*args: object) -> str:
    """All lines."""
    return "\n".join(label_lines(held(*args)))  # type: ignore[arg-type]


def test_label_lines_say_that_labels_of_rejects_are_biased() -> None:
    """With the test of them beside it, and which labels would help."""
    words = said(judged((12, R, A), (30, A, R)), [label(k, good=True) for k in range(1, 13)])
    assert "labels of people: 12 good parts and 0 defects that both judged (0 of the audit" in words
    assert "alone is wrong in 12, the shadow alone in 0: on them the shadow is better" in words
    assert "p = 0.000488" in words
    assert BIAS in words
    assert "of all parts: whether the shadow is better is not yet known" in words
    assert "label parts of the audit sample, or all of those that were accepted; without" in words
    assert "there are 30 parts that the active engine accepted and 0 that it did not" in words


def test_label_lines_say_in_what_the_shadow_is_better() -> None:
    """And how many were expected, where one side was looked at more."""
    labels = [label(k, good=False) for k in range(1, 7)]
    labels += [label(k, good=False, origin=Origin.AUDIT) for k in range(7, 27)]
    words = said(judged((6, R, A), (60, A, R)), labels)
    assert "of all parts: the shadow is better, in escapes" in words
    assert "escapes, of 26 defects: active 20, shadow 6: better" in words
    assert "alone wrong: 20 and 6, 25 % expected on the first side" in words
    assert BIAS not in words


def test_label_lines_leave_a_trade_to_people() -> None:
    """Better in one and worse in the other."""
    words = said(judged((20, R, A)), [label(k, good=k > 8) for k in range(1, 21)])
    assert "the shadow is better in overkill and worse in escapes: which of them counts" in words


def test_label_lines_say_how_many_more_would_do() -> None:
    """More than there are: parts have to pass; and none where both seem as good."""
    few = said(judged((5, A, R), (1, R, A)), [
        *(label(k, good=k > 2, origin=Origin.AUDIT) for k in (1, 2, 3)), label(6, good=True),
    ])  # fmt: skip
    assert "more labels of parts on which they differ" in few
    assert "without a label there are 2 parts that the active engine accepted" in few
    assert "let more parts pass in shadow" in few
    even = said(judged((5, A, R), (5, R, A)), [label(k, good=False) for k in range(1, 11)])
    assert "no 2000 labels would do, as they have fallen: both seem as good" in even
