"""A few of many: as many as were asked for, from end to end, none twice."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.evenly import evenly


@given(st.integers(0, 500), st.integers(1, 120))
def test_as_many_as_asked_and_no_gap_twice_as_long_as_another(count: int, most: int) -> None:
    """One more than is looked at leaves out one, not half of them."""
    some = list(evenly(range(count), most))
    assert len(some) == min(count, most)
    gaps = {after - before for before, after in pairwise(some)}
    assert all(gap > 0 for gap in gaps)
    assert max(gaps, default=1) - min(gaps, default=1) <= 1
    if len(some) > 1:
        assert (some[0], some[-1]) == (0, count - 1)


def test_one_of_many_is_the_first() -> None:
    """And none of nothing."""
    assert list(evenly("abc", 1)) == ["a"]
    assert list(evenly("", 1)) == []
