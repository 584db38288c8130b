"""What work that is done once a part leaves behind in memory: measured, in bytes."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_UPS = 20  # caches of the interpreter and of a library fill in the first few
RUNS, WINDOWS = 100, 5
KEPT_BYTES = 2048  # what the interpreter may keep of a hundred runs


class Growth(NamedTuple):
    """What a hundred runs left behind, and the most that they held at once; bytes."""

    kept_bytes: int
    peak_bytes: int


def growth_of(work: Callable[[], object]) -> Growth:
    """What `work` allocates in steady state, as Python and numpy see it.

    Pools and caches grow now and then, work that keeps something grows each time: of several
    hundreds the one counts that left the least behind, and the first is enough that left little.
    """
    for _ in range(WARM_UPS):
        work()
    tracemalloc.start()
    try:
        work()  # what tracing itself brings along
        found = [_window(work)]
        while min(found).kept_bytes >= KEPT_BYTES and len(found) < WINDOWS:
            found.append(_window(work))
        return min(found)
    finally:
        tracemalloc.stop()


def _window(work: Callable[[], object]) -> Growth:
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in range(RUNS):
        work()
    after, peak = tracemalloc.get_traced_memory()
    return Growth(after - before, peak - before)


def assert_keeps_nothing(work: Callable[[], object]) -> None:
    """A hundred runs leave no memory behind."""
    assert growth_of(work).kept_bytes < KEPT_BYTES
