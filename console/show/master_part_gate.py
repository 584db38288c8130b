"""How the gate of the master parts stands, in lines for people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.ipc.master_part import Gate, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gonogo.ipc.master_part import MasterPartView, PlaceView

NS_PER_H = 3600 * 10**9
_NOT_YET = (
    "the known {} part is asked for, and not yet awaited: the next part is one like any other"
)
_UNDER_WAY = {
    Phase.NEW: _NOT_YET,
    Phase.KEEPING: _NOT_YET,
    Phase.ARMED: "the next part is taken for the known {} one",
    Phase.IN_HAND: "the known {} part is being judged",
}
_CLOSED = {
    Gate.WRONG: "it got the wrong answer",
    Gate.OVERDUE: "it was not shown in time",
    Gate.UNKNOWN: "the station ended before its answer was kept, or what was kept is damaged",
}


def standing(memory: MasterPartView) -> Iterator[str]:
    """The gate, what was shown and when it is due; nothing of a station that needs none."""
    now_ns = time.monotonic_ns()
    for part, place in memory.places.items():
        name = part.name.lower()
        if place.gate is not Gate.OPEN:
            yield (
                f"NO PART PASSES until a right answer to the known {name} part "
                f"(gonogo master {name}): {_CLOSED[place.gate]}"
            )
        if place.passed_ns or place.due_ns:
            yield f"known {name} part: {_shown(place, now_ns)}"
    request = memory.request
    if request.number and not request.ended:
        yield _UNDER_WAY[request.phase].format(request.part.name.lower())


def _shown(place: PlaceView, now_ns: int) -> str:
    """When it was shown last, and when it is due."""
    passed = "not shown since the start"
    if place.passed_ns:
        passed = f"right {(now_ns - place.passed_ns) / NS_PER_H:.1f} h ago"
    if not place.due_ns:
        return passed
    left_h = (place.due_ns - now_ns) / NS_PER_H
    return f"{passed}, due in {left_h:.1f} h" if left_h > 0 else f"{passed}, due"
