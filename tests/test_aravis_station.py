"""A station with a network camera in its own process, whose camera dies and comes back.

The judge is the PLC simulator's journal: no wrong ACCEPT, nothing late, nothing missing.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.proving.peers.network_camera import fake_camera
from gonogo.tests.drivers.cameras.aravis.fake import keys, needs_fake
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic
from gonogo.tests.test_camera_process import camera_row, clean, frames, rehearsed, until

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

pytestmark = needs_fake

# measures any frame of the fake camera, and passes each: what is bad the other view shows
ANY = {
    "name": "there",
    "kind": "presence",
    "method": "blobs",
    "segment": {"object_is": "light", "threshold": 40},
    "low": 0.0,
}


def station_of(folder: Path) -> Station:
    """One view that tells good parts from bad, and one of the fake camera, triggered by us."""
    camera = synthetic(width_px=640, height_px=480, defects=("wrong_size",), defect_pct=50.0)
    rule = DIAMETER | {"mm_per_px": 0.2, "low": 71.4, "high": 72.6}
    views = [
        {"name": "top", "camera": camera, "rule": (rule,)},
        {"name": "side", "camera": keys(heartbeat_ms=1500), "rule": (ANY,)},
    ]
    return small_station(folder, *views, budget_ms=250.0, pitch_mm=60.0)


@pytest.mark.parametrize("what", ["camera", "process"])
def test_station_outlives_its_network_camera(tmp_path: Path, what: str) -> None:
    """Its parts meanwhile are rejected in time; the camera that is back is set and used again.

    Killed with its process, the camera is there, but nobody's until its heartbeat time is over.
    """
    with fake_camera() as fake:
        station = station_of(tmp_path)
        processes: list[int] = []

        def act(running: RunningStation, _: JournalReader) -> None:
            processes.append(camera_row(running, "side"))
            port = CameraPort.attach(running.name, 1)
            epoch = port.epoch
            if what == "camera":
                fake.kill()
            else:
                os.kill(processes[0], signal.SIGKILL)
            until("nobody else", lambda: port.epoch > epoch)
            if what == "camera":
                fake.start()
            until("never open again", lambda: port.state is CameraState.READY)
            processes.append(camera_row(running, "side"))
            port.close()

        known = station.model_copy(update={"view": station.view[:1]})
        found, tally = rehearsed(station, tmp_path, act, known)
    assert clean(found)
    seen = frames(tally)
    assert seen[-1], "the camera never came back"
    assert not all(seen)
    assert processes[0] != processes[1], "what has lost its device ends"
    assert remains_of(station) == []
