"""What a PLC's PART_ID says, also where it is not counted up as it should be."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.words import Reason
from gonogo.plc.handshake.part_ids import IdWatch, missed_between
from gonogo.plc.handshake.state import Connected
from gonogo.plc.register_map import CtrlBit, StatusBit
from gonogo.tests.plc.handshake.test_handshake import BOTH, Bench, running

PARTS = 40


def pulse(bench: Bench, watch: IdWatch, times: int, part_id: int = 1) -> None:
    """A PLC that sets PART_ID for each part and takes it back."""
    for _ in range(times):
        bench.scan(part_id=part_id)
        bench.scan(part_id=0)
        watch.observe(bench.state)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was said of PART_ID."""
    return [line for line in caplog.messages if "PART_ID" in line]


def test_a_pulse_where_an_id_should_be_is_one_part_and_the_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """40 parts, one is judged: 39 are counted, the warning is on, and one line says why."""
    bench, watch = running(), IdWatch()
    watch.observe(bench.state)
    pulse(bench, watch, PARTS)
    assert len(bench.pulses) == 1
    assert bench.state.counters.repeated_part_ids == PARTS - 1
    assert bench.state.counters.missed_triggers == 0
    assert bench.header.status & StatusBit.WARNING
    (line,) = lines(caplog)
    assert "goes to 0 and comes back as 1" in line
    assert "count PART_ID (P103) up by 1" in line


def test_a_pulse_that_stood_there_on_arrival_is_told_as_well() -> None:
    """What stood there is history; what comes after it was meant as a part."""
    bench = Bench()
    bench.feed(Connected(bench.now_ns))
    bench.tick()
    for part_id in (7, 7, 7, 7, 0, 7):
        bench.scan(part_id=part_id)
    assert bench.state.counters.repeated_part_ids == 1
    assert bench.pulses == []


def test_an_id_that_is_shown_for_a_while_only_is_sound() -> None:
    """0 is no part: each new one triggers, and nothing is wrong."""
    bench, watch = running(), IdWatch()
    for part_id in (1, 2, 3):
        pulse(bench, watch, 1, part_id)
    assert [pulse.part_id for pulse in bench.pulses] == [1, 2, 3]
    assert bench.state.counters.repeated_part_ids == 0
    assert not bench.header.status & StatusBit.WARNING


def test_a_pulse_while_triggers_are_off_was_meant_as_no_part() -> None:
    """Somebody sets up: nothing to warn of."""
    bench, watch = running(), IdWatch()
    bench.scan(ctrl=int(BOTH & ~CtrlBit.TRIGGER_ENABLE))
    pulse(bench, watch, 3)
    assert bench.state.counters.repeated_part_ids == 0
    assert not bench.header.status & StatusBit.WARNING


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ((5, 9), "PART_ID has jumped to 9, 3 missed so far"),
        ((500, 501, 1), "PART_ID does not run upwards at 1"),
        ((5, 4), "PART_ID does not run upwards at 4"),
    ],
)
def test_ids_that_are_not_counted_up_have_one_line(
    caplog: pytest.LogCaptureFixture, ids: tuple[int, ...], said: str
) -> None:
    """With what it means for the parts, and what to look at."""
    bench, watch = running(), IdWatch()
    for part_id in ids:
        watch.observe(bench.state)
        bench.scan(part_id=part_id)
    watch.observe(bench.state)
    watch.observe(bench.state)
    (line,) = lines(caplog)
    assert said in line
    assert "P103" in line


def test_ids_that_are_counted_up_have_no_line(caplog: pytest.LogCaptureFixture) -> None:
    """Nor does a count that the PLC resets."""
    bench, watch = running(), IdWatch()
    caplog.set_level(logging.INFO)
    for part_id in (1, 2, 3):
        bench.scan(part_id=part_id)
        watch.observe(bench.state)
    assert lines(caplog) == []
    assert [pulse.reject for pulse in bench.pulses] == [Reason.OK] * 3


@pytest.mark.parametrize(
    ("anchor", "part_id", "missed"),
    [
        (0, 500, 0),
        (1, 2, 0),
        (0xFFFF, 1, 0),
        (0xFFFE, 2, 2),
        (1, 257, 255),
        (1, 258, -1),
        (0xFFFF, 255, 254),
        (0xFFFF, 256, -1),
    ],
)
def test_missed_between_counts_round_the_edge(anchor: int, part_id: int, missed: int) -> None:
    """0 is skipped when the count wraps; 256 ahead is the limit."""
    assert missed_between(anchor, part_id) == missed


@given(st.integers(1, 0xFFFF), st.integers(1, 40))
def test_missed_between_is_what_was_skipped(anchor: int, steps: int) -> None:
    """Walking `steps` ids that are not 0 misses `steps - 1` of them."""
    part_id = anchor
    for _ in range(steps):
        part_id = part_id % 0xFFFF + 1
    assert missed_between(anchor, part_id) == steps - 1
