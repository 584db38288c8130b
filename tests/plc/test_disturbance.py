"""What is said of disturbances: at once, once, and how often it was; a bounded number of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.plc.disturbance import (
    ADDRESSES,
    CONNECTING,
    FOREIGN,
    FORGET_S,
    OTHERS,
    QUIET_MAX_S,
    SWEEP_S,
    TURNED_AWAY,
    Disturbances,
)

if TYPE_CHECKING:
    from collections.abc import Callable

A, B = "10.0.0.1", "10.0.0.2"


class Watch:
    """Disturbances under a clock of the test's."""

    def __init__(self, said: Callable[[], list[str]]) -> None:
        self.now_s = 1000.0
        self.table = Disturbances("modbus server", lambda: self.now_s)
        self._said = said
        self._read = 0

    def let(self, seconds: float) -> None:
        """Time passes, with a look as often as a wait begins."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += SWEEP_S / 2
            self.table.sweep()

    def lines(self) -> list[str]:
        """What has been said since the last call."""
        said = self._said()
        new, self._read = said[self._read :], len(said)
        return new


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Watch:
    """A table, and what it says."""
    return Watch(lambda: [record.getMessage() for record in caplog.records])


def test_first_time_is_said_at_once_and_no_other(watch: Watch) -> None:
    """With the address and what it did."""
    for _ in range(1000):
        watch.table.count(TURNED_AWAY, A)
    assert watch.lines() == [f"modbus server: {A} turned away, it is not in [plc] allow"]


def test_end_is_said_with_the_count(watch: Watch) -> None:
    """Once nothing of it has come for a while."""
    for _ in range(50):
        watch.table.count(FOREIGN, A, 6, "P103", B)
        watch.let(SWEEP_S)
    (began,) = watch.lines()
    assert f"{A} writes like the PLC (function 6 at P103), but the PLC is {B}: refused" in began
    watch.let(3)
    (over,) = watch.lines()
    assert over.startswith(f"modbus server: {A} writes like the PLC")
    assert ": over, 50 times in " in over
    watch.let(100)
    assert watch.lines() == []


def test_each_address_and_each_kind_is_told_apart(watch: Watch) -> None:
    """Three disturbances at once."""
    for kind, who in ((TURNED_AWAY, A), (TURNED_AWAY, B), (FOREIGN, A)):
        for _ in range(3):
            watch.table.count(kind, who, 6, "P103", B)
    assert [line.split()[2] for line in watch.lines()] == [A, B, A]


def test_what_comes_back_again_and_again_does_not_fill_the_log(watch: Watch) -> None:
    """Once every five seconds for an hour: a few lines, not fourteen hundred."""
    for _ in range(720):
        watch.table.count(TURNED_AWAY, A)
        watch.let(5)
    assert len(watch.lines()) < 12
    watch.let(QUIET_MAX_S + FORGET_S)
    watch.lines()
    watch.table.count(TURNED_AWAY, A)
    watch.let(3)  # long forgotten: over as soon as the first time
    assert len(watch.lines()) == 2


@pytest.mark.parametrize(("pause_s", "lines"), [(0.1, 1), (0.3, 0)])
def test_some_things_disturb_only_when_they_are_many(
    watch: Watch, pause_s: float, lines: int
) -> None:
    """Ten connections a second are said, three a second are not."""
    for _ in range(30):
        watch.table.count(CONNECTING, A)
        watch.now_s += pause_s
    assert len(watch.lines()) == lines


def test_what_was_too_little_to_be_said_leaves_nothing_behind(watch: Watch) -> None:
    """A PLC that connects is no entry for ever, and no line at its end."""
    watch.table.count(CONNECTING, A)
    watch.let(3)
    assert watch.lines() == []
    for _ in range(4):
        watch.table.count(CONNECTING, A)
    assert watch.lines() == []


def test_more_addresses_than_the_table_holds_share_one_line(watch: Watch) -> None:
    """A whole network that knocks is bounded in memory and in lines."""
    for n in range(5000):
        watch.table.count(TURNED_AWAY, f"10.0.{n // 256}.{n % 256}")
    said = watch.lines()
    assert len(said) == ADDRESSES + 1
    assert OTHERS in said[-1]
    watch.let(3)
    over = watch.lines()
    assert len(over) == ADDRESSES + 1
    assert f": over, {5000 - ADDRESSES} times" in over[-1]


def test_new_addresses_all_the_time_are_bounded_lines_and_others_still_get_theirs(
    watch: Watch,
) -> None:
    """Ten new ones a second for ten minutes; then quiet, and one more that is named."""
    began_s = watch.now_s
    for n in range(6000):
        watch.table.count(TURNED_AWAY, f"10.{n % 200}.{n // 200}.1")
        watch.let(0.1)
    assert len(watch.lines()) <= 2 * (ADDRESSES + (watch.now_s - began_s) / 2)
    assert len(watch.table._entries) <= ADDRESSES + 1
    watch.let(5)
    watch.lines()
    watch.table.count(FOREIGN, A, 6, "P103", B)
    assert [line.split()[2] for line in watch.lines()] == [A]
