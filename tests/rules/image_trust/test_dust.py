"""Dust is darker than its surroundings by more than any run of good pictures was."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.alike import ALIKE
from gonogo.rules.image_trust.dust import (
    CALM,
    LEAST,
    MOST_CELLS,
    ROOM,
    Clean,
    Light,
    cell_px,
    cells_of,
    clean_of,
    dusty,
)

SIZE = FrameShape(163, 241, 1)  # not a whole number of cells
CELLS = 40, 60
LARGE = FrameShape(3648, 5472, 3)


def contrast_of(*frames: np.ndarray) -> np.ndarray:
    """Of all of them."""
    light = Light(SIZE)
    for frame in frames:
        light.add(frame)
    return light.mean


def patch(level: int, ground: int = 120) -> np.ndarray:
    """A square of 20 px of another level."""
    frame = np.full(SIZE.shape, ground, np.uint8)
    frame[80:100, 120:140] = level
    return frame


def test_cells_are_few_of_any_frame() -> None:
    """4 px and more; what is kept is bounded."""
    assert (cell_px(SIZE), cells_of(SIZE)) == (4, CELLS)
    rows, columns = cells_of(LARGE)
    assert MOST_CELLS // 2 < rows * columns <= MOST_CELLS
    assert cell_px(LARGE) * rows <= LARGE.height_px


@pytest.mark.parametrize("ground", [60, 120, 240])
def test_contrast_is_of_the_factor_and_not_of_the_level(ground: int) -> None:
    """30 % less light are alike on dark ground and on bright ground, but for what is added."""
    seen = contrast_of(patch(round(0.7 * ground), ground))
    # all but what the place itself takes from the mean of its surroundings
    assert seen[22, 32] == pytest.approx(np.log((0.7 * ground + 16) / (ground + 16)), abs=0.03)
    assert abs(seen[2, 2]) < 0.01


def test_contrast_is_of_the_green_channel_and_of_the_mean_of_all_frames() -> None:
    """Two frames, one with the square, have half of it."""
    colour = np.zeros((*SIZE.shape, 3), np.uint8)
    colour[:, :, 1] = patch(60)
    light = Light(FrameShape(163, 241, 3))
    light.add(colour)
    whole = contrast_of(patch(60))
    np.testing.assert_allclose(light.mean, whole, atol=1e-5)
    np.testing.assert_allclose(contrast_of(patch(60), patch(120)), whole / 2, atol=1e-5)
    light.clear()
    assert light.frames == 0
    assert not light.mean.any()
    assert not light.spread.any()


def test_spread_is_of_a_place_and_what_is_close() -> None:
    """Half of the difference of two frames, thinned by neighbours that did not change as much."""
    light = Light(SIZE)
    for frame in (patch(60), patch(120)):
        light.add(frame)
    half = abs(contrast_of(patch(60))) / 2
    assert 0.7 * half[22, 32] < light.spread[22, 32] < half[22, 32]
    assert light.spread[2, 2] < 0.01
    light.clear()
    light.add(patch(60))
    assert light.spread.max() < 1e-3


def test_limit_is_far_beyond_what_the_worst_run_of_good_ones_took() -> None:
    """Of a quarter of them, beside which its neighbours have it; never less than the floor."""
    runs = np.zeros((8, *CELLS), np.float32)
    runs[2:4, 10, 20] = 0.4
    mean, limit, spread = clean_of(list(runs))
    assert mean[10, 20] == pytest.approx(0.1)
    assert limit[9:12, 19:22] == pytest.approx(ROOM * 0.4)
    assert limit[8, 20] == pytest.approx(LEAST)
    assert spread[10, 20] == pytest.approx(runs[:, 10, 20].std() / 5, rel=1e-3)


class Shown(Light):
    """A light of a mean and a spread that a test names."""

    mean: np.ndarray = np.zeros(CELLS, np.float32)
    spread: np.ndarray = np.zeros(CELLS, np.float32)


def test_dust_lies_below_the_limit_of_its_place() -> None:
    """What is brighter is none; half of the way to the limit it is not well."""
    flat = np.ones(CELLS, np.float32)
    clean = Clean(0.1 * flat, 0.2 * flat, 0 * flat)
    shown = Shown(SIZE)
    shown.mean = clean.mean.copy()
    shown.mean[3, 4], shown.mean[5, 6], shown.mean[7, 8] = -0.11, -0.01, 0.9
    dark, not_well = dusty(shown, clean)
    assert np.argwhere(dark).tolist() == [[3, 4]]
    assert np.argwhere(not_well).tolist() == [[3, 4], [5, 6]]


def test_dust_is_told_of_where_parts_differ_as_the_good_ones_did() -> None:
    """Where they are alike it is not sure, unless there never was a part."""
    flat = np.ones(CELLS, np.float32)
    clean = Clean(0 * flat, 0.2 * flat, 0.3 * flat)
    clean.spread[:, 30:] = CALM * 0.9
    shown = Shown(SIZE)
    shown.mean = -0.3 * flat
    for share, told in ((1.01 * ALIKE, True), (0.99 * ALIKE, False)):
        shown.mean, shown.spread = -0.3 * flat, share * 0.3 * flat
        dark, not_well = dusty(shown, clean)
        assert (dark[:, :30] == told).all()
        assert dark[:, 30:].all()
        assert not_well.all()
        shown.mean = 0 * flat
        assert (dusty(shown, clean)[1][:, :30] == (not told)).all()
