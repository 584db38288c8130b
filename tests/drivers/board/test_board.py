"""A whole reading of a Jetson, a Raspberry Pi, a PC, and of the box that runs this test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.board.board import read_board
from gonogo.drivers.board.reading import BoardReading, Clock, Fan, PowerMode, Rail, Trip, Zone
from gonogo.tests.drivers.board.trees import THERMAL, cooler, orin, pc, pi5, write, zone

if TYPE_CHECKING:
    from collections.abc import Callable


def temperatures(reading: BoardReading) -> dict[str, float | None]:
    """By the name of the zone."""
    return {zone.name: zone.temperature_c for zone in reading.zones}


def test_board_reads_a_jetson(tmp_path: Path) -> None:
    """Zones with their trip points, the GPU's clock, power, counters and the power mode."""
    found = read_board(orin(tmp_path))
    assert found.model == "NVIDIA Jetson Orin NX Engineering Reference Developer Kit"
    assert temperatures(found) == {
        "cpu-thermal": 49.968,
        "gpu-thermal": 52.312,
        "cv0-thermal": None,  # without power
        "tj-thermal": 50.1,
        "tboard-thermal": 41.5,
    }
    trips = (Trip("active", 51.0), Trip("passive", 99.0), Trip("critical", 104.5))
    assert found.hottest == Zone("gpu-thermal", 52.312, trips)
    assert found.gpu == Clock("17000000.gpu", "gpu", 612e6, 306e6, 765e6, 918e6, "nvhost_podgov")
    cpu = next(clock for clock in found.clocks if clock.kind == "cpu")
    assert cpu == Clock("policy0", "cpu", 1190.4e6, 729.6e6, 1497.6e6, 1984e6, "schedutil")
    assert found.rails[0] == Rail("VDD_IN", 4.984, 1.856, 4.984 * 1.856)
    assert len(found.rails) == 3
    assert [(each.name, each.events) for each in found.counters] == [
        ("under-voltage events", 0),
        ("over-current events (average)", 1),
        ("over-current events (moment)", 2),
    ]
    assert found.fans == (Fan("pwm-fan", 0.2),)
    assert found.power_mode == PowerMode(3, "25W")
    assert found.throttled == ()


def test_board_that_throttles_says_what_does(tmp_path: Path) -> None:
    """A fan that turns, or a surface that is warm, slows nothing."""
    assert read_board(orin(tmp_path, throttle=1)).throttled == ("gpu-throttle-alert",)
    write(tmp_path, cooler(4, "devfreq-17000000.gpu", 3, 10))
    found = read_board(tmp_path).throttled
    assert set(found) == {"gpu-throttle-alert", "devfreq-17000000.gpu"}


def test_board_reads_a_raspberry_pi(tmp_path: Path) -> None:
    """Its firmware says what throttles it now, and what did since it was switched on."""
    found = read_board(pi5(tmp_path, throttled="50005"))
    assert temperatures(found) == {"cpu-thermal": 61.45}
    assert found.throttled == ("Raspberry Pi: under-voltage", "Raspberry Pi: throttled")
    had = {each.name for each in found.counters if each.events}
    assert had == {"Raspberry Pi: under-voltage", "Raspberry Pi: throttled"}
    assert found.power_mode is None
    assert found.gpu is None


def test_board_reads_a_pc(tmp_path: Path) -> None:
    """Two zones of one name are told apart; a trip point that nobody has set is none."""
    found = read_board(pc(tmp_path))
    assert found.model == "Box PC 420"
    assert temperatures(found) == {
        "acpitz": 27.8,
        "acpitz 2": 29.8,
        "x86_pkg_temp": 62.0,
        "iwlwifi_1": None,
        "coretemp Package id 0": 63.0,
        "coretemp temp2": 60.0,
    }
    package = next(zone for zone in found.zones if "Package" in zone.name)
    assert package.trip_c("critical") == 100.0
    assert next(each for each in found.zones if each.name == "x86_pkg_temp").trips == ()
    assert found.throttled == ("Processor",)
    counts = {each.name: each.events for each in found.counters}
    assert counts == {"package throttled": 7, "core throttled": 4}


def test_board_without_any_of_it_is_unknown(tmp_path: Path) -> None:
    """A virtual machine has no sensors: nothing is known, and nothing is wrong."""
    assert read_board(tmp_path) == BoardReading()
    assert read_board(tmp_path / "nowhere").hottest is None


def test_board_of_this_box_can_be_read() -> None:
    """Whatever it is: what it says is in the range of what a board can be."""
    found = read_board()
    assert all(-60 <= each.temperature_c <= 200 for each in found.zones if each.temperature_c)
    assert all(clock.now_hz is None or clock.now_hz >= 0 for clock in found.clocks)
    assert len({zone.name for zone in found.zones}) == len(found.zones)
    here = Path("/sys/class/thermal")
    listed = list(here.glob("thermal_zone*/type")) if here.is_dir() else []
    assert len(found.zones) >= len(listed)


@pytest.mark.parametrize("tree", [orin, pi5, pc])
def test_board_of_which_parts_vanish_is_read_all_the_same(
    tmp_path: Path, tree: Callable[[Path], Path]
) -> None:
    """Any one file may be away, empty or nonsense: the rest is as it was."""
    whole = read_board(tree(tmp_path / "board"))
    files = sorted(path for path in (tmp_path / "board").rglob("*") if path.is_file())
    assert files
    for path in files:
        kept = path.read_bytes() if not path.is_symlink() else b""
        for content in (None, b"", b"nonsense \xff\n", b"-99999999999\n"):
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
            found = read_board(tmp_path / "board")
            chip = 2 if path.name == "name" else 1  # has two sensors
            assert len(found.zones) >= len(whole.zones) - chip
            assert len(found.clocks) >= len(whole.clocks) - 1
        path.unlink(missing_ok=True)
        path.write_bytes(kept)


def test_board_that_lost_a_zone_between_two_readings_knows_it_no_more(tmp_path: Path) -> None:
    """A driver may be unloaded while the station runs."""
    orin(tmp_path)
    assert "gpu-thermal" in temperatures(read_board(tmp_path))
    shutil.rmtree(tmp_path / THERMAL / "thermal_zone1")
    assert "gpu-thermal" not in temperatures(read_board(tmp_path))
    write(tmp_path, zone(1, "gpu-thermal", 60_000))
    assert temperatures(read_board(tmp_path))["gpu-thermal"] == 60.0
