"""A station with a camera of a vendor's library in its own process, which is killed.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.tests.drivers.cameras.basler import emulator
from gonogo.tests.drivers.cameras.genicam import producer
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic
from gonogo.tests.test_aravis_station import ANY
from gonogo.tests.test_camera_process import camera_row, clean, frames, rehearsed, until

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

CAMERAS = [
    pytest.param(emulator.keys(), marks=emulator.needs_pylon, id="basler"),
    pytest.param(producer.keys(), marks=producer.needs_producer, id="genicam"),
]


def station_of(folder: Path, camera: dict[str, Any]) -> Station:
    """One view that tells good parts from bad, and one of that camera."""
    truth = synthetic(width_px=640, height_px=480, defects=("wrong_size",), defect_pct=50.0)
    rule = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}
    views = [
        {"name": "top", "camera": truth, "rule": (rule,)},
        {"name": "side", "camera": camera, "rule": (ANY,)},
    ]
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


@pytest.mark.parametrize("camera", CAMERAS)
def test_station_outlives_the_process_of_a_vendors_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, camera: dict[str, Any]
) -> None:
    """Its parts meanwhile are rejected in time; the next process opens the camera again."""
    monkeypatch.setenv("PYLON_CAMEMU", "1")
    station = station_of(tmp_path, camera)
    processes: list[int] = []

    def act(running: RunningStation, _: JournalReader) -> None:
        port = CameraPort.attach(running.name, 1)
        until("never open", lambda: port.state is CameraState.READY)
        processes.append(camera_row(running, "side"))
        epoch = port.epoch
        os.kill(processes[0], signal.SIGKILL)
        until("nobody else", lambda: port.epoch > epoch)
        until("never open again", lambda: port.state is CameraState.READY)
        processes.append(camera_row(running, "side"))
        port.close()

    known = station.model_copy(update={"view": station.view[:1]})
    found, tally = rehearsed(station, tmp_path, act, known)
    assert clean(found)
    seen = frames(tally)
    assert seen[-1], "the camera never came back"
    assert not all(seen)
    assert processes[0] != processes[1]
    assert remains_of(station) == []
