"""`gonogo check` tries pictures as the station will keep them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gonogo.commands.check_pictures import check_pictures
from gonogo.commands.report import Report
from gonogo.tests.records.pictures.made import images_in
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

FRAME = np.zeros((120, 160, 3), np.uint8)


def station_of(tmp_path: Path, folder: Path | None, **line: Any) -> Station:  # noqa: ANN401 - of [station]
    """With pictures, where a folder is given."""
    station = small_station(tmp_path, **line)
    images = None if folder is None else images_in(folder)
    records = station.records.model_copy(update={"images": images})
    return station.model_copy(update={"records": records})


def said_of(station: Station) -> tuple[list[str], list[str]]:
    """Everything said, and what of it is wrong."""
    said: list[str] = []
    report = Report(said.append)
    check_pictures(report, station, [FRAME])
    return said, report.findings


def test_check_measures_copying_and_writing_and_leaves_nothing(tmp_path: Path) -> None:
    """On the disk that will have them."""
    folder = tmp_path / "pictures"
    said, wrong = said_of(station_of(tmp_path, folder, frame_slots=64))
    assert re.fullmatch(
        r"  pictures: copied within \d+\.\d ms of a verdict, \d+ of 64 frame_slots are needed for "
        r"that; written in \d+\.\d ms a part.*",
        said[0],
    )
    assert (len(said), wrong) == (1, [])
    assert list(folder.iterdir()) == []


def test_check_warns_of_a_ring_that_is_too_short_with_a_number(tmp_path: Path) -> None:
    """No finding: parts may flow, some pictures will be missed."""
    station = station_of(tmp_path, tmp_path / "p", frame_slots=4, budget_ms=2000.0)
    said, wrong = said_of(station)
    assert re.match(r"  WARNING  GN622: station.frame_slots: expected at least 1[5-9] ", said[1])
    assert wrong == []


def test_check_finds_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Before the start, not by a picture that is missed."""
    place = tmp_path / "file"
    place.write_text("")
    _, wrong = said_of(station_of(tmp_path, place / "pictures"))
    assert wrong[0].startswith(f"records.images.folder {place}/pictures: cannot be written: ")


def test_check_says_nothing_of_pictures_that_nobody_wants(tmp_path: Path) -> None:
    """Without the section."""
    assert said_of(station_of(tmp_path, None)) == ([], [])
