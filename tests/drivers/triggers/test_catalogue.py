"""What can start a part, by its name in the station file."""

from __future__ import annotations

import contextlib
import time

import pytest

from gonogo.base.errors import UnknownDriver
from gonogo.base.words import TriggerEvent
from gonogo.drivers.triggers.catalogue import TRIGGERS, open_trigger
from gonogo.drivers.triggers.plc_part_id import PlcTrigger, PlcTriggerSection
from gonogo.drivers.triggers.timer import TimerSection, TimerTrigger
from gonogo.drivers.triggers.trigger import TriggerSection


def test_every_trigger_has_a_section_that_the_line_can_ask() -> None:
    """Whether the PLC names the parts, and how fast they can come."""
    for name in TRIGGERS:
        assert issubclass(TRIGGERS.section_of(name), TriggerSection)
    assert PlcTriggerSection(driver="plc").named_by_plc
    timer = TimerSection(driver="timer", period_ms=50.0)
    assert not timer.named_by_plc
    assert (timer.least_pitch_ms(200.0), timer.least_pitch_ms(20.0)) == (50.0, 20.0)


def test_timer_goes_on_after_the_last_part_of_the_line_before() -> None:
    """Its ids do not come twice."""
    section = TimerSection(driver="timer", period_ms=1.0)
    with contextlib.closing(open_trigger(section, 41, lambda _: None)) as trigger:
        assert isinstance(trigger, TimerTrigger)
        pulse = trigger.wait(time.monotonic_ns() + 10_000_000_000)
    assert pulse is not None
    assert pulse.part_id == 42


def test_mailbox_tells_who_opened_it_of_parts_that_it_refuses() -> None:
    """One waits, the next one is too many."""
    refused: list[TriggerEvent] = []
    trigger = open_trigger(PlcTriggerSection(driver="plc"), 41, refused.append)
    assert isinstance(trigger, PlcTrigger)
    first, second = TriggerEvent(1, 10), TriggerEvent(2, 20)
    assert [trigger.offer(first), trigger.offer(second)] == [True, False]
    assert refused == [second]
    trigger.close()


def test_trigger_that_there_is_not_is_answered_with_those_there_are() -> None:
    """By the names that may stand in the file."""
    with pytest.raises(
        UnknownDriver, match="trigger driver 'eye'; known: camera, encoder, gpio, plc, timer"
    ):
        TRIGGERS.section_of("eye")
