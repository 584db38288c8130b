"""Clocks and heat of boards, read by the child's own code, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.board import ask_board
from gonogo.commands.board.box import Box, Ran
from gonogo.commands.board.heat import find_heat, lacks_clocks
from gonogo.commands.board.jetpack import find_jetpack
from gonogo.tests.commands.board import boxes
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path


def test_jetson_that_saves_power_is_told_both_commands(tmp_path: Path) -> None:
    """The mode by its number on this very board."""
    box = boxes.orin_nano(tmp_path)
    heat = find_heat(box)
    assert "17000000.gpu 612 of 918 MHz (nvhost_podgov)" in dict(heat.rows())["clocks"]
    assert heat.zone is not None
    mode, clocks = lacks_clocks(find_jetpack(box), heat)
    assert mode.commands == ("sudo nvpmodel -m 0",)
    assert "25W (3), the fastest is MAXN" in mode.what
    assert clocks.commands == ("sudo jetson_clocks",)


def test_jetson_at_its_fastest_wants_nothing(tmp_path: Path) -> None:
    """Its clocks may go nowhere."""
    box = boxes.orin_nano(tmp_path)
    gpu = "sys/class/devfreq/17000000.gpu"
    trees.write(
        tmp_path,
        {
            "var/lib/nvpmodel/status": "pmode:0000",
            f"{gpu}/min_freq": 765_000_000,
            f"{trees.CPUFREQ}/scaling_min_freq": 1_497_600,
        },
    )
    assert list(lacks_clocks(find_jetpack(box), find_heat(box))) == []


def test_board_whose_clocks_follow_the_load_is_told(tmp_path: Path) -> None:
    """By its governor; with another there is nothing to say."""
    box = boxes.pi5(tmp_path)
    (lack,) = lacks_clocks(None, find_heat(box))
    assert "governor ondemand" in lack.what
    assert lack.commands[0].startswith("echo performance | sudo tee /sys/devices/system/cpu/")
    trees.write(tmp_path, {f"{trees.CPUFREQ}/scaling_governor": "performance"})
    assert list(lacks_clocks(None, find_heat(box))) == []


def test_heat_of_a_box_without_sensors_is_unknown(tmp_path: Path) -> None:
    """And lacks nothing."""
    heat = find_heat(Box(root=tmp_path, run=boxes.Programs({}), interpreter=boxes.VENV))
    assert dict(heat.rows()) == {"clocks": "unknown", "hottest": "unknown"}
    assert list(lacks_clocks(None, heat)) == []


def test_sensor_that_hangs_is_told(tmp_path: Path) -> None:
    """The child waits for it, not we."""
    hung = Ran(None, why="did not end within 60 s")
    heat = find_heat(Box(root=tmp_path, run=lambda _argv, _limit_s: hung))
    assert heat.rows() == [("clocks", "unknown: did not end within 60 s")]


def test_what_slows_a_board_is_told(tmp_path: Path) -> None:
    """Now, and since it was switched on."""
    trees.pi5(tmp_path, "50005")
    answer = ask_board.answer_of(tmp_path)
    assert "Raspberry Pi: under-voltage" in answer["throttled"]
    box = Box(root=tmp_path, run=boxes.Programs({}), interpreter=boxes.VENV)
    assert "slowed by Raspberry Pi: under-voltage" in dict(find_heat(box).rows())["hottest"]


def test_child_reads_this_very_box() -> None:
    """Run as a child; a box without sensors answers as well."""
    assert find_heat(Box()).error is None
