"""Whitened channels."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.teaching.whitening import DEPTH, Rule, learn_whitening


def _features(offset: float = 0.0) -> np.ndarray:
    """Eighty channels of different loudness that go together in pairs: (500, 80)."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(500, 80)) * np.linspace(0.1, 9, 80)
    values[:, 1::2] += 0.5 * values[:, ::2]
    return (values + offset).astype(np.float32)


@pytest.mark.parametrize("alike", [True, False])
def test_whitened_channels_are_uncorrelated_and_shrunk_by_the_floor(alike: bool) -> None:  # noqa: FBT001 - a case
    """Each has v / (v + floor) of variance left, largest first, around a mean of nothing."""
    features = _features()
    white = learn_whitening(features, Rule(alike, 0.5)).of(features)
    covariance = np.cov(white.T.astype(np.float64), bias=True)
    rows = features.astype(np.float64)
    if alike:
        rows /= rows.std(axis=0)
    variances = np.sort(np.linalg.eigvalsh(np.cov(rows.T, bias=True)))[::-1]
    expected = variances[:DEPTH] / (variances[:DEPTH] + 0.5 * variances.mean())
    assert np.diag(covariance) == pytest.approx(expected, rel=1e-2)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-3
    assert np.abs(white.mean(axis=0)).max() < 1e-3


def test_whitening_does_not_depend_on_where_the_mean_is() -> None:
    """A thousand times the spread away, the same channels come out."""
    near, far = _features(), _features(1000.0)
    rule = Rule(alike=True, floor=0.5)
    one, other = learn_whitening(near, rule).of(near), learn_whitening(far, rule).of(far)
    # a direction may come out turned over
    assert np.abs(one) == pytest.approx(np.abs(other), abs=0.02)


def test_whitening_bears_a_channel_that_never_changes() -> None:
    """It is no reason for a division by nothing."""
    features = _features()
    features[:, 5] = 3.0
    assert np.isfinite(learn_whitening(features, Rule(alike=True, floor=0.5)).of(features)).all()
