"""The timer trigger keeps its grid and skips what was missed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.ticks import sleep_until
from gonogo.drivers.triggers.timer import TimerSection, TimerTrigger

if TYPE_CHECKING:
    from gonogo.base.words import TriggerEvent

PERIOD_NS = 2_000_000


def open_timer() -> TimerTrigger:
    """A part every 2 ms."""
    return TimerTrigger(TimerSection(driver="timer", period_ms=2.0))


def next_part(trigger: TimerTrigger) -> TriggerEvent:
    """The next part, which must come."""
    pulse = trigger.wait(1 << 62)
    assert pulse is not None
    return pulse


def test_timer_skips_missed_periods_without_a_burst() -> None:
    """After a stall the grid holds, the gap is exactly what was counted, part ids run on."""
    trigger = open_timer()
    first, missed = next_part(trigger), trigger.missed
    sleep_until(first.at_ns + 6 * PERIOD_NS)
    after = next_part(trigger)
    skipped = trigger.missed - missed
    assert skipped >= 5
    assert after.at_ns - first.at_ns == (skipped + 1) * PERIOD_NS
    assert after.part_id == first.part_id + 1


def test_timer_never_hands_out_a_part_older_than_a_period() -> None:
    """What is handed out late is the latest part, not the oldest."""
    trigger = open_timer()
    for stall in (0, 3, 1, 7):
        sleep_until(time.monotonic_ns() + stall * PERIOD_NS)
        asked_ns = time.monotonic_ns()
        assert next_part(trigger).at_ns > asked_ns - PERIOD_NS


@pytest.mark.parametrize("period_ms", [0.0, 0.5, 4e6, float("nan")])
def test_timer_section_bounds_its_period(period_ms: float) -> None:
    """1 ms to 1 h."""
    with pytest.raises(ValidationError, match="period_ms"):
        TimerSection(driver="timer", period_ms=period_ms)
