"""Lots, hours and causes of drift of the simulated camera."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gonogo.proving.drift.world import BLUR_PX, LOT_H, SIDE_PX, Cause, HourLooks, World

STILL = HourLooks((1.0, 1.0, 1.0), 0.0, 0.0)


def mean_of(cause: Cause, looks: HourLooks = STILL) -> np.ndarray:
    """Mean frame of eight parts, float64 (n, n, 3)."""
    return np.asarray(np.mean(list(World(1, 8, 1).frames(looks, cause)), axis=0))


def test_world_gives_the_same_frames_for_the_same_seed() -> None:
    """And others for another."""
    one, two, other = (next(World(seed, 2, 1).frames(STILL)) for seed in (1, 1, 2))
    assert one.shape == (SIDE_PX, SIDE_PX, 3)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_lots_last_some_hours_and_differ_in_place() -> None:
    """Within a lot the place stays; light differs from hour to hour."""
    hours = list(islice(World(1, 1, 0).hours(), 200))
    changes = [k for k in range(1, 200) if hours[k].dx_px != hours[k - 1].dx_px]
    lasted = np.diff(changes)
    assert LOT_H[0] <= lasted.min() < lasted.max() <= LOT_H[1]
    assert len({each.gain for each in hours}) == 200


@pytest.mark.parametrize(
    ("cause", "factor"), [(Cause.LIGHT_2, 0.98), (Cause.LIGHT_5, 0.95), (Cause.LIGHT_10, 0.9)]
)
def test_light_is_darker_by_its_percent(cause: Cause, factor: float) -> None:
    """All over the frame."""
    assert mean_of(cause).mean() / mean_of(Cause.NONE).mean() == pytest.approx(factor, abs=0.003)


def test_causes_change_what_they_are_named_after() -> None:
    """Defocus takes edges, dust darkens places, noise is noise."""
    plain = mean_of(Cause.NONE)
    steps = [float(np.abs(np.diff(mean_of(c), axis=1)).mean()) for c in (Cause.NONE, Cause.DEFOCUS)]
    assert BLUR_PX > 0
    assert steps[1] < 0.95 * steps[0]
    darker = (plain - mean_of(Cause.DUST)) / plain
    assert darker.max() > 0.15
    assert np.median(darker) < 0.01
    one, two = (next(World(1, 1, 0).frames(STILL, c)) for c in (Cause.NONE, Cause.NOISE))
    assert np.abs(two.astype(int) - one).mean() > 0.5
    assert mean_of(Cause.NOISE).mean() == pytest.approx(plain.mean(), rel=0.01)
