"""What a row leaves undone at a stop: looked after once, and told by the supervisor's exit code."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell
from gonogo.base.handover import hand_over
from gonogo.base.shm import segment_path
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.journal import Journal
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.worker import EXIT_DONE, EXIT_KEEP, EXIT_LEFT
from gonogo.records.leftover import pending
from gonogo.tests.fakes import entry_of, put
from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.plan import SupervisorPlan
from gonogo.watchdog.supervisor import EXIT_SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.watchdog.plan import RowPlan

SALVAGE = "gonogo.records.salvage"


@pytest.fixture(autouse=True)
def _loud(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def with_care(plan: RowPlan, module: str = SALVAGE) -> RowPlan:
    """The same row with something to be done after it."""
    return plan.model_copy(update={"aftercare": module})


def journal_of(station: str, path: Path) -> Journal:
    """A journal with one entry that nobody has taken."""
    journal = Journal.create(station, 4, f'{{"path": "{path}"}}')
    put(journal, entry_of(1))
    return journal


def test_aftercare_of_a_row_that_ended_well_is_not_needed(station: str, tmp_path: Path) -> None:
    """It has done all there was to do."""
    journal_of(station, tmp_path / "r.db")
    with supervised(station, with_care(row("records", "obey", station))) as table:
        turn_until(table, lambda: table.was_up)
    assert table.left == EXIT_DONE
    assert pending(tmp_path / "r.db") == []


@pytest.mark.parametrize("killed", [False, True])
def test_aftercare_of_a_row_that_ended_badly_is_done(
    station: str,
    tmp_path: Path,
    killed: bool,  # noqa: FBT001 - a parameter
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Killed because it did not stop, or ended before it was asked to; its messages are heard."""
    journal_of(station, tmp_path / "r.db")
    plan = row("records", "ignore", station) if killed else row("records", "end", station, code=1)
    with supervised(station, with_care(plan)) as table:
        turn_until(table, lambda: table.was_up or table.rows[0].standing.last_code is not None)
        if killed:
            os.kill(table.beats.rows[1].pid, signal.SIGKILL)
            turn_until(table, lambda: table.rows[0].standing.last_code is not None)
    assert table.left == EXIT_LEFT
    assert len(pending(tmp_path / "r.db")) == 1
    assert any(line.startswith("records: GN604: run ") for line in caplog.messages)


@pytest.mark.parametrize("module", ["gonogo.no_such_module", "gonogo.tests.programs"])
def test_aftercare_that_fails_itself_keeps_the_memory(
    station: str, module: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody knows what it has saved."""
    plan = with_care(row("records", "fragile", station, code=1), module)
    with supervised(station, plan) as table:
        turn_until(table, lambda: table.rows[0].standing.last_code is not None)
    assert table.left == EXIT_KEEP
    assert f"{module}: exit code 1" in caplog.messages


@pytest.mark.parametrize(
    ("folder", "code", "kept"), [("", EXIT_LEFT, False), ("file/", EXIT_SYSTEM, True)]
)
def test_supervisor_tells_what_is_left_and_keeps_what_is_nowhere_else(
    station: str,
    tmp_path: Path,
    folder: str,
    code: int,
    kept: bool,  # noqa: FBT001 - a parameter
) -> None:
    """In a process of its own, by its exit code; the memory of the station stays, or goes."""
    (tmp_path / "file").touch()
    journal_of(station, tmp_path / f"{folder}r.db")
    assert supervise(station) == code
    assert segment_path(station, "journal").exists() == kept


def supervise(station: str) -> int:
    """A whole supervisor over a row that ends with 1, asked to stop after that; its exit code."""
    make_bell(station, "log")
    beats, board = ProcessTable.create(station), FaultBoard.create(station)
    MasterPartMemory.create(station).close()
    plan = SupervisorPlan(
        station=station, rows=(with_care(row("records", "fragile", station, code=1)),)
    )
    fd = hand_over(plan.model_dump_json())
    command = [sys.executable, "-I", "-m", "gonogo.watchdog.supervisor", str(fd), station]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, pass_fds=(fd,))
    os.close(fd)
    while beats.rows[1].starts < 2:
        assert process.poll() is None
    process.terminate()
    code = process.wait(60)
    beats.close()
    board.close()
    return code
