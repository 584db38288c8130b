"""The heartbeat: cycles from completed work, life from a line that could do it."""

from __future__ import annotations

import time

import pytest

from gonogo.runtime.errors import SegmentError
from gonogo.watchdog.heartbeat import Heartbeat


def test_heartbeat_is_dead_until_the_first_sign_of_life(station: str) -> None:
    """A new segment has no cycles and no life."""
    heart = Heartbeat.create(station)
    assert (heart.cycles, heart.alive_ns) == (0, 0)


def test_heartbeat_beats_are_seen_by_who_watches(station: str) -> None:
    """Each completed cycle counts one, with its part and its time."""
    line = Heartbeat.create(station)
    watcher = Heartbeat.attach(station)
    before_ns = time.monotonic_ns()
    for serial in (7, 8, 9):
        line.beat(serial)
    assert watcher.cycles == 3
    assert watcher._words[2] == 9
    assert before_ns <= watcher._words[1] <= time.monotonic_ns()


def test_heartbeat_idle_is_life_but_no_cycle(station: str) -> None:
    """A line that waits for parts lives; it has not inspected anything."""
    line = Heartbeat.create(station)
    watcher = Heartbeat.attach(station)
    line.idle(123)
    assert (watcher.cycles, watcher.alive_ns) == (0, 123)


def test_heartbeat_that_nobody_made_is_refused(station: str) -> None:
    """There is nothing to watch before the supervisor made it."""
    with pytest.raises(SegmentError, match="heartbeat"):
        Heartbeat.attach(station)


def test_heartbeat_closed_gives_its_memory_back(station: str) -> None:
    """The mapping is gone after close."""
    heart = Heartbeat.create(station)
    heart.close()
    assert heart.segment.map.closed
