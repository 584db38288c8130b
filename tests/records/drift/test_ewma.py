"""The chart of weighted means, against the books and against itself on noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gonogo.records.drift.ewma import BOOK_SIGMA, LIMIT_SIGMAS, Baseline, Ewma, baseline, student


def chart(*, one_sided: bool = False) -> Ewma:
    """Of values about 10 with a sigma of 2, and a limit of 1 for z."""
    return Ewma(Baseline(10.0, 2.0, 1.0), one_sided=one_sided)


def test_ewma_is_the_weighted_mean_of_the_book() -> None:
    """Z = 0.2 x + 0.8 z, of values in sigmas."""
    held = chart()
    assert not held.add(12.0, 1)
    assert held.z == pytest.approx(0.2)
    held.add(8.0, 2)
    assert held.z == pytest.approx(0.8 * 0.2 - 0.2)


def test_ewma_begins_one_alarm_and_ends_it_well_inside() -> None:
    """Three sigmas for hours are one alarm; a value near the limit does not make a second."""
    held = chart()
    begun = [held.add(16.0, k) for k in range(10)]
    assert begun.count(True) == 1
    assert begun.index(True) == 1
    while held.z > 0.6:
        assert not held.add(10.0, 20)
        assert held.alarmed
    held.add(9.0, 21)
    assert not held.alarmed


def test_ewma_says_since_when() -> None:
    """The first hour after it last crossed its centre."""
    held = chart()
    for number, value in enumerate((9.0, 11.5, 9.0, 9.0, 14.0, 14.0, 14.0, 16.0, 16.0)):
        if held.add(value, number):
            break
    assert held.alarmed
    assert held.since == 4


def test_ewma_of_large_values_alone_is_deaf_to_small_ones() -> None:
    """A distance that shrinks is no drift; two-sided the same values are one."""
    one, two = chart(one_sided=True), chart()
    assert not any(one.add(2.0, k) for k in range(20))
    assert any(two.add(2.0, k) for k in range(20))
    assert (one.low, two.low) == (None, -1.0)


def test_baseline_of_independent_hours_has_the_limit_of_the_book() -> None:
    """Some percent more, as a hundred hours are not all there are."""
    found = baseline(list(np.random.default_rng(3).normal(7.0, 0.5, 100)))
    assert found.centre == pytest.approx(7.0, abs=0.2)
    assert found.sigma == pytest.approx(0.5, rel=0.2)
    assert 1.0 < found.limit / (LIMIT_SIGMAS * BOOK_SIGMA) < 1.2


def test_baseline_of_hours_that_resemble_each_other_has_a_wider_limit() -> None:
    """Lots of five hours: z has time to follow each of them."""
    rng = np.random.default_rng(3)
    lots = np.repeat(rng.normal(0, 1, 20), 5)
    assert baseline(list(lots)).limit > 1.5 * baseline(list(rng.permutation(lots))).limit


def test_baseline_of_hours_without_any_difference_divides_by_nothing() -> None:
    """Every later difference is one, and none is infinite."""
    found = baseline([3.0] * 100)
    assert np.isfinite(found.scaled(3.1))
    assert found.scaled(3.1) > 100


def test_ewma_counts_a_value_up_to_its_most() -> None:
    """One hour of a jam is no drift, in either direction."""
    held = Ewma(Baseline(10.0, 2.0, 1.0), most=2.5)
    assert not held.add(1e6, 1)
    assert held.z == pytest.approx(0.5)
    held.add(-1e6, 2)
    assert held.z == pytest.approx(0.8 * 0.5 - 0.5)


@pytest.mark.parametrize("freedom", [20, 40, 100])
def test_student_lies_as_far_out_as_the_limit_of_a_normal_distribution(freedom: int) -> None:
    """The density of t, summed up beyond it, against what lies beyond 3.7 sigmas."""
    step = 1e-3
    beyond = student(freedom) + step * (np.arange(400_000) + 0.5)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    density = (
        scale / math.sqrt(freedom * math.pi) * (1 + beyond**2 / freedom) ** (-(freedom + 1) / 2)
    )
    wanted = math.erfc(LIMIT_SIGMAS / math.sqrt(2)) / 2
    assert float(density.sum()) * step == pytest.approx(wanted, rel=0.15)


def test_ewma_with_a_limit_of_one_hour_sees_a_large_change_at_once() -> None:
    """And a small one by the mean of hours, as ever; the alarm ends when both are well inside."""
    held = Ewma(Baseline(10.0, 2.0, 1.0, point=3.0))
    assert not held.add(10.0 + 2 * 2.9, 1)
    assert held.add(10.0 - 2 * 3.1, 2)
    reach, limit = held.worst
    assert reach == pytest.approx(-3.1)
    assert limit == 3.0
    assert not held.add(10.0, 3)
    assert not held.alarmed
    assert [held.add(11.9, k) for k in range(40)].count(True) == 0
    assert [held.add(12.6, k) for k in range(40)].count(True) == 1
    assert held.worst[1] == 1.0


def test_ewma_without_a_limit_of_one_hour_has_none_as_its_worst() -> None:
    """Also where only large values count, and z is small."""
    held = Ewma(Baseline(10.0, 2.0, 1.0), one_sided=True)
    held.add(5.0, 1)
    assert held.worst == (held.z, 1.0)


def test_baseline_widens_the_limit_of_one_hour_less_than_that_of_their_mean() -> None:
    """Of single hours there are as many as there are hours."""
    lots = np.repeat(np.random.default_rng(3).normal(0, 1, 40), 4)
    found = baseline(list(lots), 4.0, 4.0)
    assert 4.0 < found.point < 4.3
    assert found.limit > 1.2 * found.point * BOOK_SIGMA
    assert math.isinf(baseline(list(lots), 4.0).point)
