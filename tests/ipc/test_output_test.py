"""Outputs that are tried by hand: a few words that end by the clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import SegmentError
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.output_test import (
    FORCED_MOST_S,
    TRIED_S,
    Output,
    OutputTestDesk,
    OutputTestView,
    looked,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

S = 10**9


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """The memory that they lie in."""
    made = FaultBoard.create(station)
    yield made
    made.close()


def test_outputs_are_tried_until_their_time_is_over(station: str, board: FaultBoard) -> None:
    """Not at first; for TRIED_S from the last word on; not any more once it is ended."""
    desk, view = OutputTestDesk(board.segment), OutputTestView(board.segment)
    now_ns = time.monotonic_ns()
    assert (view.tried_ns(now_ns), view.forced(now_ns)) == (0, None)
    desk.begin()
    now_ns = time.monotonic_ns()
    assert 0 < view.tried_ns(now_ns) <= TRIED_S * S
    assert view.tried_ns(now_ns + round(TRIED_S * S)) == 0
    assert looked(station, now_ns)[0] > 0
    desk.end()
    assert looked(station, now_ns) == (0, None)


def test_one_output_is_forced_for_so_long(board: FaultBoard) -> None:
    """Another one takes its place; faults of the table beside it are none of it."""
    desk = OutputTestDesk(board.segment)
    desk.force(Output.EJECT, on=True, for_s=10.0)
    desk.force(Output.FAULT, on=False, for_s=5.0)
    now_ns = time.monotonic_ns()
    found = desk.forced(now_ns)
    assert found is not None
    assert (found.output, found.on) == (Output.FAULT, False)
    assert 0 < found.until_ns - now_ns <= 5 * S
    assert desk.forced(now_ns + 5 * S) is None
    assert desk.tried_ns(now_ns + 5 * S) > 0
    assert not board.active("disk-full")


def test_nothing_is_forced_for_longer_than_it_may_be(board: FaultBoard) -> None:
    """Whatever stands in memory: a time that nobody gives is none."""
    desk = OutputTestDesk(board.segment)
    desk.force(Output.EJECT, on=True, for_s=FORCED_MOST_S + 5)
    now_ns = time.monotonic_ns()
    assert desk.forced(now_ns) is None
    desk.words[0] = now_ns + round(2 * TRIED_S * S)
    assert desk.tried_ns(now_ns) == 0


def test_without_a_station_nobody_looks(station: str) -> None:
    """A numbered error."""
    with pytest.raises(SegmentError):
        looked(station, 0)


def test_no_output_says_that_a_part_may_pass() -> None:
    """The list is closed, and whoever lengthens it reads this."""
    assert {each.name for each in Output} == {"EJECT", "DEGRADED", "WARNING", "FAULT"}
