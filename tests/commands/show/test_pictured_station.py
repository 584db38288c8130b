"""The station whose screen is photographed, before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.commands.show.pictured_station import DEMO, NAME, PEOPLE, ROOT, charted, written
from gonogo.config.started_by import started_by
from gonogo.config.station import load_station
from gonogo.config.view_limits import limits_of
from gonogo.console.access.roles import Role
from gonogo.console.screen.drift_charts import drift_charts
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.trail import Trail
from gonogo.records.drift.part import Signal
from gonogo.records.drift.saving import beside_records as charts_beside
from gonogo.records.drift.saving import write

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = ROOT / "var" / "demo" / "top.onnx"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Its file; skips where the demo's engine was never made."""
    if not ENGINE.exists():
        pytest.skip("no engine of the demo here: gonogo prepare stations/demo.toml")
    return written(tmp_path)


def test_written_station_is_the_demo_with_records_and_pictures_of_its_own(file: Path) -> None:
    """By the same rules and engine; it is known by its trail, and has a port for its screen."""
    station, demo = load_station(file), load_station(DEMO)
    assert station.station.name == NAME
    assert station.records.path == file.parent / "records.sqlite"
    assert station.records.images is not None
    assert station.records.images.every_nth_good == 1
    assert station.view[0].rule == demo.view[0].rule
    assert station.screen is not None
    assert started_by(NAME, Trail(beside_records(station.records.path))) == file
    assert (ROOT / "var") not in station.records.path.parents


def test_some_good_parts_are_to_be_looked_at_again(file: Path) -> None:
    """Those between the two limits are yellow; in the demo there is next to none."""
    station, demo = load_station(file), load_station(DEMO)
    ours, theirs = limits_of(station.view[0].engine), limits_of(demo.view[0].engine)
    assert ours is not None
    assert theirs is not None
    assert ours.recheck_above < theirs.recheck_above <= theirs.reject_above == ours.reject_above


def test_people_are_one_who_looks_at_parts_one_who_decides_and_one_who_lets_them_in() -> None:
    """Without the last one there could be no others."""
    assert {role for role, _ in PEOPLE.values()} == {Role.OPERATOR, Role.SUPERVISOR, Role.SECURITY}


def test_charts_show_a_drift_that_was_noticed(tmp_path: Path) -> None:
    """An empty chart, or one on which all is well, would show nothing."""
    write(charts_beside(tmp_path / "records.sqlite"), charted())
    (view,) = drift_charts(tmp_path / "records.sqlite")["views"]
    assert not view["learning"]
    out = [each["signal"] for each in view["charts"] if each["out"]]
    assert Signal.PLACES.name in out
    assert len(out) < len(view["charts"])
    assert all(each["points"] for each in view["charts"])
