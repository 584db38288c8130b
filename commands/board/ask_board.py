"""A child's work: read temperatures, clocks and throttling, as a sensor's driver may hang.

python -I ask_board.py [ROOT]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.commands.board.ask_import import ANSWER
from gonogo.drivers.board.board import read_board

if TYPE_CHECKING:
    from gonogo.drivers.board.reading import Clock


def answer_of(root: Path) -> dict[str, Any]:
    """`clocks`, `hottest` (None: no sensor is readable), `throttled`, `counters` that are not 0."""
    found = read_board(root)
    hottest = found.hottest
    return {
        "clocks": [_clock(each) for each in found.clocks if each.kind != "other"],
        "hottest": hottest and {"zone": hottest.name, "temperature_c": hottest.temperature_c},
        "throttled": list(found.throttled),
        "counters": {each.name: each.events for each in found.counters if each.events},
    }


def _clock(clock: Clock) -> dict[str, Any]:
    """`held`: at its highest, whatever is asked of it; nothing then has to wait for it to rise."""
    held = clock.governor == "performance" or clock.low_hz == clock.high_hz is not None
    return {
        "name": clock.name,
        "now_hz": clock.now_hz,
        "most_hz": clock.most_hz,
        "governor": clock.governor,
        "held": held,
    }


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "/")
    sys.stdout.write("\n" + ANSWER + json.dumps(answer_of(where)) + "\n")
    sys.stdout.flush()
    os._exit(0)
