"""How an hour differs from those of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.records.drift.laney import Counts
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import (
    BINS,
    HOURLY,
    HOURS,
    LEAST_SHARE,
    charts,
    divergence,
    mean_rank,
    reference,
)
from gonogo.tests.records.drift.shifts import hour

if TYPE_CHECKING:
    from gonogo.records.drift.summary import Summary

LEARNT = [hour(k) for k in range(HOURS)]
FOUND = reference(LEARNT)


def test_mean_rank_is_by_counting() -> None:
    """Each score against each of the reference; an equal one counts half."""
    rng = np.random.default_rng(4)
    pool, grid = (rng.integers(0, 9, n).astype(np.float32) for n in (60, 20))
    pool.sort()
    below = (pool[:, None] < grid[None]) + 0.5 * (pool[:, None] == grid[None])
    assert mean_rank(pool, grid) == pytest.approx(below.mean())


def test_divergence_is_none_of_the_same_and_grows() -> None:
    """Also where scores lie that the reference never had."""
    pool = np.sort(np.random.default_rng(4).normal(0, 1, 5000)).astype(np.float32)
    grid = np.quantile(pool, np.linspace(0, 1, 129)).astype(np.float32)
    found = [divergence(pool, grid + np.float32(off)) for off in (0.0, 0.3, 1.0, 50.0)]
    assert found[0] < 0.01
    assert found == sorted(found)
    assert found[-1] < np.log(2 * BINS)


def test_value_of_an_hour_moves_with_its_signal() -> None:
    """Scores up: the ranks, the histogram and the distance of embeddings."""
    usual, other = hour(500), hour(500, 1.0)
    for signal in HOURLY[:4]:
        one, two = FOUND.value(signal, usual), FOUND.value(signal, other)
        assert one is not None
        assert two is not None
        assert two > one


def test_value_of_an_hour_that_had_too_few_is_none() -> None:
    """Of each signal by itself."""
    empty = np.zeros(0, np.float32)
    starved = hour(500)._replace(accepted=empty, features=empty, trusted=empty)
    starved = starved._replace(rejects=Counts(0, 0))
    assert [FOUND.value(signal, starved) for signal in HOURLY[:5]] == [None] * 5
    assert FOUND.value(Signal.NOISE, starved) is None
    assert FOUND.value(Signal.BRIGHTNESS, starved) is not None


def test_rejects_are_counted_in_shares_worth_a_look() -> None:
    """Where the reference hardly varied, half a percent of the parts is one sigma."""
    steady = [each._replace(rejects=Counts(100_000, 1_000_000)) for each in LEARNT]
    more = Counts(round(1_000_000 * (0.1 + 2 * LEAST_SHARE)), 1_000_000)
    value = reference(steady).value(Signal.REJECTS, hour(500)._replace(rejects=more))
    assert value == pytest.approx(2, rel=0.01)


def test_charts_are_of_signals_that_the_reference_knows() -> None:
    """None of what no frame had, nor of embeddings where most hours lack them."""
    assert set(charts(LEARNT)) == set(HOURLY) - {Signal.NOISE, Signal.PLACES}
    empty = np.zeros(0, np.float32)
    nine = {k: (each.accepted, each.trusted) for k, each in enumerate(LEARNT) if k < 9}
    starved = [
        each._replace(accepted=nine.get(k, (empty,) * 2)[0], trusted=nine.get(k, (empty,) * 2)[1])
        for k, each in enumerate(LEARNT)
    ]
    assert set(charts(starved)) == {
        Signal.EMBEDDINGS, Signal.REJECTS, Signal.BRIGHTNESS, Signal.SHARPNESS,
    }  # fmt: skip
    few = [
        each._replace(features=empty) if k < 0.6 * HOURS else each for k, each in enumerate(LEARNT)
    ]
    assert Signal.EMBEDDINGS not in charts(few)


def test_reference_has_the_sigma_between_hours() -> None:
    """Scores of an hour spread over one, hours over a tenth: ranks differ by a thirtieth."""
    base = charts(LEARNT)[Signal.ACCEPTED_SCORES].base
    assert base.centre == pytest.approx(0.5, abs=0.01)
    # density of N(0, 1) met with another one's: 1 / (2 sqrt(pi)), times hours' and the sample's
    assert base.sigma == pytest.approx(0.28 * (0.1**2 + 1 / 400) ** 0.5, rel=0.3)


def test_reference_names_parts_and_looks_to_compare_with() -> None:
    """Of the first, a middle and the last hour."""
    assert FOUND.parts == ((1, 0), (1, 3600 * (HOURS // 2)), (1, 3600 * (HOURS - 1)))
    assert FOUND.looks.brightness == pytest.approx(120, abs=0.5)
    assert FOUND.band[0] < 5 + 1.645 < FOUND.band[1]


def test_rejects_have_a_limit_that_hours_of_them_can_reach() -> None:
    """An hour counts up to 2.5 sigmas: on a line that varies a lot the limit would be beyond."""
    rng = np.random.default_rng(5)
    lots = np.repeat(rng.normal(0.1, 0.05, HOURS // 8).clip(0.01, 0.3), 8)
    varied = [
        each._replace(rejects=Counts(round(3600 * share), 3600))
        for each, share in zip(LEARNT, lots, strict=True)
    ]
    chart = charts(varied)[Signal.REJECTS]
    alarms = [chart.add(float("1e9"), k) for k in range(12)]
    assert True in alarms
    assert not alarms[0]


def test_only_the_light_is_judged_by_single_hours() -> None:
    """Of it a lot moves no more than its parts are brighter."""
    found = charts(LEARNT)
    single = {signal for signal, chart in found.items() if np.isfinite(chart.base.point)}
    assert single == {Signal.BRIGHTNESS}


def placed(number: int, *, speck: float = 0.0) -> Summary:
    """An hour with the light of sixteen places, one of which a speck may darken."""
    places = np.random.default_rng([5, number]).normal(1, 0.01, 16).astype(np.float32)
    places[7] -= speck
    return hour(number)._replace(places=places)


def test_places_tell_of_a_speck_whatever_the_brightness() -> None:
    """One place of sixteen is darker by a tenth; frames of another size are not compared."""
    learnt = [placed(k) for k in range(HOURS)]
    held = reference(learnt)
    usual = [held.value(Signal.PLACES, placed(500 + k)) for k in range(20)]
    dusty = held.value(Signal.PLACES, placed(600, speck=0.1))
    assert dusty is not None
    assert dusty > max(each for each in usual if each is not None) + 0.3
    other = hour(500)._replace(places=np.ones(9, np.float32))
    assert held.value(Signal.PLACES, other) is None
    assert held.value(Signal.PLACES, hour(500)) is None
    assert Signal.PLACES in charts(learnt)
