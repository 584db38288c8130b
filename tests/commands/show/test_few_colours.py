"""Pictures of few colours, read back by OpenCV's own reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.commands.show.few_colours import COLOURS, NEAR, few_colours, repacked

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shown(png: bytes) -> NDArray[np.uint8]:
    """As others read it."""
    found = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)


@pytest.mark.parametrize("many", [1, 2, COLOURS])
def test_picture_of_so_few_colours_is_the_same_to_the_bit(many: int) -> None:
    """Whatever these are, and however near to each other."""
    rng = np.random.default_rng(many)
    colours = np.stack([np.arange(many), 40 + np.arange(many) // 2, np.full(many, 7)], axis=1)
    pixels = colours[rng.integers(0, many, (30, 41))].astype(np.uint8)
    assert (shown(few_colours(pixels)) == pixels).all()


def test_picture_of_many_colours_keeps_those_that_cover_most_and_comes_near_the_others() -> None:
    """Letters on a plain ground stay as they are beside a photograph with grain."""
    rng = np.random.default_rng(3)
    ramp = np.linspace(20, 220, 200)[None, :, None] + rng.normal(0, 3, (120, 200, 3))
    pixels = np.full((240, 200, 3), (214, 214, 214), np.uint8)
    pixels[:120] = np.clip(ramp, 0, 255)
    pixels[150:200, ::3] = (26, 26, 26)
    found = shown(few_colours(pixels))
    # what has a plain pixel to its left may take after it, where it is that near
    assert np.abs(found[120:].astype(int) - pixels[120:]).max() <= NEAR
    assert (found[120:] == pixels[120:]).all(axis=2).mean() > 0.9
    assert np.abs(found[:120].astype(int) - pixels[:120]).max() <= 4 * NEAR
    assert len(np.unique(found.reshape(-1, 3), axis=0)) <= COLOURS


def test_same_picture_is_the_same_bytes_and_less_than_half_of_a_plain_png() -> None:
    """So that git holds one of each."""
    rng = np.random.default_rng(4)
    pixels = np.clip(rng.normal(120, 4, (200, 300, 3)), 0, 255).astype(np.uint8)
    made = few_colours(pixels)
    assert made == few_colours(pixels)
    assert len(made) < len(cv2.imencode(".png", pixels)[1].tobytes()) / 2


def test_picture_file_is_packed_anew_and_what_is_none_is_refused() -> None:
    """With the same colours."""
    pixels = np.full((40, 50, 3), (9, 120, 200), np.uint8)
    assert (shown(repacked(cv2.imencode(".png", pixels)[1].tobytes())) == pixels).all()
    with pytest.raises(ValueError, match="expected a picture"):
        repacked(b"no picture")
