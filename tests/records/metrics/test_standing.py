"""One reading of a station's memory: what is there, what is not, and nothing made up."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import SegmentError
from gonogo.base.words import FaultBit, Mode, Reason
from gonogo.engines.installed.layout import BUNDLE
from gonogo.ipc.board_health import STALE_NS, BoardWriter, Heat, make_board_health
from gonogo.ipc.chip_health import ChipWriter, make_chip_health
from gonogo.ipc.drift_table import DriftWriter, ViewWords, make_drift_table
from gonogo.ipc.engine_queue import HostState, Mailbox
from gonogo.ipc.engine_slot import SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.process_table import ProcessTable
from gonogo.records.metrics.standing import Disk, DriftStanding, RowStanding, StationMemory
from gonogo.tests.fakes import entry_of, put

if TYPE_CHECKING:
    from collections.abc import Iterator


class Made:
    """The memory that every station has."""

    def __init__(self, station: str) -> None:
        self.heart, self.journal = Heartbeat.create(station), Journal.create(station, 16)
        self.table = ProcessTable.create(station)

    def close(self) -> None:
        """Unmap it."""
        for each in (self.heart, self.journal, self.table):
            each.close()


@pytest.fixture
def made(station: str) -> Iterator[Made]:
    """Of a station that has just begun."""
    found = Made(station)
    yield found
    found.close()


def test_memory_tells_of_a_bare_station_what_there_is(
    station: str, made: Made, tmp_path: Path
) -> None:
    """Neither engines nor a board nor a line yet: none of them, and no zeros instead."""
    memory = StationMemory(station, tmp_path / "r.sqlite", {})
    found = memory.look()
    assert found.line == (Mode.FULL, 0, 0, 0, 0, None)
    assert found.records == (0, 0, 0, 0, made.journal.records)
    assert (found.places, found.exchanges, found.rows) == ((), None, ())
    assert found.board.heat is None
    stat = os.statvfs(tmp_path)
    assert found.disk is not None
    assert found.disk.size == stat.f_blocks * stat.f_frsize
    assert 0 < found.disk.free <= found.disk.size
    memory.close()
    memory.close()


def test_memory_needs_a_station(station: str) -> None:
    """The error says that none runs."""
    with pytest.raises(SegmentError, match="start the station first"):
        StationMemory(station, None, {})


@pytest.mark.usefixtures("made")
def test_memory_says_nothing_of_a_disk_that_is_not_there(station: str, tmp_path: Path) -> None:
    """A disk that was pulled is not one without room."""
    for records in (None, tmp_path / "gone" / "r.sqlite"):
        memory = StationMemory(station, records, {})
        assert memory.look().disk is None
        memory.close()
    assert Disk(1, 2).free == 1


def test_memory_shows_line_and_records(station: str, made: Made) -> None:
    """Mode and FAULT as the PLC is shown it; what waits is what was written and not dealt with."""
    memory = StationMemory(station, None, {})
    made.heart.show(Mode.SAFE, 7, FaultBit.CAMERA)
    made.heart.take_over()
    now_ns = time.monotonic_ns()
    made.heart.idle(now_ns - 3_000_000_000)
    for serial in range(5):
        put(made.journal, entry_of(serial))
    made.journal.taken, made.journal.lost, made.journal.asides = 3, 2, 1
    found = memory.look(now_ns)
    assert found.line[:2] == (Mode.SAFE, FaultBit.CAMERA)
    assert found.line.takeovers == 1
    assert found.line.alive_age_s == pytest.approx(3.0)
    assert found.records == (3, 2, 2, 1, made.journal.records)
    memory.close()


def test_memory_shows_processes_by_name(station: str, made: Made) -> None:
    """The line lives while any of its two does; starts are those of both."""
    memory = StationMemory(station, None, {"records": (1,), "line": (2, 3)})
    made.table.rows[1].occupy(os.getpid())
    made.table.rows[2].occupy(2**22)  # no process has this number (proc(5), pid_max)
    made.table.rows[3].occupy(os.getpid())
    assert memory.look().rows == (RowStanding("records", True, 1), RowStanding("line", True, 2))  # noqa: FBT003
    made.table.rows[3].vacate()
    assert memory.look().rows[1] == RowStanding("line", False, 2)  # noqa: FBT003
    memory.close()


@pytest.mark.usefixtures("made")
def test_memory_shows_what_each_place_holds_and_which_judges(station: str) -> None:
    """Name and version of installed bundles by their folders."""
    with ExitStack() as stack:
        boxes = [Mailbox.create(station, place) for place in range(2)]
        slots = EngineSlots.create(station)
        for box in boxes:
            stack.callback(box.close)
        stack.callback(slots.close)
        slots.places[0].order(SlotOrder(bundles={"bolt": Path("/e/bolt/1.2.3") / BUNDLE}))
        boxes[0].say(HostState.READY)
        memory = StationMemory(station, None, {})
        stack.callback(memory.close)
        one, other = memory.look().places
        assert (one.name, one.ready, one.judges, one.engines) == (
            "A",
            True,
            True,
            {"bolt": "1.2.3"},
        )
        assert (other.name, other.ready, other.judges, other.engines) == ("B", False, False, {})
        slots.switch(1, 5, 6)
        slots.roll_back(Reason.ENGINE)
        found = memory.look()
        assert [place.judges for place in found.places] == [False, True]
        assert found.exchanges == (1, 1)


@pytest.mark.usefixtures("made")
def test_memory_knows_a_temperature_for_as_long_as_somebody_says_it(station: str) -> None:
    """Of the box and of a chip; what was said too long ago is not known."""
    make_board_health(station)
    make_chip_health(station)
    board, chip = BoardWriter.attach(station), ChipWriter.attach(station, 1)
    board.say_power(7.5)
    board.say(Heat.WARM, ("cpu", 81.5), slowed=True)
    chip.say(temperature_c=61.0)
    memory = StationMemory(station, None, {})
    found = memory.look().board
    assert found == (Heat.WARM, 81.5, True, 7.5, {"chip B": 61.0})
    late = memory.look(time.monotonic_ns() + STALE_NS + 1).board
    assert late == (None, None, False, None, {})
    for each in (memory, board, chip):
        each.close()


@pytest.mark.usefixtures("made")
def test_memory_shows_how_the_charts_of_drift_stand(station: str) -> None:
    """Nothing before anything was said, nor where nobody charts it."""
    memory = StationMemory(station, None, {})
    assert memory.look().drift is None
    memory.close()
    make_drift_table(station)
    table, memory = DriftWriter.attach(station), StationMemory(station, None, {})
    assert memory.look().drift is None
    learning = ViewWords(12, 160, {})
    table.say([learning], None)
    table.alarms, table.waiting, table.odd = 1, 20, 3
    assert memory.look().drift == DriftStanding(1, 20, 3, {0: learning})
    for each in (table, memory):
        each.close()
