"""What is asked of master parts in shared memory: one writer a word, and never half an answer."""

from __future__ import annotations

import pytest

from gonogo.base.words import MasterPart, Reason
from gonogo.ipc.master_part import (
    KNOWN,
    AskingView,
    Gate,
    KeepingView,
    LineMasterPart,
    MasterPartMemory,
    MasterPartView,
    Phase,
    Request,
    Why,
    said,
)
from gonogo.tests.ipc.layout import cannot_write, index_of

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


def test_words_stand_where_the_docstring_says(station: str, memory: MasterPartMemory) -> None:
    """A station may outlive its supervisor: the next one reads them by their numbers."""
    view = MasterPartView.attach(station)
    words = memory.segment.words(0, 32)
    shown = {
        "taken_back": 1, "kept": 2, "armed_ns": 5, "until_ns": 6, "serial": 7,
    }  # fmt: skip
    assert {name: index_of(view, name, words) for name in shown} == {
        name: [at] for name, at in shown.items()
    }
    for part in KNOWN:
        first = 8 + 8 * part
        its = {"gate": 0, "closed_ns": 1, "passed_ns": 2, "checksum": 3, "due_ns": 4}
        assert {name: index_of(view.places[part], name, words) for name in its} == {
            name: [first + at] for name, at in its.items()
        }
    words[0], words[3], words[4], words[8] = 7 << 8 | 2, 7 << 8 | 6, 11, 31
    assert view.request == Request(7, BAD, Phase.VOID, Why.NOT_JUDGED)
    assert view.reason is Reason.FRAME
    assert memory.ask(GOOD) == 8
    assert words[0] == 8 << 8 | 1
    cannot_write(view, ("kept", "until_ns", "taken_back"), view.words)
    cannot_write(view.places[BAD], ("due_ns", "gate"), view.places[BAD].words)
    words.release()
    view.close()
    with pytest.raises(ValueError, match="released"):
        view.words[0]
    with pytest.raises(ValueError, match="released"):
        view.places[BAD].words[0]


def test_numbers_are_those_that_another_process_reads() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert [gate.name for gate in sorted(Gate)] == ["OPEN", "WRONG", "OVERDUE", "UNKNOWN"]
    assert [phase.name for phase in sorted(Phase)] == [
        "NEW", "KEEPING", "ARMED", "IN_HAND", "RIGHT", "WRONG", "VOID", "REFUSED", "LAPSED",
        "TAKEN_BACK",
    ]  # fmt: skip
    assert [why.name for why in sorted(Why)] == [
        "NONE", "NOT_ENABLED", "RECIPE", "SWAP", "ENGINE", "CAMERA", "TIME", "TRIGGER", "NO_RULE",
        "NOT_KEPT", "NOT_QUIET", "NOT_JUDGED", "BLIND", "LINE_ENDED", "BAD_ACCEPTED",
        "GOOD_REJECTED", "NOT_FOUND",
    ]  # fmt: skip
    for kind in (Gate, Phase, Why):
        assert [int(each) for each in sorted(kind)] == list(range(len(kind)))


@pytest.mark.parametrize("role", [AskingView, KeepingView, LineMasterPart])
def test_roles_write_into_one_memory(
    station: str, memory: MasterPartMemory, role: type[AskingView | KeepingView | LineMasterPart]
) -> None:
    """Each what is its own."""
    its = role.attach(station)
    if isinstance(its, AskingView):
        assert its.ask(BAD) == 1
        its.take_back()
    elif isinstance(its, KeepingView):
        its.kept = 4
    else:
        its.armed_ns, its.until_ns = 5, 6
        its.places[BAD].due_ns = 9
    found = (memory.request.number, memory.taken_back, memory.kept, memory.armed_ns)
    assert (
        found
        == {
            AskingView: (1, 1, 0, 0),
            KeepingView: (0, 0, 4, 0),
            LineMasterPart: (0, 0, 0, 5),
        }[role]
    )
    assert memory.places[BAD].due_ns == (9 if role is LineMasterPart else 0)
    its.close()
