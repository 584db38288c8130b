"""A station with a pipeline of GStreamer in its own process, which fails or is killed.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.tests.drivers.cameras.gstreamer.live import keys, needs_gstreamer, source
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic
from gonogo.tests.test_aravis_station import ANY
from gonogo.tests.test_camera_process import camera_row, clean, frames, rehearsed, until

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

pytestmark = needs_gstreamer

NOISE = source("pattern=snow", rate="100/1")


def station_of(folder: Path, pipeline: str) -> Station:
    """One view that tells good parts from bad, and one of a pipeline."""
    camera = synthetic(width_px=640, height_px=480, defects=("wrong_size",), defect_pct=50.0)
    rule = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}
    views = [
        {"name": "top", "camera": camera, "rule": (rule,)},
        {"name": "side", "camera": keys(pipeline=pipeline), "rule": (ANY,)},
    ]
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


@pytest.mark.parametrize("what", ["pipeline", "process"])
def test_station_outlives_its_pipeline(tmp_path: Path, what: str) -> None:
    """Its parts meanwhile are rejected in time; then it is opened again, and used."""
    fails = " ! identity error-after=250"  # some two seconds after each start
    station = station_of(tmp_path, NOISE + (fails if what == "pipeline" else ""))

    def act(running: RunningStation, _: JournalReader) -> None:
        if what == "pipeline":  # it fails by itself
            return
        port = CameraPort.attach(running.name, 1)
        epoch = port.epoch
        os.kill(camera_row(running, "side"), signal.SIGKILL)
        until("nobody else", lambda: port.epoch > epoch)
        until("never open again", lambda: port.state is CameraState.READY)
        port.close()

    known = station.model_copy(update={"view": station.view[:1]})
    found, tally = rehearsed(station, tmp_path, act, known)
    assert clean(found)
    seen = frames(tally)
    assert any(seen[seen.index(False) :]), "it never came back"
    assert remains_of(station) == []
