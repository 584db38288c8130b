"""The benchmark of drift: its rows are those of the simulation, held against their bounds."""

from __future__ import annotations

from gonogo.proving.bench.drift import MOST, MOST_UPPER, MOST_US, NAMES, SURE, measure
from gonogo.proving.drift.simulate import Order


def test_drift_bench_holds_a_small_simulation_against_its_bounds() -> None:
    """One seed, without a month: no alarm, and no cause is found without a reference."""
    rows = measure(1, Order(days=1, parts=2, reference_h=20, wait_h=1), parts=200)
    assert tuple(row.name for row in rows) == NAMES
    assert [row.control for row in rows] == [MOST, MOST_UPPER, len(SURE), MOST_US]
    assert (rows[0].value, rows[2].value) == (0, 0)
    assert rows[3].value
    assert not rows[2].met
