"""`gonogo check` of the box itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.check_board import check_board
from gonogo.commands.report import Report
from gonogo.drivers.board.jetson_stats import JetsonStats
from gonogo.tests.drivers.board.trees import orin
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def checked(folder: Path, root: Path, **board: object) -> tuple[list[str], list[str]]:
    """What is said, and what is wrong."""
    said: list[str] = []
    report = Report(said.append)
    station = small_station(folder, board=dict(board))
    check_board(report, station, root, JetsonStats(lambda: None))
    return said, list(report.findings)


def test_check_shows_what_can_be_read_and_finds_nothing_wrong(tmp_path: Path) -> None:
    """Zones by the names that the station file takes."""
    said, wrong = checked(tmp_path, orin(tmp_path / "sys"))
    assert said[0].startswith("box: NVIDIA Jetson Orin NX")
    assert any("tboard-thermal 41.5 degC; warned of from 85 degC on" in line for line in said)
    assert wrong == []


def test_check_finds_a_zone_that_is_not_there(tmp_path: Path) -> None:
    """Named with its number and those that are; the chip of an engine comes with the engine."""
    zones = ("cpu-thermal", "cpu_thermal", "chip A")
    _, wrong = checked(tmp_path, orin(tmp_path / "sys"), zones=zones)
    (found,) = wrong
    assert found.startswith("GN243: [board] zones: 'cpu_thermal' is not there")
    assert "cpu-thermal, gpu-thermal" in found


def test_check_of_a_box_without_sensors_is_not_wrong(tmp_path: Path) -> None:
    """Unknown is no fault; nor is jetson-stats whose service is away."""

    class Gone:
        """A package of others, broken."""

    said: list[str] = []
    report = Report(said.append)
    (tmp_path / "sys").mkdir()
    stats = JetsonStats(Gone)
    check_board(report, small_station(tmp_path, board={}), tmp_path / "sys", stats)
    assert said[0].startswith("  GN242: jetson-stats is installed")
    assert said[-1] == "  no temperature can be read"
    assert report.findings == []


def test_check_of_a_station_that_has_nobody_watch_says_one_line(tmp_path: Path) -> None:
    """With the section that it takes."""
    said: list[str] = []
    check_board(Report(said.append), small_station(tmp_path), orin(tmp_path / "sys"))
    (line,) = said
    assert line.startswith("box: hottest is gpu-thermal, 52.3 degC; nobody watches it")
