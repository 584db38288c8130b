"""A process that keeps growing is exchanged, in order, and without a mark against it."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

from gonogo.tests.table import row, supervised, turn_until
from gonogo.watchdog.growth import EVERY_NS, SETTLE_NS, Growth, own_bytes
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    import pytest

MB = 1_000_000
PAGES = 50 * MB // mmap.PAGESIZE  # that fit into the limit of these tests


class Grower:
    """Stands in for /proc: what a process holds is what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pages = 25_000
        self.looks = self.opened = 0
        monkeypatch.setattr("gonogo.watchdog.growth.ProcFile", self._open)

    def _open(self, _pid: int, _name: str) -> Grower:
        self.opened += 1
        return self

    def read(self) -> str:
        """As /proc/PID/statm, in pages: all, resident, shared."""
        self.looks += 1
        return f"0 {self.pages + 7} 7 0 0 0 0"

    def close(self) -> None:
        """As of a file."""
        self.opened -= 1


def test_growth_counts_from_what_a_settled_process_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start-up does not count; one page above the limit does; another process starts anew."""
    proc, growth = Grower(monkeypatch), Growth(50)
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


def test_growth_without_a_limit_never_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """0 lets it grow."""
    proc, growth = Grower(monkeypatch), Growth(0)
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
    station: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Three exchanges of a row that is latched after two ends: it is never latched."""
    monkeypatch.setattr("gonogo.watchdog.growth.SETTLE_NS", 0)
    monkeypatch.setattr("gonogo.watchdog.growth.EVERY_NS", 0)
    proc = Grower(monkeypatch)
    plan = row("engine", "obey", station, strikes=2).model_copy(update={"growth_mb": 10.0})
    with supervised(station, plan) as table:
        for starts in (1, 2, 3):
            turn_until(table, lambda: table.rows[0].up)
            assert table.beats.rows[1].starts == starts
            table.turn()  # what it holds now is what counts
            proc.pages += 20 * MB // mmap.PAGESIZE
            turn_until(table, lambda: table.rows[0].places[0].state != RowState.UP)
        turn_until(table, lambda: table.rows[0].up)
    assert "engine has grown by 20 MB: exchanged in order" in caplog.messages
    assert not any("ended" in line for line in caplog.messages)


def test_supervisor_kills_what_will_not_be_exchanged(
    station: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asked in order, and went on all the same."""
    for name, value in (("growth.SETTLE_NS", 0), ("growth.EVERY_NS", 0), ("row.STOP_WAIT_S", 0.2)):
        monkeypatch.setattr(f"gonogo.watchdog.{name}", value)
    proc = Grower(monkeypatch)
    plan = row("engine", "ignore", station).model_copy(update={"growth_mb": 10.0})
    with supervised(station, plan) as table:
        turn_until(table, lambda: table.rows[0].up)
        table.turn()
        proc.pages += 20 * MB // mmap.PAGESIZE
        turn_until(table, lambda: table.beats.rows[1].starts == 2)
