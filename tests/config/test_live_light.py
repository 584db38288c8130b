"""Exposure and gain: whose they are, who is told, and which of them wait for a start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ChangeNotLive
from gonogo.config.candidate import Candidate
from gonogo.config.live_keys import retold
from gonogo.config.live_light import Light, is_row_of_light, light_of, row_of, without_light
from gonogo.config.station import parse_station
from gonogo.tests.console.serial.lit import OLD
from gonogo.tests.stations import PLAIN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.live_keys import Step

EXPOSURE, GAIN = "view[0].camera.exposure_us", "view[0].camera.gain_db"


def told(folder: Path, *typed: tuple[str, str], text: str = OLD) -> dict[str, list[Step]]:
    """By row, of a file to which that is typed."""
    path = folder / "cell.toml"
    path.write_text(text)
    candidate = Candidate(path)
    for key, value in typed:
        candidate.set(key, value)
    return retold(candidate.old, candidate.station(), candidate.changes())


def test_light_is_told_to_its_camera_and_its_exposure_to_drift(tmp_path: Path) -> None:
    """A gain that the file did not name, too; beside a key of another process."""
    assert told(tmp_path, (EXPOSURE, "800"), (GAIN, "3")) == {
        "camera top": [(["camera", "exposure_us"], 800.0), (["camera", "gain_db"], 3.0)]
    }
    text = OLD + "[records.drift]\n[screen]\n"
    assert told(tmp_path, (EXPOSURE, "800"), ("screen.port", "8099"), text=text) == {
        "camera top": [(["camera", "exposure_us"], 800.0)],
        "drift": [(["views", 0, "exposure_us"], 800.0)],
        "screen": [(["screen", "port"], 8099)],
    }


def test_other_keys_of_a_camera_wait_for_a_start(tmp_path: Path) -> None:
    """What the line was told as well, or what no driver writes."""
    with pytest.raises(ChangeNotLive, match="trigger_lead_ms: the processes that judge"):
        told(tmp_path, (EXPOSURE, "800"), ("view[0].camera.trigger_lead_ms", "60"))
    station = parse_station(tmp_path / "a.toml", PLAIN_FILE.encode())
    assert light_of(station, EXPOSURE) is None
    assert not station.view[0].camera.light_keys


def test_light_that_takes_longer_than_its_process_may_be_silent_waits_for_a_start(
    tmp_path: Path,
) -> None:
    """Of a driver whose calls take as long as it exposes."""
    text = (
        OLD.replace("aravis", "basler")
        .replace("10.0.0.2", "0815")
        .replace("[station]", "[station]\nspeed_mm_s = 1\nbudget_ms = 9000")
    )
    with pytest.raises(ChangeNotLive, match="a call into the camera may take"):
        told(tmp_path, (EXPOSURE, "3000000"), text=text)


def test_light_of_reads_keys_of_views_that_are_there(tmp_path: Path) -> None:
    """And of no other key."""
    station = parse_station(tmp_path / "a.toml", OLD.encode())
    assert light_of(station, GAIN) == Light(0, "gain_db")
    others = ("view[1].camera.gain_db", "view[0].camera.width_px", "view[0].rule[0].high", "x")
    assert [light_of(station, key) for key in others] == [None] * 4
    assert row_of(station.view[0]) == "camera top"
    assert [is_row_of_light(row) for row in ("camera top", "drift", "line")] == [True, True, False]


def test_stations_without_their_light_are_alike(tmp_path: Path) -> None:
    """Whatever it was; nothing else is."""
    one = parse_station(tmp_path / "a.toml", OLD.encode())
    two = parse_station(tmp_path / "a.toml", OLD.replace("500.0", "800.0").encode())
    other = parse_station(tmp_path / "a.toml", OLD.replace("640", "320").encode())
    assert one != two
    assert without_light(one) == without_light(two)
    assert without_light(one) != without_light(other)
