"""Absolute monotonic ticks: what is simulated keeps its rhythm and never catches up in a burst."""

from __future__ import annotations

import time

_SLEEP_MAX_NS = 3_600_000_000_000  # time.sleep refuses what a far deadline would ask for


def sleep_until(at_ns: int) -> None:
    """Sleep until `at_ns` (CLOCK_MONOTONIC); returns at once when it has passed."""
    # again: a signal may cut a sleep short
    while (left_ns := at_ns - time.monotonic_ns()) > 0:
        time.sleep(min(left_ns, _SLEEP_MAX_NS) * 1e-9)


class Ticks:
    """Tick k is at `epoch_ns + k * period_ns`, whatever happened to the ticks before it."""

    def __init__(self, epoch_ns: int, period_ns: int) -> None:
        self.epoch_ns = epoch_ns
        self.period_ns = period_ns

    def at_ns(self, tick: int) -> int:
        """When a tick is."""
        return self.epoch_ns + tick * self.period_ns

    def latest(self, now_ns: int) -> int:
        """The last tick that is not in the future."""
        return (now_ns - self.epoch_ns) // self.period_ns
