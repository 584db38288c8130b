"""Finds of a camera's process as the line waits for them."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell, open_bell, ring
from gonogo.base.words import Reason
from gonogo.drivers.triggers.by_camera.trigger import CameraTrigger
from gonogo.ipc.part_finds import BELL, KEPT, FindsLog
from gonogo.testing.triggers import TriggerContract, soon_ns
from gonogo.tests.drivers.triggers.by_camera.gates import MS, section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.base.words import TriggerEvent
    from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection


class Process:
    """The camera's process, as far as the line knows it."""

    def __init__(self, station: str) -> None:
        self.station = station
        self.log = FindsLog.create(station)
        make_bell(station, BELL)
        self.bell_fd = open_bell(station, BELL)
        self.at_ns = time.monotonic_ns() - 60_000 * MS
        self.log.looked_ns = time.monotonic_ns()

    def section(self, pitch_ms: float = 0.001) -> CameraTriggerSection:
        """Of this station, whose parts may come as fast as tests can make them."""
        return section(min_pitch_ms=pitch_ms).of_station(self.station, 100.0, 20.0)

    def find(self, *, unsure: bool = False) -> None:
        """A part, 100 ms after the one before."""
        self.at_ns += 100 * MS
        self.log.add(self.at_ns, unsure=unsure)
        ring(self.bell_fd)


@pytest.fixture
def process(station: str) -> Iterator[Process]:
    """One that has found nothing yet."""
    made = Process(station)
    yield made
    made.log.close()


class TestCameraTrigger(TriggerContract):
    """What every trigger promises."""

    @pytest.fixture
    def section(self, process: Process) -> CameraTriggerSection:
        """Of the station of the test."""
        return process.section()

    @pytest.fixture
    def trigger(
        self, section: CameraTriggerSection, last_part_id: int, process: Process
    ) -> Iterator[CameraTrigger]:
        """Opened without the catalogue: it is of a station."""
        del process
        with closing(CameraTrigger(section, last_part_id)) as made:
            yield made

    @pytest.fixture
    def pulse(self, process: Process) -> Callable[[int], object]:
        """The process finds a part."""
        return lambda _: process.find()


@pytest.fixture
def trigger(process: Process) -> Iterator[CameraTrigger]:
    """Of that process."""
    with closing(CameraTrigger(process.section(), 0)) as made:
        yield made


def waiting(trigger: CameraTrigger) -> list[TriggerEvent]:
    """All parts that wait."""
    return list(iter(lambda: trigger.wait(0), None))


def sees(trigger: CameraTrigger) -> bool:
    """At this moment."""
    return trigger.ready


def rejects(parts: list[TriggerEvent]) -> list[Reason]:
    """Why each is not inspected."""
    return [part.reject for part in parts]


def test_trigger_says_which_find_it_has_taken(process: Process, trigger: CameraTrigger) -> None:
    """Under which id: for that one's frame it will ask."""
    process.find()
    process.find()
    taken = []
    while (part := trigger.wait(0)) is not None:
        taken.append((process.log.taken, process.log.part_id, part.part_id))
    assert taken == [(1, 1, 1), (2, 2, 2)]


def test_trigger_inspects_the_newest_of_those_that_waited(
    process: Process, trigger: CameraTrigger
) -> None:
    """Of the others no frame is left; also where they come between two looks."""
    for _ in range(3):
        process.find()
    assert rejects(waiting(trigger)) == [Reason.OVERRATE, Reason.OVERRATE, Reason.OK]
    process.find()
    process.find()
    assert trigger.wait(0) is not None
    process.find()
    assert rejects(waiting(trigger)) == [Reason.OVERRATE, Reason.OK]


def test_trigger_numbers_all_that_are_found_while_others_wait(
    process: Process, trigger: CameraTrigger
) -> None:
    """As many as the process keeps, each time."""
    for _ in range(KEPT):
        process.find()
    assert trigger.wait(0) is not None
    for _ in range(KEPT):
        process.find()
    parts = waiting(trigger)
    assert [part.part_id for part in parts] == list(range(2, 2 * KEPT + 1))
    assert rejects(parts) == [Reason.OVERRATE] * (2 * KEPT - 2) + [Reason.OK]
    assert trigger.missed == 0


def test_trigger_refuses_a_part_that_is_unsure(process: Process, trigger: CameraTrigger) -> None:
    """One before it may have come unseen."""
    process.find(unsure=True)
    process.find()
    assert rejects(waiting(trigger)) == [Reason.TRIGGER, Reason.OK]


def test_trigger_refuses_parts_that_are_closer_than_the_pitch(process: Process) -> None:
    """Each fetched as it comes."""
    with closing(CameraTrigger(process.section(100.5), 0)) as trigger:
        found = []
        for _ in range(2):
            process.find()
            found += waiting(trigger)
    assert rejects(found) == [Reason.OK, Reason.OVERRATE]


def test_trigger_numbers_what_no_line_has_taken(process: Process) -> None:
    """A line that takes over gives each its verdict."""
    with closing(CameraTrigger(process.section(), 0)) as former:
        process.find()
        waiting(former)
    process.find()
    process.find()
    with closing(CameraTrigger(process.section(), 1)) as trigger:
        parts = waiting(trigger)
    assert [part.part_id for part in parts] == [2, 3]
    assert rejects(parts) == [Reason.OVERRATE, Reason.OK]


@pytest.mark.parametrize("open_before", [True, False])
def test_trigger_counts_finds_that_are_gone_as_missed(
    process: Process, *, open_before: bool
) -> None:
    """More than are kept: nobody gives those a number."""
    trigger = CameraTrigger(process.section(), 0)
    if not open_before:
        trigger.close()
    for _ in range(KEPT + 2):
        process.find()
    if not open_before:
        trigger = CameraTrigger(process.section(), 0)
    with closing(trigger):
        assert len(waiting(trigger)) == KEPT
        assert trigger.missed == 2


def test_trigger_sees_as_long_as_frames_are_looked_at(
    process: Process, trigger: CameraTrigger
) -> None:
    """And tells of it once each time it ends or begins."""
    assert sees(trigger)
    assert list(trigger.messages()) == []
    process.log.looked_ns = time.monotonic_ns() - 1001 * MS
    assert not sees(trigger)
    (said,) = [text for _ in range(2) for text in trigger.messages()]
    assert said.endswith("camera does not look at the belt: no part is found, and none accepted")
    process.log.looked_ns = time.monotonic_ns()
    assert sees(trigger)
    assert [text for _ in range(2) for text in trigger.messages()] == [
        "trigger: the first view's camera looks at the belt again"
    ]


def test_trigger_tells_of_parts_that_may_have_come_unseen(
    process: Process, trigger: CameraTrigger
) -> None:
    """Once for all that have come to that since."""
    process.log.doubts = 2
    assert trigger.missed == 2
    assert [text for _ in range(2) for text in trigger.messages()] == [
        "trigger: the first view's camera: parts may have come unseen; the next one is rejected"
    ]


def test_trigger_wakes_for_a_part(process: Process, trigger: CameraTrigger) -> None:
    """It sleeps until the bell rings, and no bell that has been heard wakes it again."""
    process.find()
    assert trigger.wait(soon_ns()) is not None
    until_ns = soon_ns(20)
    assert trigger.wait(until_ns) is None
    assert time.monotonic_ns() >= until_ns
