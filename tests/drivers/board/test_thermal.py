"""Units and range of temperatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.drivers.board.sysfs import Tree
from gonogo.drivers.board.thermal import cooling, plausible_c, zones
from gonogo.tests.drivers.board.trees import cooler, write, zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MILLI = {"passive": 95_000, "critical": 105_000}


@pytest.mark.parametrize(
    ("raw", "trips", "expected_c"),
    [
        (45_000, MILLI, 45.0),
        (45, {}, 45.0),  # a driver that says degrees
        (45, {"critical": 105}, 45.0),
        (150, MILLI, 0.15),  # beside such trip points it is thousandths, in a cold hall
        (-20_500, {}, -20.5),
        (-20, {}, -20.0),
        (0, MILLI, 0.0),
        (45_000, {"critical": 105}, 45.0),  # the one in thousandths, the other not
        (-274_000, MILLI, None),  # a sensor that is off
        (2_147_483_647, {}, None),
        ("nonsense", MILLI, None),
        ("", {}, None),
    ],
)
def test_zone_is_in_degrees_whatever_its_driver_says(
    tmp_path: Path, raw: object, trips: Mapping[str, int], expected_c: float | None
) -> None:
    """Thousandths by the kernel's rule, degrees where it can be nothing else."""
    (found,) = zones(Tree(write(tmp_path, zone(0, "soc", raw, trips))))
    assert found.temperature_c == expected_c


def test_trip_point_in_degrees_is_one(tmp_path: Path) -> None:
    """Of a zone that says degrees, and of one that mixes them."""
    write(tmp_path, {**zone(0, "a", 45, {"critical": 105}), **zone(1, "b", 45_000, MILLI)})
    found = zones(Tree(tmp_path))
    assert [each.trip_c("critical") for each in found] == [105.0, 105.0]
    assert [each.trip_c("passive") for each in found] == [None, 95.0]


def test_trip_point_of_nothing_is_none(tmp_path: Path) -> None:
    """Places that nobody has set hold 0 or less; one without a kind says nothing."""
    write(tmp_path, zone(0, "a", 45_000, {"passive": 0, "hot": -274_000, "critical": 105_000}))
    write(tmp_path, {"sys/class/thermal/thermal_zone0/trip_point_3_temp": 60_000})
    (found,) = zones(Tree(tmp_path))
    assert [trip.kind for trip in found.trips] == ["critical"]


def test_zone_without_a_type_is_none(tmp_path: Path) -> None:
    """A name is all by which a person knows what is hot."""
    write(tmp_path, {"sys/class/thermal/thermal_zone0/temp": 45_000})
    assert zones(Tree(tmp_path)) == ()


@pytest.mark.parametrize(
    ("value_c", "kept"), [(-60.0, True), (200.0, True), (-60.1, False), (200.1, False)]
)
def test_plausible_is_what_a_board_can_have(value_c: float, kept: bool) -> None:  # noqa: FBT001
    """Outside no sensor is right."""
    assert (plausible_c(value_c) is not None) is kept


@pytest.mark.parametrize(
    ("name", "slows"),
    [
        ("cpufreq-cpu0", True),
        ("thermal-cpufreq-0", True),
        ("thermal-devfreq-0", True),
        ("devfreq-gpu-gpc-0", True),
        ("Processor", True),
        ("intel_powerclamp", True),
        ("soc012-throttle-alert", True),
        ("pwm-fan", False),
        ("Fan", False),
        ("LCD", False),
        ("TCC Offset", False),
        ("hot-surface-alert", False),
    ],
)
def test_cooling_device_slows_or_does_not(tmp_path: Path, name: str, *, slows: bool) -> None:
    """A fan that turns is no throttling, nor is a display that is dark."""
    throttles, fans = cooling(Tree(write(tmp_path, cooler(0, name, 1, 2))))
    assert any(each.active for each in throttles) is slows
    assert bool(fans) is ("fan" in name.lower())


def test_cooling_device_of_many_cores_is_one(tmp_path: Path) -> None:
    """All cores of a PC are called Processor: one that is slowed is enough."""
    for number, now in enumerate((0, 2, 0)):
        write(tmp_path, cooler(number, "Processor", now, 10))
    throttles, _ = cooling(Tree(tmp_path))
    assert [(each.name, each.active) for each in throttles] == [("Processor", True)]
