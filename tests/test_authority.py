"""Nobody else decides what a station does: not by memory, names or processes of his own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ProcessFailed, StationRunning
from gonogo.base.maintenance_key import lock_of
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import segment_path, sweep
from gonogo.ipc.identity import Seals
from gonogo.ipc.process_table import ProcessTable, start_time
from gonogo.launch.adoption import adoptable, end_others
from gonogo.launch.process_rows import supervisor_plan
from gonogo.launch.running_station import RunningStation
from gonogo.tests.stations import free_port, small_station
from gonogo.tests.test_bad_input import plain_station_file, started
from gonogo.watchdog.section import MaintenanceSection

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60.0
TIMER = {"driver": "timer", "period_ms": 80}


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory of this test's own, so that it can be removed as a whole."""
    path = Path(f"/dev/shm/gonogo-test-{os.getpid()}")  # noqa: S108 - in memory, and private
    monkeypatch.setenv("GONOGO_RUNTIME_DIR", str(path))
    assert runtime_dir() == path
    yield path
    shutil.rmtree(path, ignore_errors=True)


def until(done: str, process: subprocess.Popen[str]) -> list[str]:
    """What it says until it says that."""
    said: list[str] = []
    assert process.stderr is not None
    while done not in "".join(said[-1:]):
        said.append(process.stderr.readline())
        assert said[-1], f"it ended instead: {said}"
    return said


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make directories of another user")
def test_run_refuses_a_directory_that_another_user_planted(tmp_path: Path, apart: Path) -> None:
    """A number, the remedy and the code on which a service starts again; then it starts."""
    os.chown(apart, 12345, -1)
    path = plain_station_file(tmp_path, free_port())
    process = started(path)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert f"GN502: runtime directory {apart}: it belongs to user 12345" in said
    assert f"rm -r {apart}" in said
    assert "Traceback" not in said
    shutil.rmtree(apart)
    again = started(path)
    until("plc link state=", again)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make files of another user")
@pytest.mark.parametrize("purpose", ["beats", "secret"])
def test_run_refuses_memory_that_is_not_its_own(tmp_path: Path, apart: Path, purpose: str) -> None:
    """Left there by somebody else: named, not swept away unseen, and never adopted."""
    port = free_port()
    ProcessTable.create(f"t{port}").close()
    os.chown(segment_path(f"t{port}", purpose), 12345, -1)
    process = started(plain_station_file(tmp_path, port))
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "GN503: " in said
    assert f"rm {apart}" in said
    assert "Traceback" not in said


def test_adoption_ends_no_process_that_a_planted_table_names(tmp_path: Path, apart: Path) -> None:
    """Its pid and start time are right, its plan is any; the secret is not the station's."""
    station = small_station(tmp_path)
    plan = supervisor_plan(station)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        beats = ProcessTable.create(plan.station)
        words = beats.segment.words(16 * 8, 16)
        words[2], words[3] = stranger.pid, start_time(stranger.pid)
        words[8] = Seals(b"of another station").process(1, stranger.pid, words[3])
        beats.rows[0].digest = 7
        assert not adoptable(plan.station, plan)
        beats.rows[0].digest = plan.digest(beats.seals)
        assert not adoptable(plan.station, plan), "adopted engine A"
        end_others(plan.station)
        assert stranger.poll() is None
        beats.close()
        stranger.kill()
    assert apart.exists()


def test_nobody_reads_the_plan_in_the_argument_lists(tmp_path: Path) -> None:
    """Neither the maintenance key, nor addresses, nor limits: what runs, and for which station."""
    station = small_station(tmp_path, trigger=TIMER)
    lock = lock_of("let me in")
    key = MaintenanceSection(key_scrypt=lock)
    with RunningStation(station.model_copy(update={"maintenance": key})) as running:
        pids = [running.supervisor.pid, *(row.pid for row in running.beats.rows[1:] if row.lives)]
        shown = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids]
        environment = [Path(f"/proc/{pid}/environ").read_bytes() for pid in pids]
    assert len(shown) >= 4
    for words in shown:
        assert running.name.encode() in words
    secrets = (lock, lock.rpartition("$")[2], "127.0.0.1", str(station.plc.place), "budget_ms")
    for text in (*shown, *environment):
        for secret in secrets[:2]:
            assert secret.encode() not in text
    for words in shown:
        for secret in secrets[2:]:
            assert secret.encode() not in words


def test_station_whose_memory_was_removed_goes_on_and_lets_no_second_copy_in(
    tmp_path: Path, apart: Path
) -> None:
    """As systemd does when a user logs out: parts are judged, and the second start is refused."""
    station = small_station(tmp_path, trigger=TIMER)
    with RunningStation(station) as running:
        shutil.rmtree(apart)
        judged = running.heartbeat.cycles
        with pytest.raises(StationRunning, match=f"holds {tmp_path}"):
            RunningStation(station).__enter__()
        end_s = time.monotonic() + PATIENCE_S
        while running.heartbeat.cycles < judged + 30 or not running.beats.rows[0].warning:
            running.check()
            assert time.monotonic() < end_s, "it did not go on, or did not notice"
            time.sleep(0.02)


def test_station_without_its_memory_begins_anew_when_a_process_ends(
    tmp_path: Path, apart: Path
) -> None:
    """What ends could not come back: exit code 2, on which a service starts it again."""
    station = small_station(tmp_path, trigger=TIMER)
    with RunningStation(station) as running:
        shutil.rmtree(apart)
        end_s = time.monotonic() + PATIENCE_S
        while not running.beats.rows[0].warning and time.monotonic() < end_s:
            time.sleep(0.02)
        os.kill(running.beats.rows[running.rows["records"][0]].pid, signal.SIGKILL)
        with pytest.raises(ProcessFailed, match="exit code 2"):
            running.wait(PATIENCE_S)
    with RunningStation(station) as running:
        assert running.heartbeat.takeovers
    sweep(station.station.name)
