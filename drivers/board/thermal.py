"""Temperatures and what the kernel does about them: /sys/class/thermal and hwmon.

Temperatures are thousandths of a degree there (Documentation/ABI/testing/sysfs-class-thermal);
some drivers say whole degrees all the same. What no chip can have is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.drivers.board.reading import Fan, Throttle, Trip, Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.drivers.board.sysfs import Tree

THERMAL, HWMON = "sys/class/thermal", "sys/class/hwmon"
LOW_C, HIGH_C = -60.0, 200.0  # outside of this no sensor of a board is right
_MILLI = 1000.0
_DEGREES = 200  # a number below this, and no trip point of the zone above it, is in degrees
# hwmon repeats the thermal zones under their own names; these chips are none of them
_CHIPS = {"coretemp", "k10temp", "zenpower", "k8temp", "via_cputemp"}
# cooling devices that slow something down; others are fans, displays, or offsets
_SLOWS = re.compile(
    r"(thermal-)?(cpufreq|devfreq|cpuidle)\b.*|Processor|intel_powerclamp|.*throttle-alert"
)
_FAN = re.compile(r".*fan.*", re.IGNORECASE)


def zones(tree: Tree) -> tuple[Zone, ...]:
    """Every zone that has a name, each under a name of its own."""
    return tuple(_named([*_thermal_zones(tree), *_sensors(tree)]))


def _thermal_zones(tree: Tree) -> Iterator[Zone]:
    for folder in tree.folders(THERMAL, r"thermal_zone\d+"):
        name = tree.text(f"{folder}/type")
        if name:
            raw = list(_raw_trips(tree, folder))
            known = [value for _, value in raw]
            value = tree.number(f"{folder}/temp")
            value_c = None if value is None else value / unit_of(value, known)
            trips = (_trip(kind, value, unit_of(value, known)) for kind, value in raw)
            yield Zone(name, plausible_c(value_c), tuple(trip for trip in trips if trip))


def _raw_trips(tree: Tree, folder: str) -> Iterator[tuple[str, int]]:
    for name in tree.names(folder, r"trip_point_\d+_temp"):
        value = tree.number(f"{folder}/{name}")
        kind = tree.text(f"{folder}/{name.removesuffix('temp')}type")
        # 0 and below: a place for a trip point that nobody has set
        if value is not None and value > 0 and kind:
            yield kind, value


def _trip(kind: str, value: int, unit: float) -> Trip | None:
    temperature_c = plausible_c(value / unit)
    return None if temperature_c is None else Trip(kind, temperature_c)


def _sensors(tree: Tree) -> Iterator[Zone]:
    """Of the processor's own chip, on a PC."""
    for folder in tree.folders(HWMON, r"hwmon\d+"):
        chip = tree.text(f"{folder}/name")
        if chip not in _CHIPS:
            continue
        for name in tree.names(folder, r"temp\d+_input"):
            stem = f"{folder}/{name.removesuffix('_input')}"
            label = tree.text(f"{stem}_label") or name.removesuffix("_input")
            critical = tree.number(f"{stem}_crit") or 0
            trip = _trip("critical", critical, _MILLI) if critical > 0 else None
            value_c = plausible_c(tree.scaled(f"{stem}_input", _MILLI))
            yield Zone(f"{chip} {label}", value_c, (trip,) if trip else ())


def unit_of(value: int, trips: Iterable[int]) -> float:
    """How many of the numbers of a zone are one degree: it or its trip points tell."""
    # 150 beside a trip point of 95000 is 0.15 degrees, in a cold hall
    return _MILLI if max(abs(value), *trips, 0) >= _DEGREES else 1.0


def plausible_c(value_c: float | None) -> float | None:
    """None for what no board has."""
    return value_c if value_c is not None and LOW_C <= value_c <= HIGH_C else None


def _named(found: Iterable[Zone]) -> Iterator[Zone]:
    seen: dict[str, int] = {}
    for zone in found:
        count = seen[zone.name] = seen.get(zone.name, 0) + 1
        # a PC has several called acpitz
        yield zone if count == 1 else zone._replace(name=f"{zone.name} {count}")


def cooling(tree: Tree) -> tuple[tuple[Throttle, ...], tuple[Fan, ...]]:
    """What slows the chip down where it is too hot, and its fans."""
    throttles: dict[str, bool] = {}
    fans = []
    for folder in tree.folders(THERMAL, r"cooling_device\d+"):
        name = tree.text(f"{folder}/type") or ""
        now, most = tree.number(f"{folder}/cur_state"), tree.number(f"{folder}/max_state")
        if now is None:
            continue
        if _SLOWS.fullmatch(name):  # one a core on a PC, all called Processor
            throttles[name] = throttles.get(name, False) or now > 0
        elif _FAN.fullmatch(name) and most is not None and most > 0:
            fans.append(Fan(name, min(max(now / most, 0.0), 1.0)))
    return tuple(Throttle(*each) for each in throttles.items()), tuple(fans)
