"""What the seeds show together."""

from __future__ import annotations

import math

import pytest

from gonogo.proving.drift.campaign import (
    FIRST,
    MONTH_H,
    by_signal,
    false_alarms,
    poisson_upper,
    rate,
    simulate_all,
    within,
)
from gonogo.proving.drift.simulate import Delay, Order, Seed, simulate
from gonogo.records.drift.part import Signal


def seed(*alarms: int) -> Seed:
    """A month with so many false alarms of two charts."""
    return Seed(dict(zip((Signal.REJECTS, Signal.NOISE), alarms, strict=True)), 9, MONTH_H, {})


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_poisson_upper_leaves_five_percent_below(count: int) -> None:
    """By summing up; of none it is -ln 0.05."""
    mean = poisson_upper(count)
    below = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))
    assert below == pytest.approx(0.05, abs=1e-6)
    if not count:
        assert mean == pytest.approx(-math.log(0.05))


def test_false_alarms_count_every_chart() -> None:
    """Ten months of one each of two charts: two a month."""
    seeds = [seed(1, 1)] * 10
    assert false_alarms(seeds).mean == 2
    assert false_alarms(seeds).upper == pytest.approx(poisson_upper(20) / 10)
    assert by_signal(seeds) == {Signal.REJECTS: 10, Signal.NOISE: 10}


def test_rate_of_seeds_that_differ_has_a_wider_bound() -> None:
    """Ten alarms in one month of ten are no ten of a Poisson process."""
    seeds = [seed(0, 0)] * 10
    assert rate([10] + [0] * 9, seeds).upper > rate([1] * 10, seeds).upper


def test_within_counts_what_was_found_by_then() -> None:
    """What was never found is not."""
    found = [Delay(hours, None, None, {}) for hours in (1, 6, 7, None)]
    assert within(found, 6) == 2


def test_simulate_all_gives_each_seed_what_it_gives_alone() -> None:
    """In processes of their own, in their order."""
    order = Order(days=0, parts=2, reference_h=30, wait_h=1)
    assert simulate_all(2, order) == [simulate(FIRST, order), simulate(FIRST + 1, order)]
