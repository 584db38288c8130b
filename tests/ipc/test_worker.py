"""What a child does first: it never blocks on its own words, and it hears when it shall stop."""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base import procfs
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.worker import EXIT_AGAIN, EXIT_BUG, ORPHAN_NS, Stop, Worker, guarded
from gonogo.tests.programs import LONE, MODULE, argument, launch, told
from gonogo.tests.table import WAIT_S, row, supervised, turn_until
from gonogo.watchdog.process import Process
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from pathlib import Path


def test_stop_asked_can_be_waited_for() -> None:
    """Its descriptor becomes readable and stays so."""
    stop = Stop()
    before = stop.asked
    assert select.select([stop.fd], [], [], 0) == ([], [], [])
    stop.ask(signal.SIGTERM, None)
    stop.ask()
    assert (before, stop.asked) == (False, True)
    assert select.select([stop.fd], [], [], 0)[0] == [stop.fd]
    os.close(stop.fd)


def test_child_asked_to_stop_ends_in_order(station: str, caplog: pytest.LogCaptureFixture) -> None:
    """SIGTERM is a request: the process finishes, ends with 0, and its last words are heard."""
    caplog.set_level(logging.INFO)
    with supervised(station, row("child", "obey", station)) as table:
        turn_until(table, lambda: table.rows[0].standing.up)
    assert table.rows[0].standing.last_code == 0
    assert caplog.messages == ["obey: up", "obey: stopped in order"]


def test_child_does_not_hear_ctrl_c(station: str) -> None:
    """SIGINT is ignored; it lives in a session of its own."""
    with supervised(station, row("child", "obey", station)) as table:
        turn_until(table, lambda: table.rows[0].standing.up)
        beat = table.beats.rows[1]
        assert os.getsid(beat.pid) == beat.pid
        os.kill(beat.pid, signal.SIGINT)
        before = beat.count
        turn_until(table, lambda: beat.count > before + 3)


def test_child_that_floods_its_messages_is_not_blocked(station: str) -> None:
    """Nobody reads the pipe: lines are dropped and counted, the work goes on."""
    with supervised(station, row("child", "flood", station, least_dropped=500)) as table:
        table.supervise()
        end_s = time.monotonic() + WAIT_S
        while not table.beats.rows[1].count:  # nobody reads meanwhile
            assert time.monotonic() < end_s, "it never came up"
            time.sleep(0.02)


def test_child_without_a_supervisor_comes_to_an_end(station: str) -> None:
    """Nobody beats in row 0 for as long as the child is told to wait, and not a moment sooner."""
    with supervised(station, row("child", "orphan", station, alone_ms=300)) as table:
        turn_until(table, lambda: table.beats.rows[1].count > 0)
        pidfd = os.pidfd_open(table.beats.rows[1].pid)
        for _ in range(30):
            table.supervise()
        assert table.rows[0].standing.up, "it gave up although it was watched"
        assert select.select([pidfd], [], [], WAIT_S)[0], "the child outlived its supervisor"
        os.close(pidfd)


def test_child_that_nobody_entered_gives_way_to_the_one_of_the_next_supervisor(
    station: str, tmp_path: Path
) -> None:
    """Its supervisor was killed between start and entry: it ends before it has done anything."""
    diary = tmp_path / "diary"
    plan = row("child", "obey", station, diary=str(diary))
    with supervised(station, plan) as table:
        stray = Process.spawn(plan.module, plan.argument, ("1", "active", station), 2)
        assert not stray.ended, "it did not wait for its name"
        turn_until(table, lambda: table.rows[0].standing.up)
        assert stray.wait(WAIT_S)
        assert stray.code == EXIT_AGAIN
        stray.reap()
        assert table.beats.rows[1].pid != stray.pid
        assert not diary.exists()


def test_child_waits_for_its_name_but_not_for_ever(station: str) -> None:
    """No name, its own, another one."""
    beats = ProcessTable.create(station)
    child = Worker(beats, 1, ORPHAN_NS)
    assert not child.named(0.02)
    for pid, ours in ((os.getpid(), True), (1, False)):
        beats.rows[1].occupy(pid)
        assert child.named(0.0) is ours
    beats.close()


def test_children_are_reaped_without_rank(station: str) -> None:
    """The supervisor has its rank when it starts the next one, and none while it reaps the last."""
    ranks: dict[str, list[int]] = {"spawn": [], "reap": []}

    def rank() -> int:
        return os.sched_getparam(0).sched_priority

    class Reaped(subprocess.Popen[bytes]):
        def poll(self) -> int | None:
            ranks["reap"].append(rank())
            return super().poll()

    def spawn(module: str, told: str, words: tuple[str, ...], stderr_fd: int) -> Process:
        ranks["spawn"].append(rank())
        return Process.spawn(module, told, words, stderr_fd, popen=Reaped)

    policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    with supervised(station, row("child", "obey", station), means={"spawn": spawn}) as table:
        try:
            os.sched_setscheduler(0, policy, os.sched_param(2))
        except PermissionError:
            pytest.skip("real-time scheduling is not permitted here")
        try:
            turn_until(table, lambda: table.rows[0].standing.up)
            os.kill(table.beats.rows[1].pid, signal.SIGKILL)
            turn_until(table, lambda: table.beats.rows[1].starts == 2 and table.rows[0].standing.up)
            assert (os.sched_getscheduler(0), rank()) == (policy, 2)
        finally:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    assert ranks == {"spawn": [2, 2], "reap": [0, 0]}
    assert table.rows[0].standing.last_code == 0


def test_reaping_what_ranks_just_below_never_stands_still() -> None:
    """Reaped with its rank, the first of these children held the core, and its reaper, for ever."""
    with launch("reaper", children=10) as reaper:
        if not told(reaper)["permitted"]:
            pytest.skip("real-time scheduling is not permitted here")
        assert reaper.stdin is not None
        assert reaper.stdout is not None
        for _ in range(10):
            assert told(reaper) == {"ready": True}  # of the child, into the same pipe
            reaper.stdin.write(b"\n")
            reaper.stdin.flush()
            if not select.select([reaper.stdout], [], [], WAIT_S)[0]:
                os.sched_setscheduler(reaper.pid, os.SCHED_OTHER, os.sched_param(0))
                pytest.fail("it stood still")
            assert told(reaper) == {"code": -signal.SIGKILL}


@pytest.mark.parametrize(("number", "code"), [(0, 4), (signal.SIGKILL, -9), (signal.SIGABRT, -6)])
def test_process_tells_its_status_before_it_is_reaped(station: str, number: int, code: int) -> None:
    """Ended by itself, killed, dumped; it stays a zombie until it is reaped."""
    words = argument("end", code=code) if code > 0 else argument("hold", station=station)
    process = Process.spawn(MODULE, words, LONE, 2)
    if number:
        os.kill(process.pid, number)
    assert process.wait(WAIT_S)
    assert process.code == code
    assert procfs.read(process.pid, "stat").split()[2] == "Z"
    assert process.reap()
    assert procfs.read(process.pid, "stat") == ""
    assert process.reap()


def test_process_that_a_debugger_holds_keeps_nobody_waiting(station: str) -> None:
    """Its tracer is told first: ended, status unknown, reaped when the tracer lets go."""
    process = Process.spawn(MODULE, argument("hold", station=station), LONE, 2)
    with launch("trace", pid=process.pid) as tracer:
        traced = told(tracer)["traced"]
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(WAIT_S)
        if not traced:
            tracer.kill()
            process.reap()
            pytest.skip("tracing another process is not permitted here")
        assert process.code is None
        assert not process.reap()
        tracer.kill()
    end_s = time.monotonic() + WAIT_S
    while not process.reap():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_turn_waits_for_its_signal_or_for_the_end(station: str) -> None:
    """A spare that is asked to stop never works; one that is called does."""
    plan = row("line", "spare", station, spare=True)
    with supervised(station, plan) as table:
        first, second = table.beats.rows[1:3]
        turn_until(table, lambda: second.state == RowState.HELD)
        os.kill(first.pid, signal.SIGKILL)
        turn_until(table, lambda: second.state == RowState.UP)
        turn_until(table, lambda: first.state == RowState.HELD)
    assert [place.last_code for place in table.rows[0].places] == [0, 0]


def test_child_passes_an_acknowledgement_on_to_every_row(station: str) -> None:
    """The PLC's command to clear faults reaches what the supervisor had left alone."""
    plan = row("engine", "fragile", station, strikes=2, code=4)
    with supervised(station, plan) as table:
        turn_until(table, lambda: table.rows[0].standing.latched)
        Worker(ProcessTable.attach(station), 2, ORPHAN_NS).acknowledge()
        turn_until(table, lambda: table.beats.rows[1].starts == 3)


def test_child_warns_and_hears_what_others_warn_of(station: str) -> None:
    """Bits of all rows together; what has been taken back, and what has ended, is gone."""
    plans = (row("records", "obey", station), row("line", "obey", station))
    with supervised(station, *plans) as table:
        turn_until(table, lambda: table.was_up)
        first, second = (Worker(ProcessTable.attach(station), k, ORPHAN_NS) for k in (1, 2))
        first.warn(8)
        second.warn(256)
        assert first.warnings() == second.warnings() == 264
        second.warn(0)
        assert first.warnings() == 8
        os.kill(table.beats.rows[1].pid, signal.SIGKILL)
        turn_until(table, lambda: table.beats.rows[1].starts == 2)
        assert first.warnings() == 0


def test_bug_is_not_told_as_a_wrong_station_file(caplog: pytest.LogCaptureFixture) -> None:
    """Python ends with 1 then, and a unit would leave the station alone."""

    def main() -> int:
        raise ZeroDivisionError("so it is")

    assert guarded(main) == EXIT_BUG
    assert "a bug, please report this" in caplog.text
    assert guarded(lambda: 2) == 2
