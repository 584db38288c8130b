"""Power, over-current, and the firmware of a Raspberry Pi."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.board.supply import counters, rails, throttles
from gonogo.drivers.board.sysfs import Tree
from gonogo.tests.drivers.board.trees import HWMON, orin, pi5, refuses, write

if TYPE_CHECKING:
    from pathlib import Path

PLATFORM = "sys/devices/platform"


def active(root: Path) -> list[str]:
    """What slows the chip now, by the supply or the firmware."""
    return [each.name for each in throttles(Tree(root)) if each.active]


def test_rail_without_a_current_has_no_power(tmp_path: Path) -> None:
    """Half of it is not known: neither is the product."""
    orin(tmp_path)
    refuses(tmp_path / f"{HWMON}/hwmon1/curr1_input")
    write(tmp_path, {f"{HWMON}/hwmon1/in2_label": "NC"})
    first, *more = rails(Tree(tmp_path))
    assert (first.name, first.current_a, first.power_w) == ("VDD_IN", None, None)
    assert [rail.name for rail in more] == ["VDD_SOC"]


def test_rail_over_its_critical_current_is_told(tmp_path: Path) -> None:
    """The alarm of the sensor itself."""
    orin(tmp_path)
    assert active(tmp_path) == []
    write(tmp_path, {f"{HWMON}/hwmon1/curr2_crit_alarm": 1})
    assert active(tmp_path) == ["over-current of VDD_CPU_GPU_CV"]


def test_counter_of_an_unknown_event_keeps_its_own_name(tmp_path: Path) -> None:
    """Another kernel may count more of them."""
    write(tmp_path, {f"{HWMON}/hwmon0/oc7_event_cnt": 5, f"{HWMON}/hwmon0/oc1_event_cnt": "x"})
    assert [(each.name, each.events) for each in counters(Tree(tmp_path))] == [("oc7 events", 5)]


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("0", []),
        ("0x0", []),
        ("1", ["under-voltage"]),
        ("0x2", ["ARM clock capped"]),
        ("c", ["throttled", "soft temperature limit"]),
        ("f0000", []),
    ],
)
def test_raspberry_pi_is_throttled_by_the_low_bits(
    tmp_path: Path, text: str, now: list[str]
) -> None:
    """Hexadecimal; the high half is what once was."""
    found = active(pi5(tmp_path, text))
    assert found == [f"Raspberry Pi: {name}" for name in now]
    had = [each for each in counters(Tree(tmp_path)) if each.events]
    assert len(had) == (4 if text == "f0000" else 0)


@pytest.mark.parametrize("nonsense", ["", "-1", "yes", "0x", "1 2", "f" * 9])
def test_raspberry_pi_that_says_nonsense_is_unknown(tmp_path: Path, nonsense: str) -> None:
    """Neither throttled nor not."""
    pi5(tmp_path, nonsense)
    assert [each for each in throttles(Tree(tmp_path)) if "Pi:" in each.name] == []
    assert counters(Tree(tmp_path)) == ()


@pytest.mark.parametrize(
    "folder",
    [
        f"{PLATFORM}/soc/soc:firmware",
        f"{PLATFORM}/soc:firmware",
        f"{PLATFORM}/soc@107c000000/soc@107c000000:firmware",
    ],
)
def test_raspberry_pi_is_found_on_each_generation(tmp_path: Path, folder: str) -> None:
    """The folder of its firmware is not called the same on all of them."""
    write(tmp_path, {f"{folder}/get_throttled": "4"})
    assert active(tmp_path) == ["Raspberry Pi: throttled"]


def test_raspberry_pi_with_a_weak_supply_is_told(tmp_path: Path) -> None:
    """By its own sensor, where the kernel has one."""
    pi5(tmp_path)
    write(tmp_path, {f"{HWMON}/hwmon2/in0_lcrit_alarm": 1})
    assert active(tmp_path) == ["supply of the Raspberry Pi too low"]
