"""The command line: messages and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.cli import main
from gonogo.tests.stations import s7_station

STATIONS = sorted((Path(__file__).parents[2] / "stations").glob("*.toml"))
DEMO = Path(__file__).parents[2] / "stations" / "demo.toml"


@pytest.mark.parametrize("path", STATIONS, ids=lambda path: path.stem)
def test_every_example_station_file_is_valid(path: Path) -> None:
    """An example that does not load is worse than none."""
    from gonogo.config.station import load_station  # noqa: PLC0415 - as the command does

    assert load_station(path).view


def test_cli_reports_every_finding_of_a_station_file_at_once(tmp_path: Path) -> None:
    """Two mistakes, two lines with their places, one number, exit code 1."""
    text = DEMO.read_text(encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace("budget_ms", "budgt_ms").replace("width_px = 640", "width_px = 1"))
    result = CliRunner().invoke(main, ["check", str(bad)])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "did you mean 'budget_ms'" in lines[0]
    assert "expected 64 to 8192 px, got 1" in lines[1]
    assert lines[-1].startswith("GN110")


def test_cli_names_a_missing_file() -> None:
    """The wrong path is said in one line, without a traceback."""
    result = CliRunner().invoke(main, ["check", "nowhere.toml"])
    assert result.exit_code == 1
    assert "nowhere.toml" in result.output
    assert "Traceback" not in result.output


def test_rehearse_refuses_an_s7_station_by_name(tmp_path: Path) -> None:
    """The PLC simulator speaks Modbus; what to do instead is said."""
    path = s7_station(tmp_path, '[plc]\ndriver = "s7"\nhost = "127.0.0.1"\ndb = 1\n')
    result = CliRunner().invoke(main, ["rehearse", str(path)])
    assert result.exit_code == 1
    assert "GN122: [plc]: driver 's7' cannot be rehearsed" in result.output


def test_limits_names_the_views_there_are() -> None:
    """A view that does not exist is answered with those that do."""
    arguments = ["limits", str(DEMO), "--view", "side", "--good", "."]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "expected one of ['top']" in result.output
