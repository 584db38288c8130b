"""Limits from good and bad parts, and what they are expected to cost."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import ScoresError
from gonogo.base.interval import estimate
from gonogo.build.fewparts import day_zero
from gonogo.build.thresholds import ROUNDS_MAX, propose

rng = np.random.default_rng(3)
GOOD = np.exp(rng.normal(0, 0.2, 60)).tolist()
FAR = np.exp(rng.normal(3, 0.3, 15)).tolist()

finite = st.floats(-1e6, 1e6).map(lambda score: round(score, 3))
some_good = st.lists(finite, min_size=5, max_size=30)
some_bad = st.lists(finite, max_size=15)


@given(good=some_good, bad=some_bad)
def test_propose_takes_any_numbers(good: list[float], bad: list[float]) -> None:
    """The limits are ordered numbers, the estimates hold, and all of it is JSON."""
    found = propose(good, bad)
    assert math.isfinite(found.recheck_above)
    assert found.recheck_above <= found.reject_above < math.inf
    assert (found.escape is None) == (not bad)
    for share in filter(None, (found.overkill, found.recheck, found.escape)):
        assert 0 <= share.low <= share.share <= share.high <= 1
        assert share.events == round(share.share * share.of)
    json.dumps(found)


@given(good=some_good, bad=some_bad)
def test_propose_never_rechecks_more_good_parts_than_it_may(
    good: list[float], bad: list[float]
) -> None:
    """Nine in ten are accepted, wherever the bad parts lie."""
    assert propose(good, bad).recheck_above >= np.quantile(good, 0.9) - 1e-6


def test_propose_from_good_parts_alone_is_what_teach_does() -> None:
    """One rule for the limits of good parts."""
    found = propose(GOOD)
    assert found[:2] == day_zero(np.array(GOOD))[:2]
    assert found.escape is None
    assert "60 good parts alone" in found.how
    assert "1 in 61" in found.promise


def test_propose_with_bad_parts_far_off_leaves_room_for_good_ones() -> None:
    """Recheck as without them; reject later, for there is room, but before the first bad part."""
    alone, found = propose(GOOD), propose(GOOD, FAR)
    assert found.recheck_above == alone.recheck_above
    assert alone.reject_above < found.reject_above < min(FAR)
    assert (found.overkill.events, found.escape) == (0, estimate(0, 15))


def test_propose_with_bad_parts_near_by_rechecks_earlier() -> None:
    """So that a bad part somewhat better than the best of these is not accepted, either."""
    alone, highest = propose(GOOD), max(GOOD)
    near = [alone.recheck_above * 0.98, highest * 1.1, highest * 2.0]
    found = propose(GOOD, near)
    assert np.quantile(GOOD, 0.9) < found.recheck_above < near[0]
    # not one good part that was seen is rejected for their sake
    assert highest < found.reject_above < near[1]


def test_propose_from_few_good_parts_rejects_what_the_bad_ones_show() -> None:
    """Five parts alone predict wide limits; with bad parts it is known where those begin."""
    few = [1.0, 1.1, 1.2, 1.4, 2.0]
    assert propose(few).reject_above > 2.5
    found = propose(few, [2.5, 2.8, 3.0])
    assert found.recheck_above < 2.5
    assert found.reject_above == 2.5


def test_propose_is_not_misled_by_one_bad_part_that_scores_like_a_good_one() -> None:
    """It is an escape, and is said to be one; the limits serve the others."""
    found = propose(GOOD, [*FAR, float(np.median(GOOD))])
    assert found[:2] == propose(GOOD, FAR)[:2]
    assert found.escape == estimate(1, 16)
    assert "1 bad score like good ones" in found.how


@pytest.mark.parametrize("bad", [GOOD, [score / 10 for score in GOOD]])
def test_propose_says_when_bad_parts_score_like_good_ones(bad: list[float]) -> None:
    """Complete overlap, or the wrong way round: most of them escape, and it says so."""
    found = propose(GOOD, bad)
    assert found.escape is not None
    assert found.escape.share > 0.8
    assert "like" in found.how
    assert found.reject_above == pytest.approx(propose(GOOD).reject_above)


@pytest.mark.parametrize("value", [0.0, 1.0, 5.0, -3.0])
def test_propose_takes_identical_scores(value: float) -> None:
    """Good parts that are all alike are accepted, and stay so when bad ones score the same."""
    same = propose([value] * 9, [value] * 3)
    assert same.overkill.events == same.recheck.events == 0
    assert same.escape == estimate(3, 3)
    apart = propose([value] * 9, [value + 20.0])
    assert value <= apart.recheck_above < apart.reject_above < value + 20


def test_propose_estimates_from_parts_that_were_left_out() -> None:
    """A good part that just passes its own limits is rejected by those it did not widen."""
    odd = [1.0, 1.05, 1.1, 1.15, 1.2, 1.12, 1.08, 1.6]
    found = propose(odd)
    assert found.reject_above > 1.6
    assert found.overkill == estimate(1, 8)
    assert "each part left out in turn" in found.how


def test_propose_estimates_cover_what_then_happens() -> None:
    """Of many stations, the share of fresh parts lies inside the interval as often as it says."""
    random, inside = np.random.default_rng(11), []
    for _ in range(120):
        good, fresh = np.exp(random.normal(0, 0.3, 40)), np.exp(random.normal(0, 0.3, 2000))
        bad, later = np.exp(random.normal(1.2, 0.4, 25)), np.exp(random.normal(1.2, 0.4, 2000))
        found = propose(good.tolist(), bad.tolist())
        assert found.escape is not None
        doubt = (fresh > found.recheck_above) & (fresh <= found.reject_above)
        inside += [
            found.overkill.low <= (fresh > found.reject_above).mean() <= found.overkill.high,
            found.recheck.low <= doubt.mean() <= found.recheck.high,
            found.escape.low <= (later <= found.recheck_above).mean() <= found.escape.high,
        ]
    assert np.mean(inside) > 0.93


def test_propose_leaves_out_groups_of_very_many_parts() -> None:
    """And says so; each part is still judged once, by limits that do not know it."""
    many = np.exp(np.random.default_rng(5).normal(0, 0.2, ROUNDS_MAX * 3 + 7)).tolist()
    found = propose(many)
    assert found.overkill.of == len(many)
    assert f"{ROUNDS_MAX} groups" in found.how
    assert found.overkill.share < 0.02


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ([1.0] * 4, [], r"4 scores of good parts, expected at least 5"),
        ([], [], r"0 scores of good parts"),
        ([1.0] * 4 + [math.nan], [], r"score 5 of the 5 good parts is nan"),
        ([1.0] * 5, [2.0, -math.inf], r"score 2 of the 2 bad parts is -inf"),
        ([1e-300, 1e300, 1e-300, 1e300, 1.0], [], r"lie too far apart"),
        ([-1.7e308, 1.7e308, 0.0, 1.0, 2.0], [], r"lie too far apart"),
    ],
)
def test_propose_refuses_scores_of_no_use(good: list[float], bad: list[float], words: str) -> None:
    """It says which, and what was expected."""
    with pytest.raises(ScoresError, match=words):
        propose(good, bad)
