"""Whether an engine is slower after a rest: then it is worth keeping warm between parts.

It depends on the model, the runtime and the box (caches, clocks, what else runs), so it is
measured when the engine is loaded, as the choice of backend is.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REST_S = 0.05
RESTS = 3  # few: a host that does not serve yet is waited for
WORTH_IT = 1.05  # the first run after a rest over the one right after it


def gains(
    run: Callable[[], object],
    rest: Callable[[float], object] = time.sleep,
    clock_ns: Callable[[], int] = time.perf_counter_ns,
) -> bool:
    """Compare each run after a rest with the one right after it; takes a sixth of a second."""
    slower = []
    for _ in range(RESTS):
        rest(REST_S)
        first_ns = _timed(run, clock_ns)
        # at least 1 ns: a clock of a test, or a coarse one, may stand still
        slower.append(first_ns / max(_timed(run, clock_ns), 1))
    return statistics.median(slower) > WORTH_IT


def _timed(run: Callable[[], object], clock_ns: Callable[[], int]) -> int:
    start_ns = clock_ns()
    run()
    return clock_ns() - start_ns
