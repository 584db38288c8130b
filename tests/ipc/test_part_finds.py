"""What a camera's process has found, and what the line has taken of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.errors import SegmentError
from gonogo.ipc.part_finds import KEPT, Find, FindsLog, FindsTaken

if TYPE_CHECKING:
    from collections.abc import Iterator


class Both(NamedTuple):
    """The camera process's side and the line's."""

    log: FindsLog
    line: FindsTaken


@pytest.fixture
def both(station: str) -> Iterator[Both]:
    """Nothing found yet."""
    log = FindsLog.create(station)
    line = FindsTaken.attach(station)
    yield Both(log, line)
    line.close()
    log.close()


def test_finds_are_read_as_they_were_written(both: Both) -> None:
    """Number, time and doubt of each, also of those that wait."""
    assert both.line.number == 0
    numbers = [
        both.log.add(at_ns, unsure=unsure) for at_ns, unsure in ((5, False), (1 << 61, True))
    ]
    assert numbers == [1, 2]
    assert both.line.number == 2
    assert [both.line.find(k) for k in numbers] == [
        Find(1, 5, unsure=False),
        Find(2, 1 << 61, unsure=True),
    ]


def test_finds_that_wait_are_kept_up_to_a_number(both: Both) -> None:
    """Beyond it the oldest is written over."""
    for at_ns in range(1, KEPT + 2):
        both.log.add(at_ns, unsure=False)
    assert [both.line.find(k).at_ns for k in range(2, KEPT + 2)] == [*range(2, KEPT + 2)]
    assert both.line.find(1).at_ns == KEPT + 1


def test_what_the_line_has_taken_is_known_to_the_process(both: Both) -> None:
    """Which find, under which id; and when frames were looked at is known to the line."""
    assert (both.log.taken, both.log.part_id) == (0, 0)
    both.line.take(7, 65535)
    assert (both.log.taken, both.log.part_id) == (7, 65535)
    both.log.looked_ns, both.log.doubts = 1234, 3
    assert (both.line.looked_ns, both.line.doubts) == (1234, 3)


def test_finds_of_a_station_that_is_not_there_are_refused() -> None:
    """By name."""
    with pytest.raises(SegmentError, match="finds"):
        FindsTaken.attach("t-nobody")
