"""How much a count says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.interval import at_most, interval

counts = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("events", "of", "low", "high"),
    [(0, 30, 0, 0.1157), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (3, 20, 0.0321, 0.3789)],
)
def test_interval_has_the_values_of_the_tables(
    events: int, of: int, low: float, high: float
) -> None:
    """Clopper and Pearson's limits at 95 %, as the textbooks print them."""
    assert interval(events, of) == pytest.approx((low, high), abs=6e-5)


@given(counts)
def test_interval_holds_what_was_seen_and_mirrors(count: tuple[int, int]) -> None:
    """And events that happened say the same as those that did not."""
    events, of = count
    low, high = interval(events, of)
    assert 0 <= low <= events / of <= high <= 1
    assert interval(of - events, of) == pytest.approx((1 - high, 1 - low))


@given(counts)
def test_interval_leaves_a_fortieth_on_either_side(count: tuple[int, int]) -> None:
    """At its ends, what was seen is just so rare; of no use against itself but by the tail."""
    events, of = count
    low, high = interval(events, of)
    if events > 0:
        assert 1 - at_most(events - 1, of, low) == pytest.approx(0.025)
    if events < of:
        assert at_most(events, of, high) == pytest.approx(0.025)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 2000 samples of 40 parts, at least 95 % (and some, for it is never too narrow)."""
    seen = np.random.default_rng(7).binomial(40, 0.12, 2000)
    holds = {int(k): interval(int(k), 40) for k in np.unique(seen)}
    covered = np.mean([holds[int(k)][0] <= 0.12 <= holds[int(k)][1] for k in seen])
    assert 0.95 <= covered <= 0.99


def test_interval_of_no_trials_says_nothing() -> None:
    """Anything is possible."""
    assert interval(0, 0) == (0, 1)


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_interval_is_that_of_scipy(level: float) -> None:
    """Its exact one, of all counts of some sizes."""
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    for of in (1, 7, 20, 60, 311):
        for events in {0, 1, of // 3, of - 1, of}:
            exact = stats.binomtest(events, of).proportion_ci(level, method="exact")
            assert interval(events, of, level) == pytest.approx(tuple(exact), abs=1e-9)
