"""Looking at a station that runs: what is seen is whole, and nothing of the station is changed."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.commands.frames import RingSource, open_source
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.launch.running_station import RunningStation
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import simulator, simulator_plan
from gonogo.tests.stations import DIAMETER, remains_of, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.commands.frames import Frame
    from gonogo.config.station import Station

PARTS, LOOKS = 24, 6
WAIT_S = 60.0


def taken(station: Station, folder: Path) -> list[Frame]:
    """Frames that were taken from a station while it judged parts."""
    journal = folder / "plc.jsonl"
    plan = simulator_plan(station, PARTS, journal)
    with simulator(plan) as plc, RunningStation(station) as running:
        source = open_source(station, "top", lambda _: None)
        assert isinstance(source, RingSource)
        with contextlib.closing(source):
            found: list[Frame] = []
            while len(found) < LOOKS:
                frame = source.take(WAIT_S)
                # those without a part are the line's own tries before the first
                found += [frame] if frame.said.startswith("part ") else []
        while plc.poll() is None:
            running.wait(0.05)
    assert judge(journal).parts == PARTS
    return found


def test_look_takes_whole_frames_of_a_station_that_runs(tmp_path: Path) -> None:
    """Each is, to the bit, the frame of the part that it says; every part had its verdict."""
    camera = synthetic(width_px=640, height_px=480)
    rule = DIAMETER | {"mm_per_px": 0.2}
    station = small_station(tmp_path, {"name": "top", "camera": camera, "rule": (rule,)})
    frames = taken(station, tmp_path)
    section = station.view[0].camera
    expected = np.zeros(section.geometry.shape, np.uint8)
    with contextlib.closing(open_camera(section, "top")) as own:
        for frame in frames:
            told = re.match(r"part (\d+) of the running station, ", frame.said)
            assert told is not None
            own.grab(int(told[1]), expected, time.monotonic_ns() + round(WAIT_S * 1e9))
            np.testing.assert_array_equal(frame.pixels, expected)
    assert len({frame.said.split(" of ")[0] for frame in frames}) == LOOKS
    assert remains_of(station) == []
