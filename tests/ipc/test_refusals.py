"""Parts that the link refused: none is without a row because its line ended first."""

from __future__ import annotations

from gonogo.base.words import Reason, TriggerEvent
from gonogo.ipc.journal import Journal
from gonogo.ipc.refusals import SLOTS


def test_refusals_are_open_until_they_are_settled(station: str) -> None:
    """Oldest first, seen by whoever attaches, each under its own reason."""
    link, loop = Journal.create(station, 4), Journal.attach(station)
    pulses = [
        TriggerEvent(9, 1000),
        TriggerEvent(65535, 2000, Reason.PART_ID),
        TriggerEvent(1, 3000),
    ]
    for pulse in pulses:
        link.refusals.add(pulse)
    overrate, part_id, again = loop.refusals.open()
    assert overrate == (9, 1000, Reason.OVERRATE)
    assert part_id == pulses[1]
    assert loop.in_hand
    assert loop.refusals.find(65535) == part_id
    assert loop.refusals.find(7) is None
    loop.refusals.settle(part_id)
    loop.refusals.settle(overrate)
    assert link.refusals.open() == [again]
    loop.refusals.settle(again)
    assert not loop.in_hand


def test_refusals_remember_the_youngest_and_reuse_what_is_settled(station: str) -> None:
    """More than can be on their way at a time."""
    journal = Journal.create(station, 4)
    for k in range(1, 2 * SLOTS):
        journal.refusals.add(TriggerEvent(k, k))
    assert [pulse.part_id for pulse in journal.refusals.open()] == list(range(SLOTS, 2 * SLOTS))
