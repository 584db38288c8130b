"""A station from a stick, for a box that has none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StickGone, StickStationUnfit
from gonogo.build.update import first
from gonogo.build.update.first import take_station
from gonogo.build.update.plugged import plugged

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.onbox import OnBox


@pytest.fixture
def stick(box: OnBox, tmp_path: Path) -> Path:
    """One with a station, and a `gonogo check` that takes what says so."""
    folder = tmp_path / "stick" / "gonogo-station"
    (folder / "engines" / "top").mkdir(parents=True)
    (folder / "station.toml").write_text("good")
    (folder / "engines" / "top" / "a.gng").write_bytes(b"engine" * 100)
    program = box.places.program
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{box.folder}/checked\n'
        'grep -q good "$2" || { echo "x" >&2; echo "GN110: no camera" >&2; exit 1; }\n'
    )
    return folder.parent


def test_a_box_without_a_station_takes_that_of_the_stick(box: OnBox, stick: Path) -> None:
    """Checked where it will lie, with its engines in their place; then it is started."""
    plugged(stick, box.places, box.lines.append)
    assert (box.places.station / "station.toml").read_text() == "good"
    assert (box.places.engines / "top" / "a.gng").read_bytes() == b"engine" * 100
    trial = box.places.station / "station.trial.toml"
    assert (box.folder / "checked").read_text() == f"check {trial}\n"
    assert [each.name for each in box.places.station.iterdir()] == ["station.toml"]
    assert box.asked == ["systemctl --no-block start gonogo-station.service"]


def test_a_station_that_is_there_is_never_written_over(box: OnBox, stick: Path) -> None:
    """And that is said."""
    (box.places.station / "station.toml").write_text("mine")
    assert not take_station(stick, box.places, box.lines.append)
    assert (box.places.station / "station.toml").read_text() == "mine"
    assert "writes over none" in box.lines[0]
    assert not list(box.places.engines.iterdir())


def test_a_station_that_check_refuses_is_not_taken(box: OnBox, stick: Path) -> None:
    """With its first finding; nothing is started."""
    (stick / "gonogo-station" / "station.toml").write_text("bad")
    plugged(stick, box.places, box.lines.append)
    assert not list(box.places.station.iterdir())
    assert any("GN729" in line and "GN110: no camera" in line for line in box.lines)
    assert box.asked == []


@pytest.mark.parametrize("which", ["station.toml", "engines/top/link.gng", "engines"])
def test_a_link_on_a_stick_leads_nowhere(box: OnBox, stick: Path, which: str) -> None:
    """It could name what only root reads."""
    path = stick / "gonogo-station" / which
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(box.places.cmdline)
    with pytest.raises(StickStationUnfit, match="a link"):
        take_station(stick, box.places, box.lines.append)
    assert not list(box.places.station.iterdir())


def test_too_large_a_station_is_refused(
    box: OnBox, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, and engines that leave no room for records."""
    monkeypatch.setattr(first, "LARGEST_BYTES", 100)
    with pytest.raises(StickStationUnfit, match="4 GiB at most"):
        take_station(stick, box.places, box.lines.append)
    (stick / "gonogo-station" / "station.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(StickStationUnfit, match="larger than 1 MiB"):
        take_station(stick, box.places, box.lines.append)


def test_a_copy_that_is_cut_leaves_a_box_that_takes_it_again(box: OnBox, stick: Path) -> None:
    """The station file comes last."""
    place = box.places.engines / "top"
    place.write_text("in the way")  # where a folder has to be
    with pytest.raises(StickGone, match="plug the stick in again"):
        take_station(stick, box.places, box.lines.append)
    assert not (box.places.station / "station.toml").exists()
    place.unlink()
    assert take_station(stick, box.places, box.lines.append)


def test_a_stick_without_a_station_is_not_asked_for_one(box: OnBox, tmp_path: Path) -> None:
    """Most have none."""
    assert not take_station(tmp_path, box.places, box.lines.append)
    assert box.lines == []
