"""The mailbox between the link thread and the loop thread."""

from __future__ import annotations

import threading
import time

from gonogo.base.words import Reason, TriggerEvent
from gonogo.drivers.triggers.plc_part_id import PlcTrigger, PlcTriggerSection
from gonogo.tests.descriptors import nothing_left_open

FAR_NS = 1 << 62
PARTS = 500


def test_wait_prefers_a_waiting_part_to_a_passed_deadline() -> None:
    """A part that is there is handed out even when the time is already over."""
    trigger = PlcTrigger()
    trigger.offer(TriggerEvent(1, 10, Reason.PART_ID))
    assert trigger.wait(0) == TriggerEvent(1, 10, Reason.PART_ID)
    trigger.close()


def test_wait_is_not_fooled_by_an_old_wake_up() -> None:
    """The signal of a part that was taken without sleeping does not end the next wait early."""
    trigger = PlcTrigger()
    trigger.offer(TriggerEvent(1, 10))
    assert trigger.wait(FAR_NS) is not None
    until_ns = time.monotonic_ns() + 2_000_000
    assert trigger.wait(until_ns) is None
    assert time.monotonic_ns() >= until_ns
    trigger.close()


def test_parts_cross_threads_once_and_in_order() -> None:
    """Two threads at full speed lose, double and swap nothing."""
    trigger = PlcTrigger()

    def link() -> None:
        for part_id in range(1, PARTS + 1):
            while not trigger.offer(TriggerEvent(part_id, part_id)):
                time.sleep(0)

    thread = threading.Thread(target=link)
    thread.start()
    taken = [trigger.wait(FAR_NS) for _ in range(PARTS)]
    thread.join()
    assert [pulse.part_id for pulse in taken if pulse] == list(range(1, PARTS + 1))
    assert trigger.wait(0) is None
    trigger.close()


def test_close_releases_the_descriptor_and_refuses_parts() -> None:
    """Nothing leaks, and a late offer is refused, not lost."""
    with nothing_left_open():
        trigger = PlcTrigger()
        trigger.close()
    assert not trigger.offer(TriggerEvent(1, 10))


def test_section_holds_nothing_but_its_driver() -> None:
    """What the PLC trigger needs stands in the section of the link."""
    assert PlcTriggerSection(driver="plc").model_dump() == {"driver": "plc"}
