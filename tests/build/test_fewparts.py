"""Limits from few good parts: by hand, by their properties, and by what then happens."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.build.fewparts import after_review, day_zero, spread_of
from gonogo.build.limits import scale_of

# logarithms of these are 0, 0.1 .. 1.0: quartiles 0.25 and 0.75, median 0.5, nine tenths 0.9
ELEVEN = np.exp(np.arange(11) / 10)
IQR_SIGMA = 0.5 / 1.349
HIGH_SIGMA = 0.4 / 1.2816

scores_of = st.lists(st.floats(1e-3, 1e6), min_size=5, max_size=60).map(np.array)


def test_day_zero_by_hand() -> None:
    """Median 0.5, sigma the larger of both: recheck at the highest part, reject beyond it."""
    assert IQR_SIGMA > HIGH_SIGMA
    found = day_zero(ELEVEN)
    assert found.recheck_above == pytest.approx(math.e)  # 0.5 + 2.33 sigma would be beyond
    assert found.reject_above == pytest.approx(math.exp(0.5 + 3.09 * IQR_SIGMA))


def test_day_zero_takes_the_upper_half_where_it_is_wider() -> None:
    """A long upper tail counts, though the quartiles lie close together."""
    logs = np.array([-0.01, -0.01, 0, 0, 0, 0, 0, 0, 0.01, 1.0, 2.0])
    found = day_zero(np.exp(logs), scale_of(np.array([0.5, 2.0])))
    assert found.reject_above == pytest.approx(math.exp(3.09 * 1.0 / 1.2816))


def test_day_zero_is_not_widened_by_one_odd_photograph() -> None:
    """Recheck lies below it then, and reject where the others put it."""
    odd = np.append(np.tile(ELEVEN, 3), 1e6)
    found = day_zero(odd)
    assert found.recheck_above < 1e3
    assert found.reject_above == pytest.approx(day_zero(ELEVEN).reject_above, rel=0.3)


@pytest.mark.parametrize("scores", [np.arange(-5.0, 6.0), np.linspace(0.2, 0.8, 11)])
def test_day_zero_takes_scores_without_a_logarithm(scores: np.ndarray) -> None:
    """Below 0 as they are, inside 0 .. 1 by their logit, and never beyond 1."""
    found = day_zero(scores)
    assert scores.max() == pytest.approx(found.recheck_above)
    assert found.reject_above >= found.recheck_above
    if scores.min() >= 0:
        assert found.reject_above <= 1
    else:
        assert found.reject_above == pytest.approx(3.09 * 5 / 1.349)


@given(scores=scores_of)
def test_day_zero_orders_its_limits(scores: np.ndarray) -> None:
    """Recheck never above reject, nor above the highest good part."""
    found = day_zero(scores)
    assert np.median(scores) * (1 - 1e-9) <= found.recheck_above <= found.reject_above
    assert found.recheck_above <= scores.max()


@given(scores=scores_of, factor=st.floats(1.5, 1e3))
def test_day_zero_follows_the_unit_of_the_scores(scores: np.ndarray, factor: float) -> None:
    """In another unit the limits are the same parts' limits."""
    above_one = scores + 1  # a probability has no other unit
    one, other = day_zero(above_one), day_zero(above_one * factor)
    assert other[:2] == pytest.approx([limit * factor for limit in one[:2]], rel=1e-6)


@given(scores=scores_of, k=st.integers(0, 4), factor=st.floats(1, 10))
def test_day_zero_does_not_fall_as_all_scores_rise(
    scores: np.ndarray, k: int, factor: float
) -> None:
    """A higher highest part moves no limit down."""
    above_one = np.sort(scores + 1)
    higher = above_one.copy()
    higher[-1] *= factor
    before, after = day_zero(above_one), day_zero(higher)
    assert after.recheck_above >= before.recheck_above * (1 - 1e-9)
    assert after.reject_above >= before.reject_above * (1 - 1e-9)
    shifted = day_zero(above_one * (1 + k))
    assert shifted.recheck_above >= before.recheck_above * (1 - 1e-9)


def test_day_zero_promises_what_then_happens() -> None:
    """Over many stations of 30 log-normal parts, about 1 in 31 of the next is rechecked or more."""
    rng, above, rejected = np.random.default_rng(8), [], []
    for _ in range(400):
        found = day_zero(np.exp(rng.normal(2, 0.3, 30)))
        fresh = np.exp(rng.normal(2, 0.3, 500))
        above.append((fresh > found.recheck_above).mean())
        rejected.append((fresh > found.reject_above).mean())
    # at most the highest of 30: it is exceeded by 1 in 31, and recheck lies at or below it
    assert 0.9 / 31 <= np.mean(above) < 2 / 31
    # 1 in 1000 if the spread were known; of 30 parts it is not
    assert 1 / 1000 < np.mean(rejected) < 1 / 100


def test_day_zero_of_many_parts_comes_to_its_quantiles() -> None:
    """Of thousands of normal logarithms 1 in 100 lies above recheck and 1 in 1000 above reject."""
    rng = np.random.default_rng(3)
    found = day_zero(np.exp(rng.normal(1, 0.2, 20_000)))
    fresh = np.exp(rng.normal(1, 0.2, 200_000))
    assert (fresh > found.recheck_above).mean() == pytest.approx(0.01, rel=0.15)
    assert (fresh > found.reject_above).mean() == pytest.approx(0.001, rel=0.3)


def test_day_zero_leaves_room_when_all_scores_are_alike() -> None:
    """In any unit, above 0 or below: the next part differs in some digit."""
    for value in (5.0, -3e-4):
        found = day_zero(np.full(9, value))
        assert found.recheck_above == value
        assert found.reject_above > value + 0.02 * abs(value)
    assert spread_of(np.zeros(9), scale_of(np.array([-1.0, 1.0]))).sigma == 0


def test_after_review_by_hand() -> None:
    """Reject 2 % above the highest good part, recheck half way to the first bad one."""
    # the highest good part below the bad one at 0.97 is the one at 0.9
    found = after_review(ELEVEN, np.exp(np.array([0.1, 0.97, 2.0])))
    assert found.reject_above == pytest.approx(1.02 * math.e)
    assert found.recheck_above == pytest.approx(math.exp((0.9 + 0.97) / 2))


def test_after_review_without_bad_parts_goes_by_the_good_ones() -> None:
    """Recheck at 1 in 100, or at reject where that is lower."""
    wide = after_review(ELEVEN, np.zeros(0))
    assert wide.recheck_above == wide.reject_above == pytest.approx(1.02 * math.e)
    many = np.exp(np.random.default_rng(1).normal(0, 0.2, 5000))
    narrow, spread = after_review(many, np.zeros(0)), spread_of(many, scale_of(many))
    assert narrow.recheck_above == pytest.approx(math.exp(spread.at(2.33)))
    assert narrow.reject_above == pytest.approx(math.exp(spread.at(3.09)))


def test_after_review_ignores_bad_parts_that_score_like_good_ones() -> None:
    """They would send every part to be looked at again."""
    hidden = np.exp(np.array([0.0, 0.3, 0.5]))
    assert after_review(ELEVEN, hidden) == after_review(ELEVEN, np.zeros(0))


@pytest.mark.parametrize(
    ("good", "reject"),
    [
        (np.arange(-5.0, 6.0), 5 + 0.02 * 5),
        (np.linspace(0.1, 0.9, 11), 1 / (1 + math.exp(-math.log(9 * 1.02)))),
    ],
)
def test_after_review_takes_two_per_cent_by_the_scale(good: np.ndarray, reject: float) -> None:
    """Of the way from the middle where scores have no zero; of the odds where they are shares."""
    assert after_review(good, np.zeros(0)).reject_above == pytest.approx(reject)


@given(good=scores_of, bad=st.lists(st.floats(1e-3, 1e6), max_size=9).map(np.array))
def test_after_review_orders_its_limits(good: np.ndarray, bad: np.ndarray) -> None:
    """Whatever was labelled: recheck at most reject, and both are numbers."""
    found = after_review(good, bad)
    assert math.isfinite(found.reject_above)
    assert found.recheck_above <= found.reject_above
