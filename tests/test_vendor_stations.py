"""A station with a camera of a vendor's library in its own process, which is killed.

The judge is the PLC simulator's journal: no bad part passes, nothing is late, nothing missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.tests.camera_stations import beside, clean, frames, kill_and_await, rehearsed
from gonogo.tests.drivers.cameras.basler import emulator
from gonogo.tests.drivers.cameras.genicam import producer
from gonogo.tests.stations import remains_of

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.ipc.journal import JournalReader
    from gonogo.launch.running_station import RunningStation

CAMERAS = [
    pytest.param(emulator.keys(), marks=emulator.needs_pylon, id="basler"),
    pytest.param(producer.keys(), marks=producer.needs_producer, id="genicam"),
]


@pytest.mark.parametrize("camera", CAMERAS)
def test_station_outlives_the_process_of_a_vendors_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, camera: dict[str, Any]
) -> None:
    """Its parts meanwhile are rejected in time; the next process opens the camera again."""
    monkeypatch.setenv("PYLON_CAMEMU", "1")
    station = beside(tmp_path, camera)
    processes: list[int] = []

    def act(running: RunningStation, _: JournalReader) -> None:
        processes.extend(kill_and_await(running, "side", 1))

    found, tally = rehearsed(station, tmp_path, act)
    assert clean(found)
    seen = frames(tally)
    assert seen[-1], "the camera never came back"
    assert not all(seen)
    assert processes[0] != processes[1]
    assert remains_of(station) == []
