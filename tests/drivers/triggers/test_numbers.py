"""Part ids of triggers that count the parts themselves."""

from __future__ import annotations

from gonogo.base.words import NS_PER_MS as MS
from gonogo.base.words import Reason
from gonogo.drivers.triggers.numbers import Numbers


def test_numbers_refuse_a_part_that_comes_too_soon() -> None:
    """Measured from the one before, whether that was refused or not."""
    numbers = Numbers(80 * MS, 40)
    times_ms = (100, 180, 250, 320, 400)
    parts = [numbers.part(at * MS, Reason.OK) for at in times_ms]
    assert [part.part_id for part in parts] == [41, 42, 43, 44, 45]
    assert [part.reject for part in parts] == [
        Reason.OK, Reason.OK, Reason.OVERRATE, Reason.OVERRATE, Reason.OK,
    ]  # fmt: skip
    assert numbers.early == 2


def test_numbers_keep_a_reason_that_says_more() -> None:
    """A part that is unsure is so at any pace."""
    numbers = Numbers(80 * MS, 0)
    numbers.part(100 * MS, Reason.OK)
    assert numbers.part(101 * MS, Reason.TRIGGER).reject is Reason.TRIGGER
