"""How a station stands whose start waits: as `gonogo status` says it while there is no line yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from gonogo.console.standing import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.waiting import Waiting

_NS_PER_S = 10**9


def lines_of(waits: Waiting) -> Iterator[str]:
    """For people."""
    yield f"station '{waits.station}': {_says(waits)}"
    yield f"  waits for {waits.what}"
    yield f"  since     {_age_s(waits)} s ago, process {waits.pid}; it starts once that is there"
    yield "  mode SAFE, no permit: every part is rejected"


def standing_of(waits: Waiting) -> dict[str, Any]:
    """For programs, in the form of gonogo.console.standing; what there is no line for is null."""
    return {
        "schema": SCHEMA, "station": waits.station, "word": "waiting", "says": _says(waits),
        "link": None, "mode": "SAFE", "cycles": 0, "broken_cycles": 0, "takeovers": 0,
        "part_id": 0, "session": 0, "recipe": None, "faults": [], "processes": None, "alerts": [],
        "engines": [], "swap": None,
        "waits": [{"for": waits.what, "age_s": _age_s(waits), "process": waits.pid}],
    }  # fmt: skip


def _says(waits: Waiting) -> str:
    return f"waiting: {waits.what}"


def _age_s(waits: Waiting) -> int:
    return max(time.monotonic_ns() - waits.since_ns, 0) // _NS_PER_S
