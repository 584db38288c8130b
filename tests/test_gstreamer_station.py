"""A station with a pipeline of GStreamer in its own process, which fails or is killed.

The judge is the PLC simulator's journal: no bad part passes, nothing is late, nothing missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.tests.camera_stations import (
    beside,
    clean,
    frames,
    kill_and_await,
    rehearsed,
    until,
)
from gonogo.tests.drivers.cameras.gstreamer.live import keys, needs_gstreamer, source
from gonogo.tests.stations import remains_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

pytestmark = needs_gstreamer

NOISE = source("pattern=snow", rate="100/1")


@pytest.mark.parametrize("what", ["pipeline", "process"])
def test_station_outlives_its_pipeline(tmp_path: Path, what: str) -> None:
    """Its parts meanwhile are rejected in time; then it is opened again, and used."""
    fails = " ! identity error-after=250"  # some two seconds after each start
    pipeline = NOISE + (fails if what == "pipeline" else "")
    station = beside(tmp_path, keys(pipeline=pipeline))

    def act(running: RunningStation, _: JournalReader) -> None:
        if what == "process":
            kill_and_await(running, "side", 1)
            return
        port = CameraPort.attach(running.name, 1)
        until("never open", lambda: port.state is CameraState.READY)
        until("it never failed", lambda: port.state is not CameraState.READY)
        until("never open again", lambda: port.state is CameraState.READY)
        port.close()

    found, tally = rehearsed(station, tmp_path, act)
    assert clean(found)
    seen = frames(tally)
    assert any(seen[seen.index(False) :]), "it never came back"
    assert remains_of(station) == []
