"""What a call of ours leaves behind in memory and takes meanwhile."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import NamedTuple

ROUNDS = 5


class Taken(NamedTuple):
    """Bytes of Python's allocators, NumPy's among them, in the quietest of some rounds."""

    left: int
    peak: int


def taken(call: Callable[[], object], times: int = 1) -> Taken:
    """What `times` calls leave and take at most: the least of some rounds.

    What a call needs it needs in every round. What is there in one of them only was the
    interpreter's or NumPy's own (a cache that grows, a free list), or another thread's.
    """
    rounds = []
    gc.collect()
    gc.disable()  # what only a collector would find is left, too
    tracemalloc.start()
    try:
        for _ in range(ROUNDS):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(times):
                call()
            after, peak = tracemalloc.get_traced_memory()
            rounds.append(Taken(after - before, peak - before))
    finally:
        tracemalloc.stop()
        gc.enable()
    return Taken(min(each.left for each in rounds), min(each.peak for each in rounds))


def blocks_left(call: Callable[[], object], times: int) -> int:
    """How many of the interpreter's blocks `times` calls leave, in the quietest of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        before = sys.getallocatedblocks()
        for _ in range(times):
            call()
        rounds.append(sys.getallocatedblocks() - before)
    return min(rounds)
