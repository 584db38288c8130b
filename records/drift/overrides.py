"""What people say of the verdicts, shift by shift: overridden too often, or nobody looks.

A p' chart (gonogo.records.drift.laney) for each camera and reason. A shift is what the station
file calls one; it has tens of reviews, and some dozens of shifts a month, so it is charted by
itself: an EWMA would need days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.drift.ewma import LIMIT_SIGMAS
from gonogo.records.drift.laney import Counts, laney
from gonogo.records.drift.part import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIFTS = 20  # with reviews, before anything is judged
FEWEST = 3  # overrides above which a share is looked at: one of two is half, and nothing


class Shift(NamedTuple):
    """Of one shift, camera and reason code: parts that waited for a review, and what was said."""

    wall_s: float
    rejected: int
    reviewed: int
    overridden: int


class Said(NamedTuple):
    """Of one shift: None for OVERRIDES while LEARNING. Limits are shares, 0 .. 1."""

    signal: Signal
    share: float
    low: float
    high: float
    alarmed: bool


def judged(former: Sequence[Shift], shift: Shift) -> tuple[Said, ...]:
    """What a shift shows against the former ones, those of the reference, in their order."""
    if shift.rejected and not shift.reviewed:
        return (Said(Signal.REVIEWS, 0.0, 0.0, 1.0, alarmed=True),)
    known = [Counts(each.overridden, each.reviewed) for each in former if each.reviewed]
    if len(known) < SHIFTS or not shift.reviewed:
        return ()
    share = shift.overridden / shift.reviewed
    low, high = laney(known).limits(shift.reviewed, LIMIT_SIGMAS)
    above = share > high and shift.overridden >= FEWEST
    return (Said(Signal.OVERRIDES, share, low, high, alarmed=above or share < low),)
