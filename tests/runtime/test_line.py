"""Opening a line: who hears of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import TriggerEvent
from gonogo.runtime.line import open_trigger
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def test_open_trigger_has_the_parts_noted_that_the_link_must_refuse(tmp_path: Path) -> None:
    """One waits beside the one in hand; a further one is refused, and told before the PLC is."""
    noted: list[TriggerEvent] = []
    trigger, mailbox = open_trigger(small_station(tmp_path), 0, noted.append)
    assert mailbox is not None
    assert trigger is mailbox
    assert [mailbox.offer(TriggerEvent(part_id, 10)) for part_id in (1, 2)] == [True, False]
    assert noted == [TriggerEvent(2, 10)]
    trigger.close()


def test_open_trigger_of_a_timer_has_no_mailbox(tmp_path: Path) -> None:
    """The station's own photo-eye: the link refuses nothing."""
    timer = {"driver": "timer", "period_ms": 100.0}
    station = small_station(tmp_path, driver="modbus-server", trigger=timer)
    trigger, mailbox = open_trigger(station, 0, lambda _: None)
    assert mailbox is None
    trigger.close()
