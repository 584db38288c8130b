"""All together: what comes first, and what ends there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.commands.doctor.finding import Ill, has_capability
from gonogo.commands.doctor.looks import look_at
from gonogo.commands.doctor.scenery import look
from gonogo.tests.commands.board import boxes
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    import pytest

BROKEN = {"error": "ImportError: numpy is half there"}
AREAS = ["versions", "real time", "heat", "disk", "memory", "clock", "stations", "kernel"]


def test_broken_package_ends_the_look(tmp_path: Path) -> None:
    """All else would be imported for nothing, and break."""
    found = list(look_at(None, boxes.pc(tmp_path, numpy=BROKEN)))
    assert {each.area for each in found} == {"versions"}
    stops = [each for each in found if isinstance(each, Ill) and each.stops]
    assert any("numpy is installed and cannot be imported" in each.what for each in stops)


def test_every_matter_is_looked_at(tmp_path: Path) -> None:
    """Each says at least what is right."""
    areas = {each.area for each in look(boxes.pc(tmp_path), small_station(tmp_path))}
    assert areas >= set(AREAS) - {"stations"}


def test_station_file_that_is_wrong_is_said_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the box is looked at all the same."""
    monkeypatch.setattr("gonogo.commands.doctor.looks.packages", lambda _box: iter(()))
    file = tmp_path / "bad.toml"
    file.write_text('[station]\nname = "x"\nbudgt_ms = 3\n')
    box = boxes.pc(tmp_path / "box")
    found = list(look_at(file, box))
    of_file = [each for each in found if each.area == "station file"]
    assert all(isinstance(each, Ill) and each.stops for each in of_file)
    assert any("budgt_ms" in each.what for each in of_file)
    assert any(each.area == "kernel" for each in found)
    gone = list(look_at(tmp_path / "none.toml", box))
    assert any(isinstance(each, Ill) and "none.toml" in each.what for each in gone)


def test_capability_is_read_of_this_process() -> None:
    """As the kernel tells it; nobody has number 63."""
    told = Path("/proc/self/status").read_text(encoding="ascii").split("CapEff:")[1].split()[0]
    assert [has_capability(number) for number in range(64)] == [
        bool(int(told, 16) >> number & 1) for number in range(64)
    ]
