"""Parts that the link refused: none is told twice, none is forgotten while there is room."""

from __future__ import annotations

import pytest

from gonogo.base.words import Reason, TriggerEvent
from gonogo.ipc.refusals import SLOTS, WORDS, Refusals


def refusals() -> tuple[Refusals, memoryview]:
    """An empty table, and its words."""
    words = memoryview(bytearray(8 * WORDS)).cast("q")
    return Refusals(words), words


def pulse(part_id: int, at_ns: int = 0, reject: Reason = Reason.PART_ID) -> TriggerEvent:
    """A part that was refused."""
    return TriggerEvent(part_id, at_ns or 1000 + part_id, reject)


def test_refusals_stand_in_three_words_each() -> None:
    """As the docstring draws them, one after the other."""
    made, words = refusals()
    made.add(pulse(7, 500, Reason.RECIPE))
    made.add(pulse(8, 600))
    assert list(words[:9]) == [7, 500, Reason.RECIPE, 8, 600, Reason.PART_ID, 0, 0, 0]
    assert (SLOTS, WORDS) == (15, 45)


def test_refusals_are_open_until_each_is_settled() -> None:
    """Oldest first, by the time at which the part was there; each by itself."""
    made, _ = refusals()
    noted = [pulse(1, 300), pulse(2, 100), pulse(3, 200)]
    for each in noted:
        made.add(each)
    assert made.open() == [noted[1], noted[2], noted[0]]
    made.settle(noted[2])
    assert made.open() == [noted[1], noted[0]]
    for each in noted:
        made.settle(each)
    assert made.open() == []


def test_refusal_without_a_reason_was_one_part_too_many() -> None:
    """The line was busy: overrate."""
    made, _ = refusals()
    made.add(pulse(1, 300, Reason.OK))
    assert made.open() == [pulse(1, 300, Reason.OVERRATE)]


def test_refusal_is_found_by_its_id_the_oldest_first() -> None:
    """Ids wrap: two of the same may be on their way."""
    made, _ = refusals()
    for at_ns in (900, 800):
        made.add(pulse(5, at_ns))
    assert made.find(5) == pulse(5, 800)
    made.settle(pulse(5, 800))
    assert made.find(5) == pulse(5, 900)
    assert made.find(6) is None


def test_refusals_settle_the_very_part_and_not_its_namesake() -> None:
    """Id and time name it."""
    made, _ = refusals()
    made.add(pulse(5, 800))
    made.settle(pulse(5, 801))
    made.settle(pulse(6, 800))
    assert made.open() == [pulse(5, 800)]


def test_refusals_keep_the_youngest_fifteen() -> None:
    """The sixteenth takes the place of the first, and so on, for ever."""
    made, _ = refusals()
    for part_id in range(1, 41):
        made.add(pulse(part_id))
        oldest = max(1, part_id - 14)
        assert [each.part_id for each in made.open()] == list(range(oldest, part_id + 1))


def test_refusals_of_a_line_that_ended_are_read_by_the_next() -> None:
    """The table lies in the journal's memory; closing lets that go."""
    made, words = refusals()
    made.add(pulse(5, 800))
    heir = Refusals(words[:])
    assert heir.open() == [pulse(5, 800)]
    heir.close()
    with pytest.raises(ValueError, match="released"):
        heir.open()
    assert made.open() == [pulse(5, 800)]
