"""When a module is asked about its output: often, at once after a write, never before an edge."""

from __future__ import annotations

import time

from gonogo.base.words import NS_PER_MS
from gonogo.tests.plc.modbus_wire import UNHURRIED_MS, Wire, section, sensing, values

REPLY_S = 0.03
FAR_NS = 3_600_000 * NS_PER_MS
FEEDBACK = {"address": 8}


def later(ms: float) -> int:
    """An edge in so many ms."""
    return time.monotonic_ns() + round(ms * NS_PER_MS)


def test_state_of_the_module_is_asked_rarely() -> None:
    """It is no part of a cycle."""
    wire = Wire((3, 77))
    made = sensing(section(watchdog={"state": 77, "tripped": 1}), wire, UNHURRIED_MS)
    found = [made.sense(0, told=False).tripped for _ in range(5)]
    assert found == [True] + [None] * 4


def test_nothing_is_asked_when_an_edge_is_near() -> None:
    """Nearer than a reply takes: the edge comes first; afterwards the read-back does."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(readback_ms=5000), wire)
    made.sense(0, told=False)
    assert made.reply_ns >= REPLY_S * 1e9
    assert values(made.sense(later(REPLY_S * 500), told=False)) == (None,) * 4
    assert made.sense(later(FAR_NS / NS_PER_MS), told=False).output is False
    assert len(wire.asked) == 2


def test_output_is_asked_before_an_edge_if_nothing_was_read_for_too_long() -> None:
    """A line so dense that there is always an edge near: now and then one waits for a reply."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(readback_ms=50), wire)
    end_s = time.monotonic() + 1.0
    sensed = 0
    while time.monotonic() < end_s:
        made.sense(later(1), told=False)
        sensed += 1
        time.sleep(0.001)
    assert 2 <= len(wire.asked) < sensed / 4


def test_slow_module_is_asked_one_thing_at_a_time_and_its_output_first_after_a_write() -> None:
    """No verdict waits for more than a write and a reply."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(feedback=FEEDBACK), wire)
    for _ in range(3):
        made.sense(0, told=False)
    assert [code for code, _, _ in wire.asked] == [1, 2, 1]
    made.sense(0, told=True)
    assert wire.asked[-1][0] == 1


def test_slow_module_is_not_read_in_the_exchange_that_wrote_it() -> None:
    """Unless its output has to be read before it changes again."""
    wire = Wire(reply_s=REPLY_S)
    made = sensing(section(), wire)
    made.sense(0, told=False)
    assert made.sense(0, told=True, wrote=True).output is None
    assert made.sense(0, told=True).output is False
    assert made.sense(-1, told=False, wrote=True).output is False


def test_fast_module_is_asked_everything_each_time() -> None:
    """All of it fits into a poll."""
    wire = Wire()
    made = sensing(section(feedback=FEEDBACK, poll_ms=100), wire)
    made.sense(0, told=False)
    made.sense(0, told=False)
    assert [code for code, _, _ in wire.asked] == [1, 2, 1, 2]


def test_what_was_told_keeps_its_time_until_it_changes_or_the_connection_does() -> None:
    """From the first look after it on."""
    made = sensing(section(), Wire())
    first, again = made.sense(0, told=True), made.sense(0, told=True)
    other = made.sense(0, told=False)
    assert first.told_ns == again.told_ns < other.told_ns
    made.connected()
    anew = made.sense(0, told=False)
    assert anew.told_ns > other.told_ns
    assert anew.connection == other.connection + 1
