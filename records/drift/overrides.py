"""What people say of the verdicts, shift by shift: overridden too often, or nobody looks.

A p' chart (gonogo.records.drift.laney) for each camera and reason. A shift is what the station
file calls one; it has tens of reviews, and some dozens of shifts a month, so it is charted by
itself: an EWMA would need days.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import DriftWarning
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


class SaidOf(NamedTuple):
    """The same with what it is of: '' for all views or all reasons; `wall_s`: of the shift."""

    view: str
    reason: str
    wall_s: float
    said: Said

    def warning(self) -> DriftWarning:
        """The same in words, with its number."""
        began = datetime.fromtimestamp(self.wall_s).astimezone().strftime("%Y-%m-%d %H:%M")
        where = f"view '{self.view}'" if self.view else "all views"
        if self.said.signal is Signal.REVIEWS:
            return DriftWarning(
                f"{where}: nobody has reviewed a reject of the shift that began {began}, nor did "
                "by the end of the next one; look at some of them: what nobody looks at may be "
                "good parts"
            )
        return DriftWarning(
            f"{where}, reason {self.reason}: of the reviewed rejects of the shift that began "
            f"{began} people overrode {100 * self.said.share:.0f} %, expected "
            f"{100 * self.said.low:.0f} to {100 * self.said.high:.0f} %; look at these parts "
            "together: the limits no longer fit, or people decide otherwise"
        )


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
