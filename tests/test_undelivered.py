"""Parts that are judged while the PLC is switched off: whole stations, and what is read back."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.ipc import last_state
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told import state_path
from gonogo.tests.records.months import ask, now
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

PARTS, PATIENCE_S = 5, 60.0
ROWS = (
    "SELECT verdict, delivered, delivered_as, delivered_reason, published_ns, acked_ns"
    " FROM part WHERE delivered IS NOT NULL"
)


def run(station: Station, parts: int) -> None:
    """Until the line has judged so many; nobody plays the PLC."""
    end_s = time.monotonic() + PATIENCE_S
    with RunningStation(station) as running:
        while running.heartbeat.cycles < parts:
            running.wait(0.05)
            assert time.monotonic() < end_s
        if not parts:
            running.wait(1.5)  # records keeps the state once a second


def test_part_of_which_the_plc_heard_nothing_is_not_recorded_as_accepted(tmp_path: Path) -> None:
    """Its verdict is there, no delivery and no time of one, and the reason: in every command."""
    station = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 160})
    path = station.records.path
    run(station, PARTS)
    found = ask(path, ROWS)
    assert len(found) >= PARTS - 1
    assert {row[1:] for row in found} == {(0, None, None, None, None)}
    with closing(sqlite3.connect(now(path))) as db:
        assert db.execute("SELECT DISTINCT why FROM undelivered").fetchall() == [("NO_PLC",)]
    assert "ACCEPT" in {row[0] for row in found}
    shown = CliRunner().invoke(main, ["parts", "--station", str(path), "--not-delivered"]).output
    lines = [line for line in shown.splitlines() if "NOT_DELIVERED" in line]
    assert len(lines) == len(found)
    assert "NOT DELIVERED: no PLC on the link (decided ACCEPT)" in shown
    one = CliRunner().invoke(main, ["part", "1", "--station", str(path)]).output
    assert one.startswith("part 1: NOT_DELIVERED")
    csv = CliRunner().invoke(main, ["parts", "--station", str(path), "--csv", "-"]).output
    assert ",False,,," in csv
    assert "NO_PLC" in csv


def test_last_run_is_the_one_that_judged_a_part(tmp_path: Path) -> None:
    """A start in which no part came says nothing of parts, and does not take its place."""
    judging = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 160})
    run(judging, PARTS)
    before = last_state.look(state_path(judging))
    assert before is not None
    assert (before.judged, before.reset_reason) == (True, "stopped")
    assert before.last_part_id >= PARTS
    idle = judging.model_copy(update={"trigger": small_station(tmp_path).trigger})
    run(idle, 0)
    assert last_state.look(state_path(judging)) == before
