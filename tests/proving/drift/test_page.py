"""The table of the page of drift."""

from __future__ import annotations

from gonogo.proving.drift.page import table
from gonogo.proving.drift.simulate import Delay, Seed
from gonogo.proving.drift.world import Cause
from gonogo.records.drift.part import Signal


def seed(delay: Delay) -> Seed:
    """A month with one false alarm, and this delay of each cause."""
    return Seed({Signal.NOISE: 1}, 30, 480, {c: delay for c in Cause if c is not Cause.NONE})


def test_table_says_rates_delays_and_what_was_not_found() -> None:
    """Median and longest; a cause that one seed did not find has no longest delay."""
    seen = Delay(3, Signal.REJECTS, 1, {Signal.REJECTS: 3})
    text = table([seed(seen), seed(seen), seed(Delay(None, None, None, {}))])
    assert "3 seeds of 480 h" in text
    assert "| all charts together, each by itself counted | 1.00 |" in text
    assert "| hours that the plain chart calls out | 30.00 |" in text
    assert "noise 3." in text
    row = "| 3 | not found | 2 of 3 | share of rejects 2 | 2 of 3 |"
    assert text.count(row) == len(Cause) - 1
