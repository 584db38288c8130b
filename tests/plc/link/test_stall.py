"""A link thread that hangs in a call is told from one that is slow, and from a frozen process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import NS_PER_MS
from gonogo.plc.link.stall import HUNG_NS, Stall

if TYPE_CHECKING:
    import pytest

TURN_NS = 200 * NS_PER_MS  # of an idle loop
START_NS = 10**15  # long after the box was switched on


def turned(stall: Stall, turns: int, since_ns: int, for_ns: int) -> int:
    """The loop turns while the thread stands at `turns`; when that ended."""
    now_ns = since_ns
    while now_ns < since_ns + for_ns:
        now_ns += TURN_NS
        stall.observe(turns, now_ns)
    return now_ns


def test_stall_is_a_thread_that_makes_no_turn(caplog: pytest.LogCaptureFixture) -> None:
    """Said once; it is over when the thread comes back."""
    stall, hung = Stall(), []
    now_ns = turned(stall, 7, START_NS, HUNG_NS - 2 * TURN_NS)
    hung.append(stall.hung)
    now_ns = turned(stall, 7, now_ns, 10 * TURN_NS)
    hung.append(stall.hung)
    stall.observe(8, now_ns + TURN_NS)
    hung.append(stall.hung)
    assert hung == [False, True, False]
    assert [each.getMessage()[:31] for each in caplog.records] == [
        "the link thread has hung for 10"
    ]


def test_stall_is_not_a_thread_that_is_slow() -> None:
    """One turn within the time begins it anew."""
    stall, now_ns = Stall(), START_NS
    for turns in range(5):
        now_ns = turned(stall, turns, now_ns, HUNG_NS - 2 * TURN_NS)
    assert not stall.hung


def test_stall_is_not_a_process_that_was_frozen() -> None:
    """Its loop comes back as late as its thread does."""
    stall = Stall()
    stall.observe(7, START_NS)
    stall.observe(7, START_NS + 3 * HUNG_NS)
    assert not stall.hung
