"""The bank of good patches."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.teaching.bank import (
    PATCHES,
    POSITION,
    k_centre,
    learn_bank,
    placed,
    positions,
)
from gonogo.build.teaching.whitening import DEPTH, Rule

RULE = Rule(alike=True, floor=0.5)


def _features(seed: int, images: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(images, 80, 16, 16)).astype(np.float32)


def test_k_centre_takes_the_furthest_each_time() -> None:
    """As by the definition, over all pairs; more rows than one chunk."""
    rows = np.random.default_rng(1).normal(size=(5000, 4)).astype(np.float32)
    found = k_centre(rows, 6)
    expected = [0]
    for _ in range(5):
        apart = np.linalg.norm(rows[:, None] - rows[expected][None], axis=2).min(axis=1)
        expected.append(int(apart.argmax()))
    assert found.tolist() == expected


def test_k_centre_of_fewer_rows_takes_them_all() -> None:
    """A few small images are no reason to fail."""
    rows = np.random.default_rng(1).normal(size=(7, 4)).astype(np.float32)
    assert sorted(k_centre(rows, 20).tolist()) == list(range(7))


def test_distances_are_those_to_the_nearest_patch() -> None:
    """As by the definition: root mean square of the difference, over the whitened channels."""
    bank = learn_bank(_features(1), RULE)
    image = _features(2, 1)
    white = bank.whitening.of(image.reshape(80, -1).T)
    rows = placed(white, np.arange(256), 16).astype(np.float64)
    apart = ((rows[:, None] - bank.patches[None].astype(np.float64)) ** 2).sum(axis=2).min(axis=1)
    expected = np.sqrt(apart / DEPTH).reshape(16, 16)
    assert bank.distances(image)[0] == pytest.approx(expected, abs=1e-3)


def test_bank_holds_what_it_was_made_from_and_nothing_else() -> None:
    """Fewer rows than patches: every one is in it, and none is far; a fresh image is."""
    known = _features(1)
    bank = learn_bank(known, RULE)
    assert len(bank.patches) == min(PATCHES, 3 * 256)
    assert bank.distances(known).max() < 0.05
    assert bank.distances(_features(9, 1)).min() > 0.2


def test_bank_knows_where_a_patch_was() -> None:
    """The same surface at another place is far from it."""
    image = np.zeros((2, 80, 16, 16), np.float32)
    image[:] = np.random.default_rng(4).normal(size=(2, 80, 16, 1))  # alike along each row
    bank = learn_bank(image, RULE)
    moved = np.roll(image, 8, axis=2)
    assert bank.distances(image).max() < 0.05
    assert np.median(bank.distances(moved)) > 0.5


def test_bank_is_the_same_each_time() -> None:
    """To the bit: nothing is left to chance that is not seeded."""
    one, other = learn_bank(_features(1), RULE), learn_bank(_features(1), RULE)
    assert np.array_equal(one.patches, other.patches)


def test_positions_count_six_spreads_of_all_channels() -> None:
    """From the first row to one beyond the last, whatever the grid."""
    for grid in (16, 32):
        rows, columns = positions(grid)
        assert rows[-1, 0] == pytest.approx(POSITION * (grid - 1) / grid)
        assert np.array_equal(rows, columns.T)
    assert pytest.approx(48.0) == POSITION
