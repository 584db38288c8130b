"""The clock: year, who keeps it, and its battery."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest

from gonogo.commands.board.box import Box
from gonogo.commands.doctor import clock
from gonogo.commands.doctor.finding import Ill, Scene
from gonogo.tests.drivers.board import trees

if TYPE_CHECKING:
    from pathlib import Path

TODAY_S = 1_795_000_000.0  # 2026-11-18
CHIP = {"sys/class/rtc/rtc0/since_epoch": "1795000000"}


def ills(root: Path, now_s: float = TODAY_S, *, kept: bool | None = True) -> list[Ill]:
    """What is wrong with it."""
    box = Box(root=root)
    found = clock.look(Scene(box), lambda: now_s, lambda: kept)
    return [each for each in found if isinstance(each, Ill)]


def test_clock_that_is_right_has_no_finding(tmp_path: Path) -> None:
    """A battery, a time server, a year of this program's."""
    trees.write(tmp_path, CHIP)
    assert ills(tmp_path) == []
    assert ills(tmp_path, kept=None) == []  # a sandbox that does not say


@pytest.mark.parametrize("now_s", [0.0, 1_700_000_000.0, 5_000_000_000.0])
def test_year_that_cannot_be_is_told(tmp_path: Path, now_s: float) -> None:
    """Of a box without a battery, and of one that was set wrong."""
    trees.write(tmp_path, CHIP)
    (found,) = ills(tmp_path, now_s)
    assert "expected a year from 2025 to 2100" in found.what
    assert not found.stops


def test_clock_that_nobody_keeps_is_told(tmp_path: Path) -> None:
    """Another box's time, and the PLC's, drift away."""
    trees.write(tmp_path, CHIP)
    (found,) = ills(tmp_path, kept=False)
    assert found.commands == ("sudo timedatectl set-ntp true",)


def test_missing_chip_and_empty_battery_are_told(tmp_path: Path) -> None:
    """A Raspberry Pi 4 has none; one without power is in 1970."""
    (none,) = ills(tmp_path / "none")
    assert "no clock chip" in none.what
    trees.write(tmp_path / "empty", {"sys/class/rtc/rtc0/since_epoch": "86400"})
    (empty,) = ills(tmp_path / "empty")
    assert empty.what == "the clock chip rtc0 is in 1970"


def test_kernel_is_asked_as_systemd_asks_it() -> None:
    """By somebody else's program, where it runs here."""
    if which("timedatectl") is None:
        pytest.skip("timedatectl is not installed")
    asked = subprocess.run(
        ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.returncode:
        pytest.skip("timedatectl finds no systemd here")
    assert clock.kept() == (asked.stdout.strip() == "yes")


def test_kernel_says_whether_somebody_keeps_it() -> None:
    """Yes, no, or it may not be asked: nothing is changed by it."""
    assert clock.kept() in {True, False, None}
