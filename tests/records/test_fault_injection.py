"""Faults that the records show when they are asked for, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsError
from gonogo.ipc.fault_table import FaultBoard
from gonogo.records.fault_injection import flood_if_asked, refuse_if_asked

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """A board on which nothing is to be shown."""
    made = FaultBoard.create(station)
    yield made
    made.close()


def test_without_a_board_or_an_order_nothing_happens(
    board: FaultBoard, caplog: pytest.LogCaptureFixture
) -> None:
    """As at every station but one in a trial."""
    caplog.set_level("INFO")
    for each in (None, board):
        refuse_if_asked(each)
        flood_if_asked(each)
    assert caplog.messages == []
    assert board.counts("disk-full") == (0, 0)


def test_full_disk_is_refused_as_a_real_one_is(board: FaultBoard) -> None:
    """And says that somebody asked for it; it counts as shown."""
    board.set("disk-full", 60.0, 0.0)
    with pytest.raises(RecordsError, match=r"no space left on device \(a fault that was asked"):
        refuse_if_asked(board)
    assert board.counts("disk-full") == (1, 1)


def test_flood_writes_as_many_lines_as_were_asked_for(
    board: FaultBoard, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of them another one."""
    caplog.set_level("INFO")
    board.set("log-flood", 60.0, 3.0)
    flood_if_asked(board)
    assert caplog.messages == [f"a flood that was asked for, line {k}" for k in range(3)]
