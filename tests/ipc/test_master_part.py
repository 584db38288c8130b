"""What is asked of master parts in shared memory: one writer a word, and never half an answer."""

from __future__ import annotations

import pytest

from gonogo.base.words import MasterPart, Reason
from gonogo.ipc.master_part import (
    KNOWN,
    Gate,
    MasterPartMemory,
    MasterPartView,
    Phase,
    Request,
    Why,
    said,
)

BAD, GOOD = MasterPart.BAD, MasterPart.GOOD


@pytest.fixture
def memory(station: str) -> MasterPartMemory:
    """As a station makes it."""
    return MasterPartMemory.create(station)


def test_memory_begins_without_a_request_and_with_open_gates(memory: MasterPartMemory) -> None:
    """Nothing is waited for, parts pass, nothing was shown and nothing is due."""
    assert memory.request == Request(0, MasterPart.NONE, Phase.NEW)
    assert not memory.under_way
    assert not memory.closed
    assert [(its.passed_ns, its.due_ns) for its in memory.places.values()] == [(0, 0), (0, 0)]


def test_request_has_no_phase_before_the_line_has_said_one(memory: MasterPartMemory) -> None:
    """What the line said of the request before is none of this one's."""
    first = memory.ask(BAD)
    memory.say(first, Phase.WRONG, Why.BAD_ACCEPTED)
    assert memory.request == Request(first, BAD, Phase.WRONG, Why.BAD_ACCEPTED)
    assert not memory.under_way
    second = memory.ask(GOOD)
    assert second == first + 1
    assert memory.request == Request(second, GOOD, Phase.NEW)
    assert memory.under_way


@pytest.mark.parametrize("phase", list(Phase))
def test_request_has_ended_from_its_answer_on(memory: MasterPartMemory, phase: Phase) -> None:
    """Somebody else may ask then."""
    memory.say(memory.ask(BAD), phase)
    waits = {Phase.NEW, Phase.KEEPING, Phase.ARMED, Phase.IN_HAND}
    assert memory.under_way is (phase in waits)
    assert memory.request.ended is (phase not in waits)


@pytest.mark.parametrize("part", KNOWN)
def test_gate_is_closed_and_opened_for_one_kind_of_part(
    memory: MasterPartMemory, part: MasterPart
) -> None:
    """A right answer of the other kind leaves it as it is."""
    other = next(each for each in KNOWN if each is not part)
    memory.places[part].close_gate(Gate.WRONG, 7)
    memory.places[other].passed(8, 1)
    assert (memory.closed, memory.places[part].closed_ns) == (True, 7)
    memory.places[part].passed(9, 0xFFFF)
    assert not memory.closed
    assert (memory.places[part].passed_ns, memory.places[part].checksum) == (9, 0xFFFF)
    assert (memory.places[other].passed_ns, memory.places[other].checksum) == (8, 1)


def test_memory_is_made_with_the_gates_that_were_kept(station: str) -> None:
    """A station that starts has not forgotten what closed them."""
    made = MasterPartMemory.create(station, {BAD: Gate.WRONG, GOOD: Gate.OPEN})
    assert made.closed
    assert made.places[BAD].gate is Gate.WRONG
    assert made.places[GOOD].gate is Gate.OPEN


def test_view_reads_what_the_line_says_and_writes_nothing(
    station: str, memory: MasterPartMemory
) -> None:
    """Another mapping of the same memory."""
    view = MasterPartView.attach(station)
    number = memory.ask(BAD)
    memory.armed_ns, memory.until_ns, memory.kept = 5, 6, number
    memory.judged(77, Reason.FRAME)
    memory.say(number, Phase.VOID, Why.NOT_JUDGED)
    memory.take_back()
    assert (view.armed_ns, view.until_ns, view.kept, view.taken_back) == (5, 6, number, number)
    assert (view.serial, view.reason) == (77, Reason.FRAME)
    assert view.request.phase is Phase.VOID
    with pytest.raises(TypeError):
        view.words[0] = 1
    with pytest.raises(TypeError):
        view.places[BAD].words[0] = 1
    view.close()


@pytest.mark.parametrize("why", list(Why))
def test_said_has_words_for_every_reason(why: Why) -> None:
    """And names what the part was rejected for, where that is why nobody judged it."""
    words = said(why, Reason.OVERRATE)
    assert bool(words) is (why is not Why.NONE)
    assert ("OVERRATE" in words) is (why is Why.NOT_JUDGED)
