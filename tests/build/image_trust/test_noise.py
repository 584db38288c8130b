"""The noise of a picture: what two frames of one still scene must differ by."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.image_trust.noise import least, noise_of
from gonogo.rules.image_trust.limits import Noise


def noisy(sigma: float, level: float = 120.0) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """An even surface as a sensor shows it."""
    levels = np.random.default_rng(3).normal(level, sigma, (480, 640))
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0])
def test_noise_is_never_more_than_there_is_and_not_much_less(sigma: float) -> None:
    """Of the calmest part: what is counted on must be there."""
    assert all(0.7 * sigma < found < 1.1 * sigma for found in noise_of(noisy(sigma)))


def test_noise_is_not_raised_by_what_the_part_shows() -> None:
    """Edges and a rough surface in half of the picture."""
    frame = noisy(2.0)
    frame[100:400, :320] = np.random.default_rng(4).integers(0, 256, (300, 320), np.uint8)
    frame[:, ::160] = 255
    assert noise_of(frame).whole < 2.3


@pytest.mark.parametrize("rows", [slice(None), slice(0, 40), slice(450, None)])
@pytest.mark.parametrize("level", [0, 255])
def test_noise_of_a_band_that_is_clipped_is_none(rows: slice, level: int) -> None:
    """The topmost and the lowest are compared by themselves."""
    frame = noisy(2.0)
    frame[rows] = level
    assert noise_of(frame).band == 0
    assert (noise_of(frame).whole == 0) is (rows == slice(None))


def test_noise_of_a_picture_that_is_clipped_in_part_counts_for_what_is_left() -> None:
    """Half of the pixels differ by nothing."""
    frame = noisy(2.0)
    frame[:, :320] = 255
    assert noise_of(frame).whole == pytest.approx(noise_of(noisy(2.0)).whole / 2, rel=0.1)


def test_noise_of_some_pictures_is_what_each_of_them_has() -> None:
    """The least of the whole, and the least of the bands."""
    assert least([Noise(2.0, 1.0), Noise(1.5, 1.2)]) == Noise(1.5, 1.0)
