"""What is kept of an hour."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.records.drift.part import Looks
from gonogo.records.drift.summary import LEAST, QUANTILES, at, mean_looks, quantiles


def test_quantiles_are_those_of_the_scores() -> None:
    """And can be asked for by their share."""
    grid = quantiles(np.arange(1001, dtype=np.float32))
    assert grid.shape == (QUANTILES,)
    assert at(grid, 0.95) == pytest.approx(950, abs=0.5)


def test_quantiles_of_too_few_are_none() -> None:
    """An hour that was stopped after some parts says nothing of the scores."""
    assert quantiles(np.ones(LEAST - 1, np.float32)).shape == (0,)
    assert quantiles(np.ones(LEAST, np.float32)).shape == (QUANTILES,)


def test_mean_looks_passes_over_what_is_not_known() -> None:
    """NaN only where none is."""
    nan = float("nan")
    found = mean_looks([Looks(1.0, nan, nan), Looks(3.0, 5.0, nan)])
    assert found[:2] == (2.0, 5.0)
    assert np.isnan(found.noise)
    assert np.isnan(mean_looks([])).all()
