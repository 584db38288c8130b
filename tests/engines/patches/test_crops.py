"""Pieces of pictures: where they are cut, and how many bytes they may have."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gonogo.engines.bundles.patch_bank import CROP_MAX_BYTES
from gonogo.engines.patches.crops import CROP_PX, corner_of, crop, crop_side, small_jpeg


@pytest.mark.parametrize("cell", [(0, 0), (31, 31), (16, 3)])
def test_crop_lies_in_the_picture_and_holds_its_cell(cell: tuple[int, int]) -> None:
    """Also at a corner."""
    top, left = corner_of(cell, (32, 32), (256, 256), CROP_PX)
    for corner, at in zip((top, left), cell, strict=True):
        assert 0 <= corner <= 256 - CROP_PX
        assert corner <= at * 8
        assert (at + 1) * 8 <= corner + CROP_PX
    frame = np.arange(256, dtype=np.uint8)[None].repeat(256, axis=0)
    assert crop(frame, cell, (32, 32), CROP_PX)[0, 0] == left


def test_crop_of_a_small_model_is_all_of_it() -> None:
    """There is no more to show."""
    assert crop_side((48, 32)) == 32


def test_small_jpeg_is_as_small_as_it_must_be() -> None:
    """Noise is the worst there is for it; what is even stays as good as it may be."""
    noise = np.random.default_rng(3).integers(0, 256, (CROP_PX, CROP_PX, 3), np.uint8)
    data = small_jpeg(noise)
    assert len(data) <= CROP_MAX_BYTES
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    even = small_jpeg(np.full((CROP_PX, CROP_PX, 3), 90, np.uint8))
    assert len(even) < len(data)
