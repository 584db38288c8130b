"""A station whose camera gets dirty while it judges: it is told of, with a picture, and goes on.

The judge is the PLC simulator's journal: every part has its verdict in time, before and after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from gonogo.drivers.fault_injection import GRAIN_AT
from gonogo.ipc.fault_table import FaultBoard
from gonogo.launch.running_station import RunningStation
from gonogo.launch.told import picture_path
from gonogo.proving.plcsim.judge import judge
from gonogo.proving.rehearse import figures, simulator, simulator_plan
from gonogo.rules.image_trust.learnt_file import FILE
from gonogo.rules.image_trust.optics import PARTS, SEEN
from gonogo.rules.image_trust.where import DUST, STUCK
from gonogo.tests.judged import Watched
from gonogo.tests.rules.image_trust.loose_parts import COLOUR, part, text_of
from gonogo.tests.rules.image_trust.test_learnt_file import LEARNT
from gonogo.tests.rules.image_trust.test_where import colours
from gonogo.tests.stations import DIAMETER, remains_of, small_station, told

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from gonogo.config.station import Station

SHOWN = 80  # different parts


def station_of(folder: Path) -> Station:
    """One view that replays loose parts, and has learnt what they have in common."""
    shown = folder / "shown" / "good"
    shown.mkdir(parents=True)
    for k in range(SHOWN):
        cv2.imwrite(str(shown / f"{k:03d}.png"), part(2 * k + 1))
    size = {"height_px": COLOUR.height_px, "width_px": COLOUR.width_px}
    profiles = {"down": (100.0,) * COLOUR.height_px, "across": (100.0,) * COLOUR.width_px}
    more = size | profiles | {"limits": {}, "optics": text_of(COLOUR)}
    learnt = folder / "top.trust.json"
    FILE.write(learnt, LEARNT.model_copy(update=more))
    view = {
        "name": "top",
        "camera": {"driver": "replay", "folder": folder / "shown"} | size,
        "trust": {"learnt": learnt, "look_every_s": 0.05},
        "rule": (DIAMETER | {"low": 1.0, "high": 300.0},),
    }
    return small_station(folder, view)


def test_station_tells_of_a_dirty_camera_with_a_picture_and_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not while it is clean; not one verdict is late for it, or missing."""
    station, journal = station_of(tmp_path), tmp_path / "plc.jsonl"
    picture = picture_path(station, 0)
    with (
        simulator(simulator_plan(station, 100 * SEEN, journal)),
        RunningStation(station) as running,
    ):
        watched = Watched(running)
        # a round at least, as fast as frames are looked at
        watched.until("no parts", lambda: len(watched.tally.verdicts) > PARTS)
        assert not picture.exists()
        board = FaultBoard.attach(station.station.name)
        board.set("camera-dirty", None, 0.0)
        watched.until("never told", picture.exists)
        board.close()
        count = len(watched.tally.verdicts)
        watched.until("no more parts", lambda: len(watched.tally.verdicts) > count + 5)
    said = told(capfd.readouterr().err)
    ((process, warning),) = (each for each in said if "GN222" in each[1])
    assert process == "optics"
    assert warning.startswith("GN222: view 'top': ")
    assert warning.endswith(f"; picture of where: {picture}")
    ringed = cv2.imread(str(picture))
    assert ringed is not None
    row, column = (round(at * size) for at, size in zip(GRAIN_AT, COLOUR, strict=False))
    assert {STUCK, DUST} & colours(ringed)
    assert DUST in colours(ringed[row - 30 : row + 30, column - 30 : column + 30])
    found = figures(station, judge(journal), watched.tally)
    # parts that came after the station was stopped have none
    serials = sorted(watched.tally.verdicts)
    assert serials == list(range(serials[0], serials[-1] + 1))
    assert found["by_station"]["late"] == 0
    assert remains_of(station) == []
