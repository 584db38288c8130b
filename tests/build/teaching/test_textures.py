"""Pictures drawn by chance."""

from __future__ import annotations

import numpy as np

from gonogo.build.teaching.textures import textures


def test_textures_are_the_same_ones_each_time() -> None:
    """INT8 ranges follow from them: an engine made twice is the same engine."""
    first, again = textures(3, 64), textures(3, 64)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])


def test_textures_reach_from_dark_to_light_and_have_fine_and_coarse_structure() -> None:
    """Every grey value is there, neighbours differ, and so do halves of a picture."""
    pictures = np.array(textures(24, 64), np.float64)
    assert pictures.min() == 0
    assert pictures.max() == 255
    fine = np.abs(np.diff(pictures, axis=2)).mean(axis=(1, 2, 3))
    coarse = pictures.reshape(24, 2, 32, 2, 32, 3).mean(axis=(2, 4)).std(axis=(1, 2)).mean(axis=1)
    assert fine.min() > 1
    assert np.median(coarse) > 3
