"""A station with a network camera in its own process, whose camera dies and comes back.

The judge is the PLC simulator's journal: no bad part passes, nothing is late, nothing missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.camera_port import CameraPort, CameraState
from gonogo.proving.peers.network_camera import fake_camera
from gonogo.tests.camera_stations import (
    beside,
    camera_row,
    clean,
    frames,
    kill_and_await,
    rehearsed,
    until,
)
from gonogo.tests.drivers.cameras.aravis.fake import keys, needs_fake
from gonogo.tests.stations import remains_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

pytestmark = needs_fake


@pytest.mark.parametrize("what", ["camera", "process"])
def test_station_outlives_its_network_camera(tmp_path: Path, what: str) -> None:
    """Its parts meanwhile are rejected in time; the camera that is back is set and used again.

    Killed with its process, the camera is there, but nobody's until its heartbeat time is over.
    """
    with fake_camera() as fake:
        station = beside(tmp_path, keys(heartbeat_ms=1500))
        processes: list[int] = []

        def act(running: RunningStation, _: JournalReader) -> None:
            if what == "process":
                processes.extend(kill_and_await(running, "side", 1))
                return
            processes.append(camera_row(running, "side"))
            port = CameraPort.attach(running.name, 1)
            epoch = port.epoch
            fake.kill()
            until("nobody else", lambda: port.epoch > epoch)
            fake.start()
            until("never open again", lambda: port.state is CameraState.READY)
            processes.append(camera_row(running, "side"))
            port.close()

        found, tally = rehearsed(station, tmp_path, act)
    assert clean(found)
    seen = frames(tally)
    assert seen[-1], "the camera never came back"
    assert not all(seen)
    assert processes[0] != processes[1], "what has lost its device ends"
    assert remains_of(station) == []
