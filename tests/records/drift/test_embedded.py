"""Embeddings of an hour: their mean features, in bounded memory."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.records.drift.embedded import FIRST, MAP_HOURS, Embedded
from gonogo.records.drift.fourier import PAIRS, feature_map
from gonogo.records.drift.summary import LEAST


def rows(count: int, seed: int = 1) -> np.ndarray:
    """Embeddings of six numbers, float32."""
    return np.random.default_rng(seed).normal(0, 1, (count, 6)).astype(np.float32)


def test_embedded_mean_is_that_of_all_features() -> None:
    """However they fall into batches."""
    found, given = feature_map(rows(50)), rows(333, 2)
    held = Embedded(found)
    for row in given:
        held.add(row)
    mean, count = held.mean()
    assert count == 333
    assert mean == pytest.approx(found.of(given).mean(axis=0), abs=1e-5)


def test_embedded_begins_each_hour_anew() -> None:
    """An hour of too few has no mean, and leaves nothing to the next one."""
    held = Embedded(feature_map(rows(50)))
    for row in rows(LEAST - 1):
        held.add(row)
    mean, count = held.mean()
    assert (mean.shape, count) == ((0,), LEAST - 1)
    assert held.mean()[1] == 0


def test_embedded_makes_its_map_of_the_first_day() -> None:
    """Of a sample of bounded size; these hours have no mean."""
    held = Embedded()
    for hour in range(MAP_HOURS):
        assert held.map is None
        for row in rows(FIRST // MAP_HOURS + 9, hour):
            held.add(row)
        assert len(held.first) <= FIRST
        assert held.mean()[0].shape == (0,)
    assert held.map is not None
    assert held.first == []
    for row in rows(LEAST):
        held.add(row)
    assert held.mean()[0].shape == (2 * PAIRS,)


@pytest.mark.parametrize(
    "odd",
    [
        np.ones(7, np.float32),
        np.ones(0, np.float32),
        np.ones((2, 3), np.float32),
        np.full(6, np.nan, np.float32),
        np.full(6, np.inf, np.float32),
        np.full(6, 1e6, np.float32),
        np.ones(5000, np.float32),
    ],
)
@pytest.mark.parametrize("mapped", [True, False])
def test_embedded_counts_what_is_of_no_use(odd: np.ndarray, *, mapped: bool) -> None:
    """Another length, not finite, none at all: passed over, and the others stand."""
    held = Embedded(feature_map(rows(50)) if mapped else None)
    held.add(rows(1)[0])
    held.add(odd)
    held.add(rows(1)[0])
    assert held.odd == 1
    assert (held.mean()[1], held.seen) == ((2, 0) if mapped else (0, 2))
