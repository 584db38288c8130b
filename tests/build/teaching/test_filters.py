"""The fixed filter bank and its graph."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.teaching.eyes import Eyes
from gonogo.build.teaching.filters import (
    PEAK,
    PEAKS,
    even_gains,
    filter_bank,
    filters_model,
    level,
)
from gonogo.tests.build.parts import good_part


def _features(frame: np.ndarray) -> np.ndarray:
    # as it always was here: red first
    return Eyes(filters_model(even_gains())).see(frame[:, :, ::-1])


def test_filter_bank_comes_in_pairs_without_a_mean() -> None:
    """Edges and lines do not answer to brightness, and each has its opposite."""
    bank = filter_bank()
    assert bank.shape == (27, 3, 7, 7)
    assert bank[0:18:2] == pytest.approx(-bank[1:18:2])
    assert np.abs(bank[:18].sum(axis=(2, 3))).max() < 1e-5


def test_features_of_a_flat_image_are_flat() -> None:
    """Without structure only brightness and colour answer, alike at every inner place."""
    inner = _features(np.full((256, 256, 3), 120, np.uint8))[:, 4:-4, 4:-4]
    assert inner.shape == (81, 24, 24)
    assert np.ptp(inner, axis=(1, 2)).max() < 1e-2


def test_features_answer_where_the_structure_is() -> None:
    """A small spot changes the answers around it and nowhere else."""
    frame = np.full((256, 256, 3), 120, np.uint8)
    plain = _features(frame)
    frame[60:68, 180:188] = 250
    changed = np.abs(_features(frame) - plain).max(axis=0) > 0.05
    rows, columns = np.nonzero(changed)
    assert changed[7, 22]
    assert rows.min() >= 2
    assert rows.max() <= 13
    assert columns.min() >= 17
    assert columns.max() <= 28


def test_features_tell_directions_apart() -> None:
    """Stripes one way and the other way are as different as can be."""
    stripes = np.full((256, 256, 3), 90, np.uint8)
    stripes[::4] = 170
    upright = np.ascontiguousarray(stripes.transpose(1, 0, 2))
    one, other = _features(stripes)[:18], _features(upright)[:18]
    assert np.abs(one - other).max() > 3


def test_level_brings_every_filter_that_answers_to_one_peak() -> None:
    """The strongest answer of each is about the same, of those that are more than noise."""
    frames = [good_part(k, 256) for k in range(4)]
    gains = level(frames)
    peaks = np.array([Eyes(filters_model(gains)).see(frame, PEAKS) for frame in frames])
    heard = gains.reshape(-1) < PEAK / 2.01
    assert heard.sum() > 40
    assert np.quantile(peaks, 0.9, axis=0)[heard] == pytest.approx(PEAK, rel=0.02)
