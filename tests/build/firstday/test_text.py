"""The station file of a new station, as text."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from gonogo.base.picture_folder import Found
from gonogo.base.scores import ScoreLimits
from gonogo.build.firstday.judged import judges_of
from gonogo.build.firstday.pictures import Kind, Pictures
from gonogo.build.firstday.plc import plc_of
from gonogo.build.firstday.sizes import Size
from gonogo.build.firstday.text import Line, Told, station_text, unknown
from gonogo.config.station import parse_station
from gonogo.tests.build.firstday.measurements import around, measurements, width

toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
LIMITS = ScoreLimits(1.23456789, 2.5)


def told(name: str = "cell", *, drawn: bool = False, channels: int = 3) -> Told:
    """A station of one rule and an engine."""
    found = Found(Path("good"), (), (), ())
    size = Size(160, 120, "exact", stretched=False, notes=())
    pictures = Pictures(Kind("--good", found), None, size, channels, (), ())
    values = measurements([(width("w", holds=True), around(100), [])])
    line, rules = Line(100, 200, known=False), judges_of(values, None).rules
    worth = ["it is good"]
    return Told(
        name, "Tür 1-station", pictures, line, plc_of(None), values, rules, LIMITS, drawn, worth
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_a_station_file(channels: int) -> None:
    """As a station reads it, folders with odd names among it."""
    text = station_text(told(channels=channels))
    station = parse_station(Path("/x/cell.toml"), text.encode())
    (view,) = station.view
    assert view.camera.geometry == (120, 160, channels)
    assert view.engine is not None
    assert view.engine.file == Path("/x/Tür 1-station/engine.onnx")
    assert [rule.name for rule in view.rule] == ["w"]
    assert station.station.max_escape_pct == 5


def test_limits_of_the_engine_stand_there_only_where_bad_parts_moved_them() -> None:
    """Else they are those of its card, which go with it when it is made anew."""
    plain, drawn = (toml.loads(station_text(told(drawn=each))) for each in (False, True))
    assert "recheck_above" not in plain["view"][0]["engine"]
    assert drawn["view"][0]["engine"]["recheck_above"] == 1.23457


def test_what_is_not_known_is_marked_and_said() -> None:
    """Scale, speed, address and camera."""
    text = station_text(told())
    assert text.count("# NOT KNOWN:") == 4
    said = "\n".join(unknown(told()))
    for word in ("mm a pixel", "how fast parts come", "address of this box", "which camera"):
        assert word in said


def test_how_good_it_is_stands_at_its_head() -> None:
    """For whoever opens it in a year."""
    assert "# it is good" in station_text(told()).split("[station]")[0]
