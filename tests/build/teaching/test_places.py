"""What is usual at each place, and the worst place."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.teaching.places import FLOOR, smooth, usual, worst


def test_smooth_is_the_mean_of_the_neighbours_that_there_are() -> None:
    """Nine of them, six at an edge, four in a corner."""
    values = np.random.default_rng(1).random((1, 6, 6)).astype(np.float32)
    found = smooth(values)[0]
    assert found[2, 3] == pytest.approx(values[0, 1:4, 2:5].mean())
    assert found[0, 3] == pytest.approx(values[0, :2, 2:5].mean())
    assert found[5, 5] == pytest.approx(values[0, 4:, 4:].mean())


def test_usual_is_higher_where_good_parts_differ_and_never_near_nothing() -> None:
    """A quiet place is divided by half the mean at the least."""
    maps = np.full((5, 12, 12), 0.0, np.float32)
    maps[:, :, :4] = 2.0
    found = usual(maps)
    mean = smooth(smooth(maps.mean(axis=0)[None]))[0].mean()
    assert found[6, 10] == pytest.approx(FLOOR * mean, rel=1e-5)
    assert found[6, 0] == pytest.approx(2.0 + FLOOR * mean, rel=1e-5)


def test_worst_is_the_largest_mean_of_neighbours() -> None:
    """One loud cell is less than a patch of them, and the rest of the map does not matter."""
    maps = np.zeros((3, 12, 12), np.float32)
    maps[0, 4, 4] = 9.0
    maps[1, 4:7, 4:7] = 5.0
    assert worst(maps) == pytest.approx([1.0, 5.0, 0.0])
