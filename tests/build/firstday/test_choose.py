"""Few rules of many candidates: those that tell bad parts, and hold good ones together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gonogo.build.firstday.choose import MOST_TELLING, Measurements, choose, fitted, rejected
from gonogo.tests.build.firstday.measurements import around, measurements, spots, width

FAR = [50.0, 52.0, 49.0, 51.0]


def chosen(values: Measurements) -> list[str]:
    """By name, where no engine tells anything."""
    nobody = np.zeros(values.bad.shape[1], np.bool_)
    return [values.candidates[each.number].name for each in choose(values, nobody)]


def test_the_rule_that_tells_most_is_taken_first_and_what_tells_no_more_is_not() -> None:
    """Three rules of which one does it all."""
    values = measurements([
        (width("some"), around(100, seed=2), [60, 100, 100, 100]),
        (width("all"), around(100), FAR),
        (width("none"), around(100, seed=3), [100.0] * 4),
    ])  # fmt: skip
    assert chosen(values) == ["all"]


def test_rules_are_added_for_parts_that_none_before_has_told() -> None:
    """Half by one, half by the other."""
    values = measurements([
        (width("left"), around(100), [50, 51, 100, 100]),
        (width("right"), around(100, seed=2), [100, 100, 50, 51]),
    ])  # fmt: skip
    assert set(chosen(values)) == {"left", "right"}


def test_one_part_that_lies_just_outside_is_chance_among_many_candidates() -> None:
    """With hundreds of candidates some rule would reject any part."""
    values = measurements([(width("chance"), around(100), [101.9, 100, 100, 100])])
    fit = fitted(values)[0]
    assert fit is not None
    assert fit.high < 101.9
    assert chosen(values) == []


def test_never_more_rules_than_a_person_can_look_through() -> None:
    """Each of ten parts told by a rule of its own."""
    rows = [
        (width(f"w{k}"), around(100, seed=k), [50.0 if k == part else 100.0 for part in range(10)])
        for k in range(10)
    ]
    assert len(chosen(measurements(rows))) == MOST_TELLING


def test_a_rule_that_cannot_tell_a_good_part_is_not_taken() -> None:
    """It would send the next one away, too."""
    values = measurements([(width("blind"), [math.nan, *around(100, 19)], FAR)])
    assert fitted(values) == [None]
    assert chosen(values) == []


def test_a_rule_that_finds_nothing_on_bad_parts_tells_them() -> None:
    """What is not there is not measured."""
    values = measurements([(width("gone"), around(100), [math.nan] * 4)])
    assert chosen(values) == ["gone"]


def test_without_bad_parts_those_are_taken_in_which_good_ones_are_alike() -> None:
    """One of a family, and none that varies over all it can measure."""
    values = measurements([
        (width("area", holds=True), around(100), []),
        (width("area again", "area", holds=True), around(100, seed=2), []),
        (width("wild", holds=True), around(100, spread=90, seed=3), []),
        (width("place"), around(100, seed=4), []),
    ])  # fmt: skip
    assert chosen(values) == ["area"]


def test_what_holds_comes_beside_what_tells() -> None:
    """The next defect is none of those that were shown."""
    values = measurements([
        (spots("spots"), [0.0] * 20, [2.0, 1.0, 3.0, 2.0]),
        (width("area", holds=True), around(100), [100.0] * 4),
    ])  # fmt: skip
    assert chosen(values) == ["spots", "area"]


def test_no_limit_is_drawn_in_for_a_part_that_the_engine_tells() -> None:
    """Room for good parts to come is worth more."""
    values = measurements([(width("w"), around(100), [50.0, 51.0, 49.0, 101.6])])
    (kept,) = choose(values, np.array([False, False, False, True]))
    (drawn,) = choose(values, np.zeros(4, np.bool_))
    assert kept.limits.high > 101.6 > drawn.limits.high


def test_what_any_rule_rejects_is_rejected() -> None:
    """Also what it cannot measure."""
    values = measurements([(width("w"), around(100), FAR)])
    rules = choose(values, np.zeros(4, np.bool_))
    seen = np.array([[100.0, 50.0, math.nan]])
    assert rejected(rules, seen).tolist() == [False, True, True]
    assert rules[0].tells == 4


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_parts_can_be_left_out(kind: str) -> None:
    """Of one kind alone."""
    values = measurements([(width("w"), around(100), FAR)])
    count = 20 if kind == "good" else 4
    apart = np.arange(count) < 3
    less = values.without(good=apart) if kind == "good" else values.without(bad=apart)
    assert less.good.shape[1] == (17 if kind == "good" else 20)
    assert less.bad.shape[1] == (4 if kind == "good" else 1)
