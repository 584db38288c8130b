"""The supervisor: what ends is started again, what hangs is killed, what shall end does."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.base.doorbell import make_bell, open_bell
from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.table import WAIT_S, row, supervised, turn_until
from gonogo.watchdog.means import Means
from gonogo.watchdog.plan import SupervisorPlan
from gonogo.watchdog.process import describe
from gonogo.watchdog.rowstate import RowState
from gonogo.watchdog.supervisor import EXIT_SYSTEM, EXIT_USER, Supervisor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _loud(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_supervisor_starts_rows_in_order_each_once_the_last_is_up(station: str) -> None:
    """Nothing of the second while the first has not beaten."""
    rows = [row(name, "obey", station, name=name) for name in ("a", "b")]
    with supervised(station, *rows) as table:
        table.supervise()
        assert (table.beats.rows[1].pid > 0, table.beats.rows[2].pid) == (True, 0)
        turn_until(table, lambda: table.was_up)
        assert all(one.standing.up for one in table.rows)


def test_supervisor_has_a_spare_ready_before_its_turn(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It works once those before it are up, and is the very process that waited."""
    rows = (
        row("engine", "unready", station),
        row("line", "spare", station, spare=True, required=True),
    )
    with supervised(station, *rows) as table:
        engine, line = table.beats.rows[1:3]
        turn_until(table, lambda: line.state == RowState.HELD)
        pid = line.pid
        assert not table.was_up
        assert "spare: works in row 2" not in caplog.messages
        engine.beat()
        turn_until(table, lambda: table.was_up)
        assert (line.pid, line.starts, line.waits) == (pid, 1, 0)
    assert "spare: works in row 2" in caplog.messages
    assert "line: the warm spare takes over" not in caplog.messages


def test_supervisor_begins_an_early_row_beside_those_before_it(station: str) -> None:
    """The one behind it waits for both."""
    early = row("engine", "obey", station).model_copy(update={"early": True})
    rows = (row("records", "unready", station), early, row("line", "obey", station))
    with supervised(station, *rows) as table:
        records, engine, line = table.beats.rows[1:4]
        turn_until(table, lambda: engine.state == RowState.UP)
        table.supervise()
        assert (records.state, line.pid) == (RowState.STARTING, 0)
        records.beat()
        turn_until(table, lambda: table.was_up)
        assert line.pid > 0


def test_supervisor_stops_the_last_started_first(station: str, tmp_path: Path) -> None:
    """In the reverse order of starting."""
    diary = str(tmp_path / "diary")
    rows = [row(name, "obey", station, name=name, diary=diary) for name in ("a", "b", "c")]
    with supervised(station, *rows) as table:
        turn_until(table, lambda: table.was_up)
    assert (tmp_path / "diary").read_text(encoding="ascii").split() == ["c", "b", "a"]


def test_supervisor_starts_again_what_was_killed(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process in the same row, and a word about it."""
    with supervised(station, row("engine", "obey", station)) as table:
        turn_until(table, lambda: table.was_up)
        beat = table.beats.rows[1]
        pid = beat.pid
        os.kill(pid, signal.SIGKILL)
        turn_until(table, lambda: beat.pid not in (0, pid) and table.rows[0].standing.up)
    assert "engine ended (signal 9)" in caplog.messages
    assert beat.starts == 2


def test_supervisor_kills_what_hangs_and_starts_it_again(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that beat once and then no more is overdue."""
    with supervised(station, row("engine", "silent", station, limit_ms=100)) as table:
        turn_until(table, lambda: table.beats.rows[1].starts > 1)
    assert "engine gave no sign of life for 100 ms: killed" in caplog.messages


def test_supervisor_kills_what_is_frozen_and_starts_it_again(station: str) -> None:
    """A stopped process beats no more, and cannot obey."""
    with supervised(station, row("engine", "obey", station, limit_ms=200)) as table:
        turn_until(table, lambda: table.was_up)
        os.kill(table.beats.rows[1].pid, signal.SIGSTOP)
        turn_until(table, lambda: table.beats.rows[1].starts > 1 and table.rows[0].standing.up)


def test_supervisor_latches_what_ends_too_often_until_it_is_acknowledged(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Three ends within a minute; then it is left alone, and tried again when somebody says so."""
    plan = row("engine", "fragile", station, strikes=3, code=4)
    with supervised(station, plan) as table:
        beat = table.beats.rows[1]
        turn_until(table, lambda: beat.state == RowState.LATCHED)
        assert beat.starts == 3
        for _ in range(10):
            table.supervise()
        assert beat.starts == 3
        beat.acknowledge()
        turn_until(table, lambda: beat.starts == 4)
    said = "engine ended 3 times within a minute: left alone until it is acknowledged"
    assert said in caplog.messages


def test_supervisor_lets_the_warm_spare_take_over(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The spare works the moment the first one ends, and a new spare is kept."""
    plan = row("line", "spare", station, spare=True, required=True)
    with supervised(station, plan) as table:
        first, second = table.beats.rows[1:3]
        turn_until(table, lambda: second.state == RowState.HELD)
        spare_pid = second.pid
        os.kill(first.pid, signal.SIGKILL)
        turn_until(table, lambda: second.state == RowState.UP)
        assert second.pid == spare_pid
        turn_until(table, lambda: first.state == RowState.HELD)
        assert table.code is None
    assert "line: the warm spare takes over" in caplog.messages
    assert "spare: works in row 2" in caplog.messages


def test_supervisor_whose_required_row_cannot_start_gives_up(station: str) -> None:
    """A device that cannot be opened is the user's to mend; anything else is the system's."""
    for code, expected in ((1, EXIT_USER), (3, EXIT_SYSTEM)):
        with supervised(station, row("line", "end", station, code=code, required=True)) as table:
            turn_until(table, lambda: table.code is not None)
        assert table.code == expected


def test_supervisor_whose_required_row_keeps_ending_gives_up(station: str) -> None:
    """The service manager may start everything anew."""
    plan = row("line", "fragile", station, code=1, strikes=3, required=True)
    with supervised(station, plan) as table:
        turn_until(table, lambda: table.code is not None)
    assert table.code == EXIT_SYSTEM


def test_supervisor_is_healthy_only_while_what_is_required_beats(station: str) -> None:
    """What feeds the hardware watchdog stops with the line."""
    plan = row("line", "obey", station, required=True, limit_ms=60_000)
    with supervised(station, plan) as table:
        assert not table.healthy
        turn_until(table, lambda: table.healthy)
        os.kill(table.beats.rows[1].pid, signal.SIGKILL)
        turn_until(table, lambda: not table.healthy)


def test_supervisor_adopts_what_a_killed_one_left(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The same process goes on, is watched, and is stopped in order by the new one."""
    plan = SupervisorPlan(station=station, rows=(row("line", "obey", station),))
    beats = ProcessTable.create(station)
    make_bell(station, "log")
    log_fd = open_bell(station, "log")
    killed = Supervisor(plan, beats, Means(station, log_fd))
    killed.start()
    turn_until(killed, lambda: killed.rows[0].standing.up)
    pid = beats.rows[1].pid
    again = ProcessTable.attach(station)  # the first one never looks at it again
    heir = Supervisor(plan, again, Means(station, log_fd))
    heir.start()
    assert heir.rows[0].standing.up
    turn_until(heir, lambda: heir.was_up)
    assert beats.rows[1].pid == pid
    assert beats.rows[1].starts == 1
    heir.stop()
    parent = killed.rows[0].places[0].occupant.process
    assert parent is not None
    assert parent.wait(WAIT_S), "its first supervisor, which lives on in this test, reaps it"
    parent.reap()
    assert not beats.rows[1].lives
    assert "supervisor: adopted line" in caplog.messages
    assert "obey: stopped in order" in caplog.messages
    os.close(log_fd)


def test_supervisor_is_not_held_up_by_a_row_that_never_stops_talking(station: str) -> None:
    """One look passes on one pipe's worth; the chatterer still talks when it returns."""
    with supervised(station, row("chatter", "chatter", station)) as table:
        turn_until(table, lambda: table.was_up)
        for _ in range(3):
            table.supervise()
        assert table.rows[0].standing.up


def test_supervisor_kills_what_does_not_want_to_stop(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Asked, waited for, killed, and said so."""
    with supervised(station, row("engine", "ignore", station)) as table:
        turn_until(table, lambda: table.was_up)
    assert table.rows[0].standing.last_code == -signal.SIGKILL
    assert "engine did not stop within 5 s: killed" in caplog.messages


@pytest.mark.parametrize(
    ("code", "words"), [(None, "status unknown"), (3, "exit code 3"), (-9, "signal 9")]
)
def test_describe_puts_an_exit_status_into_words(code: int | None, words: str) -> None:
    """As a technician reads it in the log."""
    assert describe(code) == words
