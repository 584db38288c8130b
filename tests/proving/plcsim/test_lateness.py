"""What the simulator says of its own lateness, with scripted times."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.proving.plcsim.lateness import TOLD_MS, Owed, untold
from gonogo.proving.plcsim.plan import NS_PER_MS


class Said:
    """The diary."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int, dict[str, Any]]] = []

    def __call__(self, event: str, t_ns: int, **keys: Any) -> None:  # noqa: ANN401 - any event's
        """An event."""
        self.events.append((event, t_ns, keys))


@pytest.fixture
def said() -> Said:
    """What was told."""
    return Said()


@pytest.mark.parametrize(("scan_ms", "bound_ms"), [(5.0, 5.0), (50.0, TOLD_MS)])
def test_owed_is_told_from_a_missed_scan_or_the_bound_on(
    said: Said, scan_ms: float, bound_ms: float
) -> None:
    """Not at it, but above it; with both ends of the time."""
    owed, bound_ns = Owed(said, scan_ms), round(bound_ms * NS_PER_MS)
    owed.since(1000, "scan")
    owed.until(1000 + bound_ns)
    assert said.events == []
    owed.since(1000, "scan")
    owed.until(1001 + bound_ns)
    assert said.events == [("behind", 1001 + bound_ns, {"what": "scan", "since_ns": 1000})]


def test_owed_sees_a_clock_that_jumps_between_two_turns(said: Said) -> None:
    """A process that was stopped in its sleep: all that it sees is a scan that begins late."""
    owed, scan_ns = Owed(said, 5.0), 5 * NS_PER_MS
    now_ns = 0
    for turn in range(10):
        due_ns = turn * scan_ns if turn < 6 else now_ns
        now_ns = due_ns + 1000 if turn != 5 else due_ns + 200 * NS_PER_MS
        owed.since(due_ns, "scan")
        owed.until(now_ns)
    assert [(t_ns, keys["since_ns"]) for _, t_ns, keys in said.events] == [
        (5 * scan_ns + 200 * NS_PER_MS, 5 * scan_ns)
    ]


def test_owed_counts_nothing_while_it_is_the_stations_turn(said: Said) -> None:
    """What was done is done: its end cannot be told twice, nor stretched."""
    owed = Owed(said, 5.0)
    owed.since(0, "poll")
    owed.until(1)
    owed.until(10**12)
    assert said.events == []


def test_owed_passes_over_a_time_that_ends_before_it_begins(said: Said) -> None:
    """A stamp that a wall clock has spoiled."""
    Owed(said, 5.0).span("reply", 10**12, 0)
    assert said.events == []


def test_untold_says_nothing() -> None:
    """For a connection that nobody judges by."""
    owed = untold()
    owed.since(0, "poll")
    owed.until(10**12)
