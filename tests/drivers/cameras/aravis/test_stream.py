"""The library's wall-clock stamps in our time."""

from __future__ import annotations

import time

from gonogo.drivers.cameras.aravis.stream import monotonic_of


def test_stamp_of_the_wall_clock_is_brought_into_ours() -> None:
    """A frame that is so old is so old."""
    before_ns, real_ns = time.monotonic_ns(), time.time_ns()
    mapped_ns = monotonic_of(real_ns - 5_000_000_000)
    assert before_ns - 5_000_000_000 <= mapped_ns <= time.monotonic_ns() - 5_000_000_000


def test_stamp_of_the_future_is_now_at_most() -> None:
    """A wall clock that was set back meanwhile."""
    before_ns = time.monotonic_ns()
    mapped_ns = monotonic_of(time.time_ns() + 3_600_000_000_000)
    assert before_ns <= mapped_ns <= time.monotonic_ns()
