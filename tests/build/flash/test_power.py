"""Whether this machine may run out of power."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import FlashRefused
from gonogo.build.flash.power import power

if TYPE_CHECKING:
    from pathlib import Path


def supply(folder: Path, name: str, **words: str) -> None:
    """One of sysfs."""
    (folder / name).mkdir()
    for key, word in words.items():
        (folder / name / key).write_text(f"{word}\n")


def test_a_battery_that_is_nearly_empty_is_refused(tmp_path: Path) -> None:
    """Unless the mains are there."""
    supply(tmp_path, "BAT0", type="Battery", status="Discharging", capacity="12")
    supply(tmp_path, "AC", type="Mains", online="0")
    with pytest.raises(FlashRefused, match="battery at 12 %; expected at least 20 %"):
        power(tmp_path)
    (tmp_path / "AC" / "online").write_text("1\n")
    assert power(tmp_path) == "mains"


def test_a_battery_with_room_is_said(tmp_path: Path) -> None:
    """In per cent."""
    supply(tmp_path, "BAT0", type="Battery", status="Discharging", capacity="80")
    assert power(tmp_path) == "battery at 80 %"


def test_a_mouse_and_a_box_without_supplies_are_no_battery(tmp_path: Path) -> None:
    """Neither refuses."""
    supply(tmp_path, "hid", type="Battery", status="Discharging", capacity="3", scope="Device")
    assert power(tmp_path) == "mains, or not known to this machine"
    assert power(tmp_path / "none") == "mains, or not known to this machine"
