"""A station whose camera lives in a process of its own, with that process killed and frozen.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.tests.camera_stations import (
    RULE,
    TRUTH,
    camera_row,
    clean,
    frames,
    rehearsed,
    until,
)
from gonogo.tests.stations import remains_of, small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation


def station_of(folder: Path, *names: str) -> Station:
    """A view each, every camera in a process of its own."""
    camera = TRUTH | {"own_process": True}
    views = [{"name": name, "camera": camera, "rule": (RULE,)} for name in names]
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


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
