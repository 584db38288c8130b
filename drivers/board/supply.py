"""Power, and too little or too much of it: ina3221 rails, over-current events, a Raspberry Pi.

The counters are of the kernel's hwmon of soctherm on an Orin (`oc1_event_cnt` to
`oc3_event_cnt`), and of an x86 processor that had to slow down (`thermal_throttle`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gonogo.drivers.board.reading import Counter, Rail, Throttle
from gonogo.drivers.board.thermal import HWMON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.drivers.board.sysfs import Tree

_CPU, _PLATFORM = "sys/devices/system/cpu", "sys/devices/platform"
_MILLI = 1000.0
_OC = {
    "oc1": "under-voltage events",
    "oc2": "over-current events (average)",
    "oc3": "over-current events (moment)",
}  # of Orin, by NVIDIA's Jetson Linux developer guide
# low bits of get_throttled are now, the same 16 higher since the start (Raspberry Pi firmware)
_FIRMWARE = ("under-voltage", "ARM clock capped", "throttled", "soft temperature limit")
_SINCE_BOOT = 16
_HEX = re.compile(r"(0x)?[0-9a-fA-F]{1,8}")


def rails(tree: Tree) -> tuple[Rail, ...]:
    """What flows through each supply that is measured."""
    return tuple(rail for folder in _ina3221(tree) for rail in _rails(tree, folder))


def _ina3221(tree: Tree) -> list[str]:
    folders = tree.folders(HWMON, r"hwmon\d+")
    return [each for each in folders if (tree.text(f"{each}/name") or "").startswith("ina3221")]


def _rails(tree: Tree, folder: str) -> Iterator[Rail]:
    for name in tree.names(folder, r"curr[123]_input"):  # from 4 on they are sums
        number = name[4]
        label = tree.text(f"{folder}/in{number}_label")
        if not label or label == "NC":  # not connected
            continue
        volt = tree.scaled(f"{folder}/in{number}_input", _MILLI)
        ampere = tree.scaled(f"{folder}/{name}", _MILLI)
        watt = None if volt is None or ampere is None else volt * ampere
        yield Rail(label, volt, ampere, watt)


def throttles(tree: Tree) -> tuple[Throttle, ...]:
    """What the supply makes the chip do, or the firmware does, now."""
    return (*_alarms(tree), *(Throttle(*each) for each in _of_firmware(tree, shift=0)))


def counters(tree: Tree) -> tuple[Counter, ...]:
    """What has happened since the box was switched on."""
    firmware = (Counter(name, int(had)) for name, had in _of_firmware(tree, shift=_SINCE_BOOT))
    return (*_events(tree), *_of_x86(tree), *firmware)


def _alarms(tree: Tree) -> Iterator[Throttle]:
    for folder in _ina3221(tree):
        for name in tree.names(folder, r"curr[123]_crit_alarm"):
            raised = tree.number(f"{folder}/{name}")
            label = tree.text(f"{folder}/in{name[4]}_label") or name
            if raised is not None:
                yield Throttle(f"over-current of {label}", raised > 0)
    for folder in tree.folders(HWMON, r"hwmon\d+"):
        raised = tree.number(f"{folder}/in0_lcrit_alarm")
        if tree.text(f"{folder}/name") == "rpi_volt" and raised is not None:
            yield Throttle("supply of the Raspberry Pi too low", raised > 0)


def _events(tree: Tree) -> Iterator[Counter]:
    for folder in tree.folders(HWMON, r"hwmon\d+"):
        for name in tree.names(folder, r"oc\d+_event_cnt"):
            count = tree.number(f"{folder}/{name}")
            which = name.partition("_")[0]
            if count is not None:
                yield Counter(_OC.get(which, f"{which} events"), count)


def _of_x86(tree: Tree) -> Iterator[Counter]:
    folders = [f"{each}/thermal_throttle" for each in tree.folders(_CPU, r"cpu\d+")]
    for name in ("package", "core"):
        found = [tree.number(f"{folder}/{name}_throttle_count") for folder in folders]
        counts = [count for count in found if count is not None]
        if counts:  # all cores of a package say the same of it
            yield Counter(f"{name} throttled", max(counts))


def _of_firmware(tree: Tree, shift: int) -> Iterator[tuple[str, bool]]:
    bits = _get_throttled(tree)
    if bits is not None:
        for number, name in enumerate(_FIRMWARE):
            yield f"Raspberry Pi: {name}", bool(bits >> (number + shift) & 1)


def _get_throttled(tree: Tree) -> int | None:
    """Hexadecimal, with or without 0x; its folder is another one on each generation."""
    near = [_PLATFORM, *tree.folders(_PLATFORM, r"soc.*")]
    for folder in (each for place in near for each in tree.folders(place, r".*firmware.*")):
        text = tree.text(f"{folder}/get_throttled") or ""
        if _HEX.fullmatch(text):
            return int(text, 16)
    return None
