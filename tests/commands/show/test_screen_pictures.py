"""What is photographed for the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.show.screen_pictures import DEMO, shown, side_pages, tabs, written
from gonogo.config.started_by import started_by
from gonogo.config.station import load_station
from gonogo.console.screen.pages import FOLDER
from gonogo.ipc.audit.files import beside_records
from gonogo.ipc.audit.trail import Trail

if TYPE_CHECKING:
    from pathlib import Path


def test_written_station_is_the_demo_with_records_and_pictures_of_its_own(tmp_path: Path) -> None:
    """It judges by the same rules and engine, and is known by its trail."""
    file = written(tmp_path)
    station, demo = load_station(file), load_station(DEMO)
    assert station.records.path == tmp_path / "records.sqlite"
    assert station.records.images is not None
    assert station.records.images.every_nth_good == 1
    assert (station.view[0].rule, station.view[0].engine) == (
        demo.view[0].rule,
        demo.view[0].engine,
    )
    assert started_by("demo", Trail(beside_records(station.records.path))) == file
    assert shown(station).screen is not None


def test_every_page_and_every_tab_of_the_first_is_photographed() -> None:
    """One that is added has a picture by itself."""
    there = {path.stem for path in FOLDER.glob("*.html")}
    assert {"index", *side_pages()} == there
    assert tabs() == {
        "screen.png": "/#line", "screen-parts.png": "/#parts",
        "screen-disputed.png": "/#disputed", "screen-audit.png": "/#audit",
    }  # fmt: skip
