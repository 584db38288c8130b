"""What people say of the verdicts."""

from __future__ import annotations

import pytest

from gonogo.records.drift.overrides import SHIFTS, Shift, judged
from gonogo.records.drift.part import Signal

USUAL = [Shift(1.0 * k, 50, 40, 4 + k % 3) for k in range(40)]


@pytest.mark.parametrize(("overridden", "alarmed"), [(5, False), (9, False), (25, True)])
def test_overrides_alarm_on_a_share_that_is_not_usual(overridden: int, *, alarmed: bool) -> None:
    """One of eight is usual; three of five are not."""
    (found,) = judged(USUAL, Shift(99.0, 50, 40, overridden))
    assert found.signal is Signal.OVERRIDES
    assert found.share == overridden / 40
    assert found.alarmed is alarmed


def test_overrides_do_not_alarm_on_one_of_two() -> None:
    """Half of next to nothing."""
    (found,) = judged([Shift(1.0, 50, 40, 0)] * SHIFTS, Shift(9.0, 50, 2, 1))
    assert not found.alarmed


def test_overrides_wait_for_shifts_with_reviews() -> None:
    """Shifts in which nobody looked do not count."""
    few = [*USUAL[: SHIFTS - 1], *[Shift(1.0, 50, 0, 0)] * 40]
    assert judged(few, Shift(9.0, 50, 40, 40)) == ()
    assert judged([*few, USUAL[0]], Shift(9.0, 50, 40, 40))[0].alarmed


def test_no_reviews_at_all_are_an_alarm() -> None:
    """From the first shift on; not of a shift that had nothing to look at."""
    (found,) = judged([], Shift(9.0, 50, 0, 0))
    assert (found.signal, found.alarmed) == (Signal.REVIEWS, True)
    assert judged(USUAL, Shift(9.0, 0, 0, 0)) == ()
