"""Scores in bins, on an axis that shows them all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.bins import count
from gonogo.build.thresholds import propose

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
BAD = np.exp(rng.normal(1.2, 0.4, 15)).tolist()

numbers = st.floats(-1e6, 1e6).map(lambda score: round(score, 3))
some_good = st.lists(numbers, min_size=5, max_size=30)
some_bad = st.lists(numbers, max_size=15)


@given(good=some_good, bad=some_bad, bins=st.integers(4, 80))
def test_count_shows_every_part_on_its_side_of_the_limits(
    good: list[float], bad: list[float], bins: int
) -> None:
    """No bin is partly accepted: the bars tell what the limits do with these very parts."""
    found = propose(good, bad)
    counts = count(good, bad, found, bins)
    for scores, parts in ((good, counts.good), (bad, counts.bad)):
        accepted = sum(score <= found.recheck_above for score in scores)
        passed = sum(score <= found.reject_above for score in scores)
        assert len(parts) == bins
        assert parts.sum() == len(scores)
        assert parts[: counts.recheck_edge].sum() == accepted
        assert parts[: counts.reject_edge].sum() == passed
    assert (np.diff(counts.edges) >= 0).all()


@given(good=some_good, bad=some_bad)
def test_axis_has_round_ticks_inside(good: list[float], bad: list[float]) -> None:
    """Some, not too many, rising, and all of them to be seen."""
    axis = count(good, bad, propose(good, bad)).axis
    ticks = axis.ticks(8)
    assert len(ticks) <= 9
    assert ticks == sorted(set(ticks))
    assert all(-1e-6 <= axis.place(tick) <= 1 + 1e-6 for tick in ticks)


def test_axis_is_logarithmic_when_bad_parts_are_far_off() -> None:
    """Or all good parts would stand in one bin."""
    far = [score * 100 for score in BAD]
    counts = count(GOOD, far, propose(GOOD, far))
    assert counts.axis.log
    assert (counts.good > 0).sum() > 4
    assert {1, 10, 100} <= set(counts.axis.ticks(10))
    assert not count(GOOD, BAD, propose(GOOD, BAD)).axis.log


def test_count_has_the_limits_as_edges_to_the_last_bit() -> None:
    """On a logarithmic axis, too: a part at a limit is on the side that the station puts it."""
    far = [score * 100 for score in BAD]
    found = propose(GOOD, far)
    for shift in np.random.default_rng(4).uniform(0.9, 1.1, 100).tolist():
        moved = found._replace(reject_above=found.reject_above * shift)
        counts = count(GOOD, far, moved)
        assert counts.axis.log
        assert (counts.edges[counts.recheck_edge], counts.edges[counts.reject_edge]) == moved[:2]
