"""A process that keeps growing is exchanged, in order, and without a mark against it."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Any

from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.growth import EVERY_NS, SETTLE_NS, Growth, own_bytes
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    import pytest

MB = 1_000_000
PAGES = 50 * MB // mmap.PAGESIZE  # that fit into the limit of these tests


class Grower:
    """Stands in for /proc: what a process holds is what the test says."""

    def __init__(self) -> None:
        self.pages = 25_000
        self.looks = self.opened = 0

    def open(self, _pid: int) -> Grower:
        """As open_statm."""
        self.opened += 1
        return self

    @property
    def means(self) -> dict[str, Any]:
        """For a supervisor that looks all the time."""
        return {"open_statm": self.open, "settle_ns": 0, "every_ns": 0}

    def read(self) -> str:
        """As /proc/PID/statm, in pages: all, resident, shared."""
        self.looks += 1
        return f"0 {self.pages + 7} 7 0 0 0 0"

    def close(self) -> None:
        """As of a file."""
        self.opened -= 1


def test_growth_counts_from_what_a_settled_process_holds() -> None:
    """Start-up does not count; one page above the limit does; another process starts anew."""
    proc = Grower()
    growth = Growth(50, proc.open)
    growth.begin(1, 0)
    assert not growth.over(SETTLE_NS - 1)
    assert proc.looks == 0
    assert not growth.over(SETTLE_NS)
    proc.pages += PAGES
    assert not growth.over(SETTLE_NS + EVERY_NS)
    proc.pages += 1
    assert not growth.over(SETTLE_NS + EVERY_NS + 1), "looked at more than once a second"
    assert growth.over(SETTLE_NS + 2 * EVERY_NS)
    growth.begin(1, 0)
    assert not growth.over(SETTLE_NS)
    assert proc.opened == 1
    growth.end()
    growth.end()
    assert proc.opened == 0
    assert not growth.over(10 * SETTLE_NS)


def test_growth_without_a_limit_never_looks() -> None:
    """0 lets it grow."""
    proc = Grower()
    growth = Growth(0, proc.open)
    growth.begin(1, 0)
    assert not growth.over(10 * SETTLE_NS)
    assert proc.looks == 0


def test_own_bytes_are_of_this_process_and_of_none_that_is_not_there() -> None:
    """What is allocated and written shows; a process that has gone holds nothing."""
    before = own_bytes(os.getpid())
    # from the kernel, and not from what the allocator has left over
    with mmap.mmap(-1, 40 * MB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as kept:
        kept.write(b"\1" * (40 * MB))
        assert own_bytes(os.getpid()) - before > 30 * MB
    assert own_bytes(2**22 + 1) == 0


def test_supervisor_exchanges_what_grows_in_order_and_holds_nothing_against_it(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Three exchanges of a row that is latched after two ends: it is never latched."""
    proc = Grower()
    plan = row("engine", "obey", station, strikes=2).model_copy(update={"growth_mb": 10.0})
    with supervised(station, plan, means=proc.means) as table:
        for starts in (1, 2, 3):
            turn_until(table, lambda: table.rows[0].standing.up)
            assert table.beats.rows[1].starts == starts
            table.supervise()  # what it holds now is what counts
            proc.pages += 20 * MB // mmap.PAGESIZE
            turn_until(table, lambda: table.rows[0].places[0].state != RowState.UP)
        turn_until(table, lambda: table.rows[0].standing.up)
    assert "engine has grown by 20 MB: exchanged in order" in caplog.messages
    assert not any("ended" in line for line in caplog.messages)


def test_supervisor_kills_what_will_not_be_exchanged(station: str) -> None:
    """It was asked in order, and went on all the same."""
    proc = Grower()
    plan = row("engine", "ignore", station).model_copy(update={"growth_mb": 10.0})
    with supervised(station, plan, means={**proc.means, "stop_wait_s": 0.2}) as table:
        turn_until(table, lambda: table.rows[0].standing.up)
        table.supervise()
        proc.pages += 20 * MB // mmap.PAGESIZE
        turn_until(table, lambda: table.beats.rows[1].starts == 2)
