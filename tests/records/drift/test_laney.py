"""The p' chart."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.records.drift.laney import D2, Counts, laney


def test_laney_of_binomial_counts_is_a_plain_p_chart() -> None:
    """Where the share itself does not vary, sigma_z is about one."""
    rng = np.random.default_rng(5)
    found = laney([Counts(int(rng.binomial(3600, 0.02)), 3600) for _ in range(400)])
    assert found.share == pytest.approx(0.02, rel=0.03)
    assert found.sigma_z == pytest.approx(1.0, abs=0.1)


def test_laney_follows_a_share_that_differs_from_hour_to_hour() -> None:
    """By hand: z of -+5 in turns has a moving range of 10."""
    n, p = 10_000, 0.1
    step = round(5 * n * (p * (1 - p) / n) ** 0.5)
    found = laney([Counts(1000 + step * (-1) ** k, n) for k in range(100)])
    assert found.sigma_z == pytest.approx(10 / D2, rel=0.01)
    low, high = found.limits(n, 3.0)
    assert (low, high) == pytest.approx(
        (0.1 - 3 * step / n * 2 / D2, 0.1 + 3 * step / n * 2 / D2), rel=0.02
    )
    assert found.scaled(Counts(1000 + step, n)) == pytest.approx(5 * D2 / 10, rel=0.02)


def test_laney_has_wider_limits_for_fewer_parts() -> None:
    """And none beyond 0 and 1."""
    found = laney([Counts(50, 1000)] * 30)
    assert found.limits(100, 3.0)[1] > found.limits(10_000, 3.0)[1]
    assert found.limits(1, 50.0) == (0.0, 1.0)


def test_laney_of_no_rejects_at_all_divides_by_nothing() -> None:
    """Nothing in a hundred hours is not never; an hour of no parts says nothing."""
    found = laney([Counts(0, 1000)] * 50 + [Counts(0, 0)])
    assert 0 < found.share < 1e-4
    assert np.isfinite(found.scaled(Counts(3, 1000)))
