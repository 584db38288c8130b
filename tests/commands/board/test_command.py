"""`gonogo board` as it is typed, on this very box, and what it prints for others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.board.command import page
from gonogo.commands.board.found import Needs, find
from gonogo.commands.board.lack import Lack
from gonogo.commands.cli import main
from gonogo.tests.commands.board import boxes

DEMO = Path(__file__).parents[3] / "stations" / "demo.toml"


def test_command_says_what_this_box_is_and_what_the_demo_needs() -> None:
    """It needs nothing that the test environment does not have."""
    result = CliRunner().invoke(main, ["board", str(DEMO)])
    assert result.exit_code == 0, result.output
    assert "\nonnxruntime " in result.output
    assert "nothing that it needs is missing" in result.output


def test_command_speaks_to_a_program() -> None:
    """One JSON document, and nothing beside it."""
    result = CliRunner().invoke(main, ["board", "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["station_lacks"] == []
    assert told["runtimes"]["onnxruntime"]["error"] is None


def test_station_file_that_is_wrong_is_told(tmp_path: Path) -> None:
    """As every command tells it."""
    path = tmp_path / "bad.toml"
    path.write_text("[station]\n")
    result = CliRunner().invoke(main, ["board", str(path)])
    assert result.exit_code == 1
    assert "GN110" in result.output


@pytest.mark.parametrize("kind", ["orin_nano", "pi5", "pc"])
def test_page_tells_every_part_once(tmp_path: Path, kind: str) -> None:
    """A row a fact, in columns."""
    found = find(getattr(boxes, kind)(tmp_path), Needs())
    lines = list(page(found, Needs(), None))
    names = [line.split("  ")[0] for line in lines[: lines.index("")]]
    assert len(set(names)) == len(names)
    assert ("JetPack" in names) == (kind == "orin_nano")
    assert ("HailoRT" in names) == (kind == "pi5")


def test_page_has_each_command_on_a_line_of_its_own(tmp_path: Path) -> None:
    """To be copied; and counts what the station needs of it."""
    needs = Needs((("backend", "tensorrt"),))
    found = find(boxes.orin_nano(tmp_path), needs)
    lines = list(page(found, needs, Path("bolts.toml")))
    commands = [command for each in found.lacks for command in each.commands]
    assert [line.strip() for line in lines if line.startswith("      ")] == commands
    assert lines[-1] == f"station bolts.toml: needs {len(found.lacking(needs))} of these"


def test_lack_without_a_command_is_told_all_the_same() -> None:
    """A thing that no command brings."""
    assert Lack("hailo", "no chip").rows() == ["hailo: no chip"]
