"""Whole stations whose rows must survive: held and full databases, kills, dead stations."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.config.station import load_station
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.journal_memory import journal_path
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.worker import EXIT_LEFT
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.records.leftover import pending
from gonogo.records.volumes import volumes
from gonogo.tests.records.months import joined, now
from gonogo.tests.stations import free_port, remains_of, small_station
from gonogo.tests.test_bad_input import GONOGO, plain_station_file
from gonogo.watchdog.rowstate import RowState
from gonogo.watchdog.supervisor import EXIT_OK, EXIT_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.config.station import Station

PARTS = 12
PATIENCE_S = 60.0
KILLS = 8


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A small station."""
    return small_station(tmp_path)


def ask(station: Station, query: str) -> list[tuple[Any, ...]]:
    """What another program reads in the records; nothing while there is no such table."""
    try:
        with closing(joined(station.records.path)) as db:
            return db.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def until(running: RunningStation, done: Callable[[], bool]) -> None:
    """Wait for something while the station runs."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "it never came to that"
        running.wait(0.05)


def pid_of(running: RunningStation, name: str) -> int:
    """The process that does the work of a row; 0 for the moment without one."""
    rows = [running.beats.rows[k] for k in running.rows[name]]
    return next((row.pid for row in rows if row.state == RowState.UP), 0)


def judge_parts(running: RunningStation, folder: Path, parts: int = PARTS) -> None:
    """Let so many parts pass, each of which has its verdict at the PLC in time."""
    journal = folder / "plc.jsonl"
    with simulator(simulator_plan(running.station, parts, journal)) as plc:
        while plc.poll() is None:
            running.wait(0.05)
    assert sum(row.timely for row in judge(journal).rows) == parts


@contextlib.contextmanager
def held(station: Station) -> Iterator[None]:
    """Another program is in the middle of a transaction."""
    with closing(sqlite3.connect(now(station.records.path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def next_start(station: Station) -> None:
    """The station once more, without a part; stopped once all that was left has its rows."""
    with RunningStation(station) as running:
        until(running, lambda: not pending(station.records.path))
    assert running.supervisor.returncode == EXIT_OK


def test_an_ordered_stop_while_the_database_is_held_loses_no_row(
    tmp_path: Path, station: Station
) -> None:
    """A reader in BEGIN IMMEDIATE: no row at the stop, the exit code says so, all at the next."""
    with RunningStation(station) as running:
        until(running, lambda: bool(volumes(station.records.path)))
        until(running, lambda: ask(station, "SELECT COUNT(*) FROM part") == [(0,)])
        run = running.journal.run
        with held(station):
            judge_parts(running, tmp_path)
            running._stop()
            assert running.supervisor.returncode == EXIT_LEFT
            assert ask(station, "SELECT * FROM part") == []
            assert len(pending(station.records.path)) == 1
    assert remains_of(station) == []
    next_start(station)
    found = ask(station, "SELECT run, serial, delivered FROM part ORDER BY serial")
    assert found == [(run, serial, 1) for serial in range(1, PARTS + 1)]
    assert ask(station, "SELECT * FROM loss") == []
    assert ask(station, "SELECT COUNT(*) FROM rule") == [(PARTS,)]


def test_a_records_process_that_can_write_nothing_at_the_stop_loses_no_row(
    tmp_path: Path, station: Station
) -> None:
    """No file of it may grow by a byte (setrlimit(2)): what it had is saved after it."""
    with RunningStation(station) as running:
        until(running, lambda: pid_of(running, "records") > 0)
        forbid_files(pid_of(running, "records"))
        judge_parts(running, tmp_path)
    assert running.supervisor.returncode == EXIT_LEFT
    next_start(station)
    assert ask(station, "SELECT COUNT(DISTINCT serial), MAX(serial) FROM part") == [(PARTS, PARTS)]


def test_a_station_that_can_save_nothing_keeps_its_memory(tmp_path: Path, station: Station) -> None:
    """Not even after the records: the exit code is another one, and whoever comes next finds it."""
    with RunningStation(station) as running:
        until(running, lambda: pid_of(running, "records") > 0)
        for pid in (pid_of(running, "records"), running.supervisor.pid):
            forbid_files(pid)
        judge_parts(running, tmp_path)
        running.supervisor.terminate()
        assert running.supervisor.wait(PATIENCE_S) == EXIT_SYSTEM
        assert running.journal.segment.path.exists()
        assert pending(station.records.path) == []
    assert len(pending(station.records.path)) == 1
    assert remains_of(station) == []


def forbid_files(pid: int) -> None:
    """No write of that process to a file succeeds from now on, nor of those it starts."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk is not permitted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(path: Path) -> None:
    """Until not a byte more is taken."""
    with path.open("wb", buffering=0) as big, contextlib.suppress(OSError):
        while True:
            big.write(b"x" * 4096)


def test_a_full_disk_at_the_stop_loses_no_row(tmp_path: Path, small_disk: Path) -> None:
    """Not a byte is free: the space that was reserved takes what has no row yet."""
    station = small_station(small_disk)
    with RunningStation(station) as running:
        until(running, lambda: small_disk.joinpath("records.sqlite.reserve").exists())
        until(running, lambda: ask(station, "SELECT COUNT(*) FROM part") == [(0,)])
        fill(small_disk / "big")
        judge_parts(running, tmp_path, parts=60)  # more than fits into what SQLite has already
        rows_before = len(ask(station, "SELECT * FROM part"))
    assert rows_before < 60
    assert running.supervisor.returncode == EXIT_LEFT
    (small_disk / "big").unlink()
    next_start(station)
    assert ask(station, "SELECT COUNT(DISTINCT serial), MAX(serial) FROM part") == [(60, 60)]
    assert ask(station, "SELECT * FROM loss") == []


def test_a_database_damaged_at_the_stop_costs_no_row(tmp_path: Path, station: Station) -> None:
    """It is set aside with its rows, and those of this run are written anew."""
    with RunningStation(station) as running:
        judge_parts(running, tmp_path)
        until(running, lambda: ask(station, "SELECT COUNT(acked_ns) FROM part") == [(PARTS,)])
        path = now(station.records.path)
        with closing(sqlite3.connect(path)) as db:  # else its log would mend it
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.write_bytes(b"\x5a" * path.stat().st_size)
    assert running.supervisor.returncode == EXIT_OK
    assert ask(station, "SELECT COUNT(DISTINCT serial), MAX(serial) FROM part") == [(PARTS, PARTS)]
    assert len(ask(station, "SELECT * FROM loss WHERE why LIKE '%damaged%'")) == 1
    assert path.with_name(f"{path.name}.damaged-1").exists()


@contextlib.contextmanager
def started(file: Path) -> Iterator[subprocess.Popen[str]]:
    """`gonogo run`, in whatever state it is left."""
    process = subprocess.Popen([str(GONOGO), "run", str(file)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def wait_for(done: Callable[[], bool]) -> None:
    """Wait for something."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "it never came to that"
        time.sleep(0.05)


def test_a_station_all_of_whose_processes_are_killed_loses_no_row(tmp_path: Path) -> None:
    """While the database is held, in the middle of parts: the next start finds the journal."""
    port = free_port()
    file, name = plain_station_file(tmp_path, port), f"t{port}"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('[trigger]\ndriver = "plc"', '[trigger]\ndriver = "timer"\nperiod_ms = 50'),
        encoding="utf-8",
    )
    station = load_station(file)
    with started(file) as process:
        wait_for(lambda: journal_path(name).exists() and bool(volumes(station.records.path)))
        wait_for(lambda: ask(station, "SELECT COUNT(*) FROM part")[:1] > [(3,)])
        journal, beats = Journal.attach(name), ProcessTable.attach(name)
        with held(station):
            last = journal.written + 40
            wait_for(lambda: journal.written >= last)
            process.kill()
            process.wait()
            pids = [row.pid for row in beats.rows[1:] if row.lives]
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not any(row.lives for row in beats.rows[1:]))
        assert journal.taken < journal.written
        run, serial = journal.run, Heartbeat.attach(name).take_over()[0]
    with started(file) as process:
        wait_for(lambda: ask(station, "SELECT COUNT(DISTINCT run) FROM part") == [(2,)])
        process.terminate()
        assert process.wait(PATIENCE_S) == EXIT_OK
    found = ask(station, "SELECT run, serial FROM part ORDER BY run, serial")
    assert [k for of, k in found if of == run] == list(range(1, serial + 1))
    assert ask(station, "SELECT * FROM loss") == []
    assert remains_of(station) == []


def test_every_serial_has_one_row_wherever_the_line_is_killed(
    tmp_path: Path, station: Station
) -> None:
    """At random moments, and with a part in hand: judged, refused, or begun and never finished."""
    rng = random.Random(5)  # noqa: S311 - not a secret
    plan = simulator_plan(station, 1_000_000, tmp_path / "plc.jsonl")
    with RunningStation(station) as running, simulator(plan):
        for number in range(KILLS):
            cycles_until(running, running.heartbeat.cycles + 1)
            time.sleep(rng.uniform(0.0, station.station.pitch_ms / 1000))
            if number % 2:
                spin_until(lambda: running.journal.in_hand)
            os.kill(pid_of(running, "line"), signal.SIGKILL)
            until(running, lambda: pid_of(running, "line") > 0)
        cycles_until(running, running.heartbeat.cycles + 3)
    found = ask(station, "SELECT serial, verdict FROM part ORDER BY serial")
    assert [serial for serial, _ in found] == list(range(1, len(found) + 1))
    assert len(found) > KILLS
    assert "NOT_KNOWN" in {verdict for _, verdict in found}
    assert ask(station, "SELECT * FROM loss") == []


def cycles_until(running: RunningStation, count: int) -> None:
    """Wait for so many complete cycles."""
    until(running, lambda: running.heartbeat.cycles >= count)


def spin_until(done: Callable[[], bool]) -> None:
    """Wait for what lasts a few milliseconds."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "it never came to that"
