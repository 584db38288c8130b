"""Test mode in words: for how long it goes on, and what is forced."""

from __future__ import annotations

import time
from typing import Any

from gonogo.base.errors import SegmentError
from gonogo.ipc.output_test import looked

_NS_PER_S = 1e9


def tried_lines(station: str) -> list[str]:
    """No line while nobody tries the outputs."""
    found = tried_value(station)
    if found is None:
        return []
    forced = found["forced"]
    said = (
        "nothing is forced"
        if forced is None
        else f"{forced['output']} is forced {_level(on=forced['on'])} for {forced['left_s']:.0f} s"
    )
    return [
        f"TEST MODE for {found['left_s']:.0f} s more: permit off, no part is accepted; {said}",
    ]


def tried_value(station: str) -> dict[str, Any] | None:
    """The same for programs; times in s. A station without the memory for it tries nothing."""
    now_ns = time.monotonic_ns()
    try:
        left_ns, forced = looked(station, now_ns)
    except SegmentError:
        return None
    if not left_ns:
        return None
    return {
        "left_s": left_ns / _NS_PER_S,
        "forced": None
        if forced is None
        else {
            "output": forced.output.name.lower(),
            "on": forced.on,
            "left_s": (forced.until_ns - now_ns) / _NS_PER_S,
        },
    }


def _level(*, on: bool) -> str:
    return "on" if on else "off"
