"""Limits from scores of variants, ranks and separation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.scores import ScoreLimits
from gonogo.build.limits import auroc, propose, scale_of, spearman

scores_of = st.lists(st.floats(0.5, 1e4), min_size=5, max_size=60).map(np.array)


@given(scores=scores_of, parts=st.integers(5, 500))
def test_propose_orders_the_limits(scores: np.ndarray, parts: int) -> None:
    """Half of the good parts lie below recheck, and that below reject, up to where scores end."""
    limits = propose(scores, parts)
    ordered = np.median(scores) < limits.recheck_above < limits.reject_above
    assert ordered or limits == ScoreLimits(1.0, 1.0)  # probabilities that are all as good as 1


@given(scores=scores_of, factor=st.floats(1.5, 100))
def test_propose_follows_the_unit_of_the_scores(scores: np.ndarray, factor: float) -> None:
    """Scores in another unit give the same limits in that unit."""
    one, other = propose(scores * 3, 30), propose(scores * 3 * factor, 30)
    assert other.reject_above == pytest.approx(one.reject_above * factor, rel=1e-6)


def test_propose_rejects_about_as_few_as_it_says() -> None:
    """Of log-normal good parts about 1 in 44 lies above recheck, 1 in 740 above reject."""
    rng = np.random.default_rng(4)
    limits = propose(np.exp(rng.normal(2, 0.3, 4000)), 4000)
    fresh = np.exp(rng.normal(2, 0.3, 100_000))
    assert (fresh > limits.recheck_above).mean() == pytest.approx(1 / 44, rel=0.25)
    assert (fresh > limits.reject_above).mean() == pytest.approx(1 / 740, rel=0.5)


def test_propose_is_wider_with_fewer_parts() -> None:
    """The same scores from five parts say less than from five hundred."""
    scores = np.exp(np.random.default_rng(1).normal(1, 0.2, 120))
    few, many = propose(scores, 5), propose(scores, 500)
    assert few.reject_above > 1.3 * many.reject_above


def test_propose_stays_inside_a_probability() -> None:
    """Scores inside 0 .. 1 give limits inside 0 .. 1, however near to 1 they lie."""
    limits = propose(np.linspace(0.6, 0.99, 40), 40)
    assert 0.95 < limits.recheck_above < limits.reject_above < 1


def test_propose_accepts_good_parts_at_the_end_of_a_probability() -> None:
    """Good parts that all score 1 are not above their own limits."""
    for scores in (np.ones(9), np.append(np.ones(9), 0.5)):
        assert propose(scores, len(scores)) == ScoreLimits(1, 1)


def test_scale_has_its_middle_between_the_ends() -> None:
    """Of ratios, of probabilities, and of scores that may be negative."""
    assert scale_of(np.array([1.0, 16.0])).middle(1, 16) == pytest.approx(4)
    assert scale_of(np.array([0.1, 0.9])).middle(0.1, 0.9) == pytest.approx(0.5)
    assert scale_of(np.array([-1.0, 2.0])).middle(-1, 2) == pytest.approx(0.5)
    assert scale_of(np.array([0.5, 1.0])).middle(1, 1) == 1


def test_propose_is_not_moved_by_one_odd_variant() -> None:
    """One wild score among images made by us leaves the limits where they were."""
    scores = np.exp(np.random.default_rng(2).normal(1, 0.2, 50))
    odd = np.append(scores, 1e6)
    expected = propose(scores, 50).reject_above
    assert propose(odd, 50).reject_above == pytest.approx(expected, rel=0.2)


def test_propose_leaves_room_when_all_scores_are_alike() -> None:
    """Identical scores do not make a limit that the next part would break."""
    limits = propose(np.full(30, 5.0), 30)
    assert limits.reject_above > 5.1


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30, unique=True).map(np.array))
def test_spearman_sees_only_the_order(values: np.ndarray) -> None:
    """Any rising function keeps the correlation at one, reversing makes it minus one."""
    rising = np.argsort(np.argsort(values)).astype(float) ** 3
    assert spearman(values, rising) == pytest.approx(1)
    assert spearman(values, -values) == pytest.approx(-1)


def test_spearman_of_a_constant_is_zero() -> None:
    """Scores that are all alike rank nothing."""
    assert spearman(np.arange(5.0), np.ones(5)) == 0


def test_spearman_shares_ranks_between_ties() -> None:
    """The value of a known example with ties."""
    first, second = np.array([1.0, 2, 2, 3]), np.array([1.0, 2, 3, 4])
    assert spearman(first, second) == pytest.approx(0.9486833)


def test_auroc_counts_pairs() -> None:
    """Two of four pairs in order, one tie: 0.625."""
    assert auroc(np.array([1.0, 3.0]), np.array([2.0, 1.0])) == pytest.approx(0.375)
    assert auroc(np.array([1.0]), np.array([2.0])) == 1
