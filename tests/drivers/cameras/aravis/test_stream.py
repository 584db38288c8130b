"""The library's wall-clock stamps in our time."""

from __future__ import annotations

import time

from gonogo.drivers.cameras.aravis.stream import STEP_NS, clocks, monotonic_of, stepped


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


def test_step_of_the_wall_clock_is_told_from_its_pace() -> None:
    """In either direction; brought back slowly for a minute is no step."""
    before = (1_000_000_000, 7)
    for passed_ns, shift_ns, step in (
        (0, STEP_NS, False),
        (0, STEP_NS + 1, True),
        (0, -STEP_NS - 1, True),
        (60_000_000_000, 30_000_000, False),  # 500 in a million, as NTP does
        (60_000_000_000, -63_000_000, True),
    ):
        now = (before[0] + passed_ns + shift_ns, before[1] + passed_ns)
        assert stepped(before, now) is step


def test_clocks_that_nobody_sets_are_in_step() -> None:
    """Those of this box."""
    assert not stepped(clocks(), clocks())
