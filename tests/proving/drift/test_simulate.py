"""One seed of the simulation."""

from __future__ import annotations

from gonogo.proving.drift.simulate import PARTS_AN_HOUR, Line, Order, simulate
from gonogo.proving.drift.world import DAY_H, Cause
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.summary import QUANTILES


def test_line_gives_an_hour_with_the_counts_of_a_whole_one() -> None:
    """However few frames were judged for it."""
    line = Line(1, 6)
    found = line.hour(7, next(line.looks))
    assert (found.number, found.rejects.of) == (7, PARTS_AN_HOUR)
    assert found.trusted.shape == (QUANTILES,)
    # one of the six has a defect
    assert 0.1 < found.rejects.hits / found.rejects.of < 0.25
    assert found.looks.brightness > 20


def test_simulation_finds_a_light_that_fails_and_counts_every_hour() -> None:
    """A day of a few parts: the delay is within the wait, and no cause is left out."""
    found = simulate(1, Order(days=1, parts=4, reference_h=HOURS, wait_h=8))
    assert found.hours == DAY_H
    assert set(found.delays) == set(Cause) - {Cause.NONE}
    dark = found.delays[Cause.LIGHT_10]
    assert dark.hours is not None
    assert dark.signal in dark.each
    assert dark.hours == min(dark.each.values())
