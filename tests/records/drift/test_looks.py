"""What is measured of a frame moves with what became of light, lens, glass and sensor."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gonogo.records.drift.looks import GRID, TILE_PX, TILES, looks_of, tiles

Frame = NDArray[np.uint8]


def plate(side_px: int = 96, noise: float = 2.0) -> Frame:
    """A bright plate on a dark belt, with noise, uint8 (side_px, side_px, 3)."""
    rng = np.random.default_rng(6)
    found = np.full((side_px, side_px, 3), 60, np.uint8)
    edge = side_px // 5
    cv2.rectangle(found, (edge, edge), (4 * edge, 4 * edge), (150, 160, 170), cv2.FILLED)
    return np.clip(np.rint(found + rng.normal(0, noise, found.shape)), 0, 255).astype(np.uint8)


def test_looks_less_light_moves_brightness_alone() -> None:
    """Sharpness is a share of each edge's own rise; the noise here is dimmed with the rest."""
    plain = looks_of(plate()).looks
    dark = looks_of(np.asarray(np.rint(plate() * 0.9), np.uint8)).looks
    assert dark.brightness == pytest.approx(0.9 * plain.brightness, rel=0.02)
    assert dark.sharpness == pytest.approx(plain.sharpness, rel=0.05)
    assert dark.noise == pytest.approx(0.9 * plain.noise, rel=0.1)


def test_looks_a_blur_moves_sharpness() -> None:
    """An edge that takes five pixels instead of one."""
    blurred = np.asarray(cv2.GaussianBlur(plate(), (0, 0), 1.5), np.uint8)
    assert looks_of(plate()).looks.sharpness > 96
    assert looks_of(blurred).looks.sharpness < 85


@pytest.mark.parametrize("sigma", [2.0, 4.0, 8.0])
def test_looks_noise_is_that_of_the_sensor(sigma: float) -> None:
    """As a standard deviation in grey levels, edges or not; of the calmest tenth, so less."""
    assert 0.75 < looks_of(plate(noise=sigma)).looks.noise / sigma < 1


def test_looks_a_speck_moves_its_own_place() -> None:
    """And no other one, nor does a dimmer lamp move any."""
    rows, columns = np.mgrid[0:96, 0:96]
    speck = np.exp(-((columns - 45) ** 2 + (rows - 45) ** 2) / (2 * 2.5**2))
    dusty = np.asarray(plate() * (1 - 0.25 * speck[:, :, None]), np.uint8)
    off = np.abs(looks_of(dusty).places - looks_of(plate()).places).reshape(GRID, GRID)
    assert np.unravel_index(off.argmax(), off.shape) == (7, 7)
    assert off[:5].max() < off.max() / 8
    dim = looks_of(np.asarray(plate() * 0.9, np.uint8)).places
    assert np.abs(dim - looks_of(plate()).places).max() < 0.02


def test_looks_of_a_large_frame_are_those_of_its_own_pixels() -> None:
    """Some tiles as they are: a smaller picture would have less noise and other edges."""
    large = plate(1000)
    near = tiles(large)
    assert near.shape == (TILES * TILES, TILE_PX, TILE_PX)
    assert (near[0] == large[:TILE_PX, :TILE_PX, 1]).all()
    assert (near[-1] == large[-TILE_PX:, -TILE_PX:, 1]).all()
    assert 1.5 < looks_of(large).looks.noise < 2


@pytest.mark.parametrize("shape", [(1, 1), (4, 4, 3), (1, 500), (96, 97), (191, 300, 3)])
def test_looks_of_odd_sizes_are_none_or_numbers(shape: tuple[int, ...]) -> None:
    """Also of what has no edge, and of a black one: no place is brighter than another."""
    for level in (0, 128, 255):
        found = looks_of(np.full(shape, level, np.uint8))
        assert found.looks.brightness == level
        assert np.isnan(found.looks.sharpness)
        assert np.isfinite(found.places).all()
        assert found.places.shape == (GRID * GRID,)
