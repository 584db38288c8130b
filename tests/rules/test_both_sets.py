"""Limits from good parts and bad ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gonogo.rules.both_sets import Sets, exchanged, expected, limits_from, rejected, stated
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.presence_section import PresenceSection

WIDTH = DimensionSection(kind="dimension", name="w", measure="width")
HEIGHT = DimensionSection(kind="dimension", name="h", measure="height")
TONE = ColourSection(kind="colour", name="t", measure="delta_e", reference_lab=(50.0, 0.0, 0.0))
HOLES = PresenceSection(kind="presence", name="n", method="blobs")
GOOD = np.random.default_rng(4).normal(100, 1, 30)
NONE = np.empty((1, 0))


def one(good: object, bad: object, rule: object = WIDTH) -> Sets:
    """One rule."""
    return Sets((rule,), np.array([good], float), np.array([bad], float))  # type: ignore[arg-type]


def test_limits_from_good_parts_alone_leave_room() -> None:
    """As they are proposed for one rule."""
    (found,) = limits_from(Sets((WIDTH,), GOOD[np.newaxis], NONE))
    assert found.known
    assert found.low < GOOD.min() < GOOD.max() < found.high


def test_limits_are_drawn_in_for_a_bad_part_that_would_pass() -> None:
    """Half way to it, and on its side alone; no good part that was seen is rejected for that."""
    (wide,) = limits_from(Sets((WIDTH,), GOOD[np.newaxis], NONE))
    bad = (GOOD.max() + wide.high + 0.9 * (wide.high - GOOD.max())) / 2
    sets = one(GOOD, [bad])
    assert not rejected([wide], sets.bad).any()
    (found,) = limits_from(sets)
    assert found.low == wide.low
    assert GOOD.max() < found.high < bad
    assert rejected([found], sets.bad).all()


def test_limits_are_not_drawn_in_where_no_limit_can_tell() -> None:
    """A bad part among the good ones changes nothing, nor does one that is caught already."""
    (wide,) = limits_from(Sets((WIDTH,), GOOD[np.newaxis], NONE))
    assert limits_from(one(GOOD, [GOOD.mean(), 500.0])) == [wide]


def test_limits_of_a_distance_get_a_low_end_where_a_bad_part_asks_for_it() -> None:
    """Good parts alone ask for none; a bad part nearer to the reference does."""
    good = np.linspace(4.0, 5.0, 12)
    (alone,) = limits_from(one(good, [], TONE))
    (found,) = limits_from(one(good, [0.2], TONE))
    assert alone.low == -math.inf
    assert 0.2 < found.low < 4.0


def test_limits_of_a_count_stay_whole() -> None:
    """Also where a bad part draws them in."""
    (found,) = limits_from(one([6.0, 6, 7, 6, 7, 8, 6, 7], [9.0], HOLES))
    assert (found.low % 1, found.high) == (0, 8)


def test_limits_draw_in_the_rule_that_tells_most() -> None:
    """Of two rules the one that the bad part is furthest beyond; the other keeps its room."""
    rng = np.random.default_rng(1)
    good = np.stack([rng.normal(100, 1, 40), rng.normal(50, 1, 40)])
    alone = limits_from(Sets((WIDTH, HEIGHT), good, np.empty((2, 0))))
    bad = np.array([[good[0].max() + 0.1], [alone[1].high - 0.05]])
    found = limits_from(Sets((WIDTH, HEIGHT), good, bad))
    assert found[0] == alone[0]
    assert found[1].high < alone[1].high
    assert rejected(found, bad).all()


def test_limits_of_a_rule_with_too_few_values_are_none_and_say_why() -> None:
    """It rejects what it cannot measure, and nothing else."""
    (found,) = limits_from(one([1.0, 2.0, math.nan, math.nan, 3.0, 4.0], [9.0]))
    assert not found.known
    assert "got 4 of 6" in found.why_not
    assert found.reject(np.array([math.nan, 9.0])).tolist() == [True, False]


def test_limits_of_a_pool_are_the_same_for_all() -> None:
    """The values of all rules together."""
    good = np.stack([GOOD, GOOD + 5])
    left, right = limits_from(Sets((WIDTH, HEIGHT), good, np.empty((2, 0))), pool=True)
    assert (left.low, left.high) == (right.low, right.high)
    assert left.low < 97
    assert right.high > 105


def test_expected_counts_parts_that_made_no_limits() -> None:
    """A good part at the edge is outside of the limits that the others make."""
    good = [*GOOD, 120.0]
    found = expected(one(good, [500.0, GOOD.mean()]))
    assert found.overkill is not None
    assert found.escape is not None
    assert (found.overkill.events, found.overkill.of) == (1, 31)
    assert (found.escape.events, found.escape.of) == (1, 2)
    # in their own limits it lies inside
    assert not rejected(limits_from(one(good, [])), np.array([good])).any()


def test_expected_is_not_known_of_parts_too_few_to_leave_any_out() -> None:
    """Five good parts make limits, four do not."""
    found = expected(one(GOOD[:5], [500.0]))
    assert found.overkill is None
    assert found.escape is not None
    assert expected(one(GOOD, [])).escape is None


@pytest.mark.parametrize("turned", [False, True])
def test_exchanged_folders_are_noticed(*, turned: bool) -> None:
    """By limits that the rule has, or because the bad ones make the better limits."""
    rng = np.random.default_rng(3)
    good, bad = rng.normal(100, 0.5, 20), rng.normal(100, 30, 12)
    sets = one(bad, good) if turned else one(good, bad)
    assert exchanged(sets, limits_from(sets)) is turned
    limited = WIDTH.model_copy(update={"low": 95.0, "high": 105.0})
    far = rng.normal(200, 0.5, 20)
    sets = one(far, good, limited) if turned else one(good, far, limited)
    assert exchanged(sets, limits_from(sets)) is turned


def test_stated_limits_are_those_of_the_file() -> None:
    """None where one rule has none yet."""
    limited = WIDTH.model_copy(update={"low": 95.0})
    assert stated((WIDTH, limited)) is None
    found = stated((limited,))
    assert found is not None
    assert found[0][:2] == (95.0, math.inf)
