"""Random features against the full MMD, which is kept here as the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.records.drift.fourier import PAIRS, bandwidth_of, feature_map, map_of, mmd2

if TYPE_CHECKING:
    from numpy.typing import NDArray


def full_mmd2(one: NDArray[np.float64], other: NDArray[np.float64], bandwidth: float) -> float:
    """Gretton et al. 2012, eq. 5 (biased), of a Gaussian kernel: every pair of rows."""

    def kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        off = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
        return float(np.exp(-off / (2 * bandwidth**2)).mean())

    return kernel(one, one) + kernel(other, other) - 2 * kernel(one, other)


@pytest.mark.parametrize("shift", [0.3, 1.0, 3.0])
def test_features_give_the_full_mmd(shift: float) -> None:
    """Within what 256 pairs leave: their error is about 1 / sqrt(256) of the kernel at most."""
    rng = np.random.default_rng(11)
    one, other = rng.normal(0, 1, (300, 8)), rng.normal(shift, 1.2, (300, 8))
    found = feature_map(one.astype(np.float32))
    near, far = (found.of(rows.astype(np.float32)).mean(axis=0) for rows in (one, other))
    scaled = [found.scaled(rows.astype(np.float32)).astype(np.float64) for rows in (one, other)]
    wanted = full_mmd2(scaled[0], scaled[1], found.bandwidth)
    assert mmd2(near, far) == pytest.approx(wanted, abs=2 / PAIRS**0.5 * wanted**0.5)
    assert mmd2(near, near) == 0


def test_feature_map_is_the_same_again_from_what_is_saved() -> None:
    """From shift, scale and bandwidth alone, to the bit."""
    rows = np.random.default_rng(2).normal(3, 2, (64, 5)).astype(np.float32)
    found = feature_map(rows)
    again = map_of(found.shift, found.scale, found.bandwidth)
    assert np.array_equal(found.of(rows), again.of(rows))
    assert found.length == 5


def test_bandwidth_is_the_median_distance() -> None:
    """Of three points on a line: 1, 2 and 3 apart."""
    assert bandwidth_of(np.array([[0.0], [1.0], [3.0]], np.float32)) == pytest.approx(2.0)


def test_feature_map_takes_numbers_that_never_vary() -> None:
    """They count some, and are not divided by nothing."""
    rows = np.zeros((30, 4), np.float32)
    rows[:, 0] = np.arange(30)
    assert np.isfinite(feature_map(rows).of(rows + 1)).all()
    same = np.ones((30, 4), np.float32)
    assert np.isfinite(feature_map(same).of(same)).all()
