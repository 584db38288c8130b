"""When known parts are due: by the hour, by what judges, and what follows where none is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.words import MasterPart
from gonogo.config.master_part import MasterPartSection
from gonogo.ipc.master_part import Gate, MasterPartMemory
from gonogo.runtime.master_due import NS_PER_H, DueParts

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD, BAD = MasterPart.GOOD, MasterPart.BAD
START_NS, SUM = 10**12, 4711


def due_of(memory: MasterPartMemory, **section: Any) -> DueParts:  # noqa: ANN401 - of a section
    """Every eight hours."""
    return DueParts(memory, MasterPartSection.model_validate({"every_h": 8.0} | section))


@pytest.fixture
def memory(station: str) -> MasterPartMemory:
    """Of a station that has just started."""
    return MasterPartMemory.create(station)


def due_ns(memory: MasterPartMemory) -> Sequence[int]:
    """Of the good one and of the bad one."""
    return [memory.places[part].due_ns for part in (GOOD, BAD)]


def test_due_at_once_at_the_start_of_a_station(memory: MasterPartMemory) -> None:
    """Of each that is required, and of no other."""
    due_of(memory, required=["bad"]).look(START_NS, SUM)
    assert due_ns(memory) == [0, START_NS]


def test_an_hour_has_as_many_ns_as_it_has() -> None:
    """3600 seconds of a thousand million each."""
    assert NS_PER_H == 3_600_000_000_000


def test_due_never_without_an_interval(memory: MasterPartMemory) -> None:
    """On demand only, also once one was shown."""
    due = due_of(memory, every_h=None)
    due.passed(BAD, START_NS, SUM)
    due.look(START_NS + 10**18, SUM + 1)
    assert due_ns(memory) == [0, 0]
    assert memory.places[BAD].passed_ns == START_NS


def test_due_again_after_the_interval(
    memory: MasterPartMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """From the right answer on; said once each time."""
    due = due_of(memory, required=["good"])
    for _ in range(3):
        due.look(START_NS, SUM)
    due.passed(GOOD, START_NS, SUM)
    due.look(START_NS + 8 * NS_PER_H - 1, SUM)
    assert due_ns(memory) == [START_NS + 8 * NS_PER_H, 0]
    assert len(caplog.messages) == 1
    for ago_ns in (0, 1, 2):
        due.look(START_NS + 8 * NS_PER_H + ago_ns, SUM)
    assert caplog.messages == ["the known good part is due: gonogo master good"] * 2
    assert not memory.closed


def test_due_at_once_when_something_else_judges(memory: MasterPartMemory) -> None:
    """And stays so when the former comes back; while nobody knows what judges, nothing changes."""
    due = due_of(memory, required=["bad"])
    due.passed(BAD, START_NS, SUM)
    due.look(START_NS + 5, None)
    assert due_ns(memory) == [0, START_NS + 8 * NS_PER_H]
    due.look(START_NS + 6, SUM + 1)
    due.look(START_NS + 7, SUM)
    assert due_ns(memory) == [0, START_NS + 6]


def test_due_is_remembered_by_the_line_after_this_one(memory: MasterPartMemory) -> None:
    """A line that begins anew neither forgives nor forgets."""
    due_of(memory).passed(GOOD, START_NS, SUM)
    due_of(memory).look(START_NS + 1, SUM)
    assert due_ns(memory) == [START_NS + 8 * NS_PER_H, START_NS + 1]
    due_of(memory).look(START_NS + 2, SUM)
    assert due_ns(memory) == [START_NS + 8 * NS_PER_H, START_NS + 1]


def test_overdue_stops_the_station_only_after_its_grace_and_only_if_it_shall(
    memory: MasterPartMemory, caplog: pytest.LogCaptureFixture
) -> None:
    """Until a right answer, however late; a warning closes nothing."""
    grace_ns = NS_PER_H // 2
    due_of(memory, overdue="warn").look(START_NS, SUM)
    due_of(memory, overdue="warn").look(START_NS + 100 * grace_ns, SUM)
    assert not memory.closed
    due = due_of(memory, overdue="stop", required=["bad"])
    due.look(START_NS + grace_ns, SUM)
    assert not memory.closed
    due.look(START_NS + grace_ns + 1, SUM)
    due.look(START_NS + grace_ns + 1, SUM)
    assert memory.places[BAD].gate is Gate.OVERDUE
    assert memory.places[GOOD].gate is Gate.OPEN
    said = "the known bad part is overdue: no part passes until a right answer"
    assert caplog.messages.count(said) == 1
    due.passed(BAD, START_NS + grace_ns + 2, SUM)
    due.look(START_NS + grace_ns + 3, SUM)
    assert not memory.closed


def test_overdue_does_not_hide_a_wrong_answer(memory: MasterPartMemory) -> None:
    """What closed it first stays to be read."""
    memory.places[BAD].close_gate(Gate.WRONG, START_NS)
    due = due_of(memory, overdue="stop", grace_h=0.0)
    due.look(START_NS, SUM)
    due.look(START_NS + 1, SUM)
    assert memory.places[BAD].gate is Gate.WRONG
    assert memory.places[GOOD].gate is Gate.OVERDUE
