"""AUROC with its interval."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.limits import auroc
from gonogo.build.separation import interval, separation


@pytest.mark.parametrize(("apart", "good", "bad"), [(0.0, 14, 40), (1.0, 10, 10), (2.0, 30, 6)])
def test_interval_holds_the_true_area_in_nearly_all_cases(
    apart: float, good: int, bad: int
) -> None:
    """Of normal scores, whose true area is known: nine of ten times between both bounds."""
    rng = np.random.default_rng(3)
    true = {0.0: 0.5, 1.0: 0.7602, 2.0: 0.9214}[apart]  # Phi(apart / sqrt 2)
    held = 0
    for _ in range(600):
        area = auroc(rng.normal(0, 1, good), rng.normal(apart, 1, bad))
        low, high = interval(area, good, bad)
        held += low <= true <= high
    assert 0.87 <= held / 600 <= 0.97


def test_interval_is_never_a_point() -> None:
    """Three bad parts above all good ones prove little, and three hundred much."""
    low, high = interval(1.0, 8, 3)
    assert high == 1.0
    assert low < 0.8
    assert interval(1.0, 300, 300)[0] > 0.98


def test_interval_is_the_same_from_either_side() -> None:
    """Which kind is called bad is a matter of signs."""
    low, high = interval(0.3, 9, 20)
    assert (1 - high, 1 - low) == pytest.approx(interval(0.7, 20, 9))


def test_separation_tells_chance_from_the_wrong_way_round() -> None:
    """By its interval, not by the figure alone."""
    rng = np.random.default_rng(5)
    good, alike, other = rng.normal(0, 1, 30), rng.normal(0, 1, 30), rng.normal(3, 1, 30)
    assert separation(good, alike).is_chance
    assert not separation(good, other).is_chance
    assert separation(other, good).is_turned
    assert not separation(good, other).is_turned
    assert "AUROC" in str(separation(good, other))
