"""What crosses between the loop and the link thread: bounded, in order, and it wakes."""

from __future__ import annotations

import os
import select
import threading

import pytest

from gonogo.base.words import Mode, Part, Reason, Verdict, VerdictKind
from gonogo.plc.handshake.state import Condition, Delivery, first_state
from gonogo.plc.link.handover import DELIVERIES, VERDICTS, Handover

STATE = first_state(500)
ACCEPT = VerdictKind.ACCEPT
VERDICT = Verdict(ACCEPT, Reason.OK, 10, Mode.FULL, ACCEPT, ACCEPT)


@pytest.fixture
def handover() -> Handover:
    """One between two threads that have not begun."""
    return Handover(STATE)


def part(serial: int) -> Part:
    """A part of that serial; its times do not matter here."""
    return Part(serial, serial, 0, 0, 0, 0)


def delivery(serial: int) -> Delivery:
    """What became of it."""
    return Delivery(serial, serial, serial, 1, 2, delivered=True, kind=ACCEPT, reason=Reason.OK)


def woken(handover: Handover) -> bool:
    """Whether a wait would end at once."""
    return bool(select.select([handover.wake_fd], [], [], 0)[0])


def taken(handover: Handover) -> list[int]:
    """The serials of all verdicts that wait."""
    serials = []
    while (each := handover.next_verdict()) is not None:
        serials.append(each[0].serial)
    return serials


def test_handover_holds_what_is_promised() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert (VERDICTS, DELIVERIES) == (256, 1024)


def test_nothing_is_known_at_first(handover: Handover) -> None:
    """A line that has not been tested, a link that nobody has stopped or broken off."""
    assert handover.condition == Condition()
    assert (handover.stopping, handover.broken, handover.waiting) == (False, False, False)
    assert handover.state is STATE
    assert (handover.next_verdict(), handover.next_seen(), handover.deliveries()) == (
        None,
        None,
        [],
    )
    assert not woken(handover)


def test_report_wakes_and_waits_in_order(handover: Handover) -> None:
    """A wait that ends by the clock alone would cost a poll."""
    for serial in (1, 2, 3):
        handover.report(part(serial), VERDICT)
    assert woken(handover)
    assert handover.waiting
    assert handover.next_verdict() == (part(1), VERDICT)
    assert taken(handover) == [2, 3]
    assert not handover.waiting


def test_one_reading_takes_all_that_has_woken(handover: Handover) -> None:
    """And reading it where nobody has is no error."""
    handover.wake()
    handover.report(part(1), VERDICT)
    handover.hush()
    assert not woken(handover)
    handover.hush()
    handover.wake()
    assert woken(handover), "whoever comes later wakes again"


def test_wait_ends_when_somebody_wakes(handover: Handover) -> None:
    """Long before its time."""
    handover.wake()
    handover.wait(3600)
    assert woken(handover), "to wait is not to read"


def test_wait_lasts_until_somebody_wakes(handover: Handover) -> None:
    """No turning on the spot, where there is no transport to wait for."""
    began, ended = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        handover.wait(3600)
        ended.set()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    assert began.wait(20)
    assert not ended.wait(0.05)
    handover.wake()
    assert ended.wait(20)


def test_verdicts_are_bounded_and_keep_the_youngest(handover: Handover) -> None:
    """A link that hangs costs no memory for ever."""
    for serial in range(300):
        handover.report(part(serial), VERDICT)
    assert taken(handover) == list(range(44, 300))


def test_deliveries_are_bounded_and_keep_the_youngest(handover: Handover) -> None:
    """A loop that never asks loses the oldest."""
    handover.deliver([delivery(serial) for serial in range(1100)])
    assert [each.serial for each in handover.deliveries()] == list(range(76, 1100))
    assert handover.deliveries() == []


def test_seen_is_the_last_one_and_told_once(handover: Handover) -> None:
    """The PLC has one word for it; it wakes nobody."""
    handover.show_seen(7)
    handover.show_seen(8)
    assert not woken(handover)
    assert (handover.next_seen(), handover.next_seen()) == (8, None)


def test_wake_descriptor_never_blocks_and_is_not_inherited(handover: Handover) -> None:
    """Both threads use it; engines and other children must not hold it."""
    assert not os.get_blocking(handover.wake_fd)
    assert not os.get_inheritable(handover.wake_fd)


def test_closed_handover_wakes_nobody(handover: Handover) -> None:
    """Whatever the loop still says at the end; the descriptor may be somebody else's by then."""
    fd = handover.wake_fd
    handover.close()
    handover.report(part(1), VERDICT)
    handover.wake()
    assert handover.wake_fd == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_handover_works_with_descriptor_0() -> None:
    """The first that is free where standard input is closed, as in each process of a station."""
    kept = os.dup(0)
    os.close(0)
    try:
        handover = Handover(STATE)
        assert handover.wake_fd == 0
        handover.wake()
        assert select.select([0], [], [], 0)[0]
        handover.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(0)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
