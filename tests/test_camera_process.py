"""A station whose camera lives in a process of its own, with that process killed and frozen.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.ipc.journal import JournalReader
from gonogo.launch.running_station import RunningStation
from gonogo.proving.figures import Tally
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import figures, simulator, simulator_plan
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.config.station import Station

PARTS = 24
WAIT_S = 60.0


def station_of(folder: Path, *names: str) -> Station:
    """A view each, every camera in a process of its own."""
    camera = synthetic(
        own_process=True, width_px=640, height_px=480, defects=("wrong_size",), defect_pct=50.0
    )
    rule = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}  # it sees each wrong size
    views = [{"name": name, "camera": camera, "rule": (rule,)} for name in names]
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


def rehearsed(
    station: Station,
    folder: Path,
    act: Callable[[RunningStation, JournalReader], None],
    known: Station | None = None,
) -> tuple[dict[str, Any], Tally]:
    """A rehearsal, with something done to the station once it judges; figures and journal.

    `known` is the same station with those views alone whose cameras know the truth of a part.
    """
    journal, tally = folder / "plc.jsonl", Tally()
    made = simulator_plan(known or station, PARTS, journal)
    with simulator(made) as plc, RunningStation(station) as running:
        reader = JournalReader(running.journal)
        end_s = time.monotonic() + WAIT_S
        while not tally.verdicts and time.monotonic() < end_s:
            tally.take(reader)
            time.sleep(0.01)
        act(running, reader)
        while plc.poll() is None:
            running.wait(0.05)
            tally.take(reader)
        tally.take(reader)
    return figures(known or station, judge(journal), tally), tally


def camera_row(running: RunningStation, name: str) -> int:
    """The pid of a view's camera."""
    (row,) = running.rows[f"camera {name}"]
    return running.beats.rows[row].pid


def frames(tally: Tally) -> list[bool]:
    """Of each part in order: whether it had a trusted frame of every view."""
    return [not any(look.fault for look in tally.verdicts[k].looks) for k in sorted(tally.verdicts)]


def clean(found: dict[str, Any]) -> bool:
    """Every verdict was in time, as far as that was up to the station, and no bad part passed."""
    assert found["bad"] > 0
    by_station = found["by_station"]
    wrong = found["confusion"]["both"]["escape"] + found["wrong_part"] + found["doubled"]
    return bool(by_station["late"] + by_station["missing"] + wrong == 0)


def until(what: str, met: Callable[[], bool]) -> None:
    """Wait for a condition; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end_s, what
        time.sleep(0.01)


def test_station_with_a_camera_process_judges_as_any_other(tmp_path: Path) -> None:
    """Every part in time, every frame whole, nothing left behind."""
    station = station_of(tmp_path, "top", "side")
    found, tally = rehearsed(station, tmp_path, lambda *_: None)
    assert clean(found)
    assert all(frames(tally))
    assert remains_of(station) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_station_outlives_its_camera_process(tmp_path: Path, number: signal.Signals) -> None:
    """The parts meanwhile are rejected in time, with the reason; then another process sees."""
    station = station_of(tmp_path, "top", "side")
    killed: list[int] = []

    def act(running: RunningStation, _: JournalReader) -> None:
        killed.append(camera_row(running, "side"))
        os.kill(killed[0], number)
        until("nobody else", lambda: camera_row(running, "side") not in {0, killed[0]})
        port = CameraPort.attach(running.name, 1)
        until("never open again", lambda: port.state is CameraState.READY)
        port.close()

    found, tally = rehearsed(station, tmp_path, act)
    assert clean(found)
    seen = frames(tally)
    assert seen[-1], "the camera never came back"
    assert not all(seen) or number is not signal.SIGSTOP
    assert remains_of(station) == []


def test_camera_stays_open_while_the_line_begins_anew(tmp_path: Path) -> None:
    """The same process serves the line after the one that was killed."""
    station = station_of(tmp_path, "top")

    def act(running: RunningStation, _: JournalReader) -> None:
        camera = camera_row(running, "top")
        epoch = running.heartbeat.takeovers
        pids = {running.beats.rows[k].pid for k in running.rows["line"]}
        for pid in pids - {0}:  # the spare, too
            os.kill(pid, signal.SIGKILL)
        until("no other line", lambda: running.heartbeat.takeovers > epoch)
        assert camera_row(running, "top") == camera

    found, tally = rehearsed(station, tmp_path, act)
    assert found["confusion"]["both"]["escape"] == 0
    assert frames(tally)[-1]
