"""`gonogo board` as it is typed, on this very box, and what it prints for others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.commands.board.asking import SYSTEM_PYTHON
from gonogo.commands.board.command import page
from gonogo.commands.board.found import ON_CPU, Needs, find
from gonogo.commands.board.lack import Lack
from gonogo.commands.cli import main
from gonogo.tests.commands.board import boxes

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "stations" / "demo.toml"


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
    assert set(told["runtimes"]) == set(ON_CPU)


def test_installed_engine_that_is_broken_is_left_to_check(tmp_path: Path) -> None:
    """What the box lacks is told all the same."""
    path = tmp_path / "pi.toml"
    path.write_text(DEMO.with_name("pi-hailo.toml").read_text(encoding="utf-8"))
    result = CliRunner().invoke(main, ["board", str(path)])
    assert f"station {path}: " in result.output
    assert "GN330" not in result.output


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


@pytest.mark.parametrize(
    ("page_name", "kind"), [("on-a-jetson", "orin_nano"), ("on-a-raspberry-pi-with-hailo", "pi5")]
)
def test_documents_show_what_is_printed(tmp_path: Path, page_name: str, kind: str) -> None:
    """Line by line, of these very boxes; "..." stands for some that are left out."""
    text = (ROOT / "docs" / f"{page_name}.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n\$ gonogo board\n(.*?)```", text, re.DOTALL)
    found = find(getattr(boxes, kind)(tmp_path), Needs())
    printed = [line.rstrip() for line in page(found, Needs(), None)]
    lines = [line for line in shown.splitlines() if line != "..."]
    assert len(lines) > 5
    assert [line for line in lines if line not in printed] == []


def test_documents_give_the_commands_that_are_given() -> None:
    """Of the environment that looks into the system's packages, as an example of its kind."""
    for name in ("on-a-jetson", "on-a-raspberry-pi-with-hailo"):
        text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert f"\n{SYSTEM_PYTHON} -m venv --system-site-packages .venv\n" in text
        assert f"\nmake PYTHON={SYSTEM_PYTHON} .venv/.installed\n" in text


def test_lack_without_a_command_is_told_all_the_same() -> None:
    """A thing that no command brings."""
    assert Lack("hailo", "no chip").rows() == ["hailo: no chip"]
