"""What work that is done once a part leaves behind in memory: measured, in bytes."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_UPS = 20  # caches of the interpreter and of a library fill in the first few
RUNS, WINDOWS = 100, 5
KEPT_BYTES = 2048  # what the interpreter may keep of a hundred runs


class Growth(NamedTuple):
    """What so many runs left behind, and the most that they held at once; bytes."""

    kept_bytes: int
    peak_bytes: int


def growth_of(work: Callable[[], object], few_bytes: int = KEPT_BYTES, runs: int = RUNS) -> Growth:
    """What `work` allocates in steady state, as Python and numpy see it, without a collector.

    Pools and caches grow now and then, work that keeps something grows each time: of several
    times so many `runs` those count that left the least behind, and the first are enough that left
    less than `few_bytes`.
    """
    for _ in range(WARM_UPS):
        work()
    collects = gc.isenabled()
    gc.disable()  # the line has none: what only a collector would find is kept
    tracemalloc.start()
    try:
        work()  # what tracing itself brings along
        found = [_window(work, runs)]
        while min(found).kept_bytes >= few_bytes and len(found) < WINDOWS:
            found.append(_window(work, runs))
        return min(found)
    finally:
        tracemalloc.stop()
        if collects:
            gc.enable()


def _window(work: Callable[[], object], runs: int) -> Growth:
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in range(runs):
        work()
    after, peak = tracemalloc.get_traced_memory()
    return Growth(after - before, peak - before)


def assert_keeps_nothing(work: Callable[[], object]) -> None:
    """A hundred runs leave no memory behind."""
    assert growth_of(work).kept_bytes < KEPT_BYTES
