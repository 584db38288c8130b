"""Frames and maps as files: read back by OpenCV, and by Pillow where it is installed."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.records.pictures.encode import encoded, scaled
from gonogo.tests.records.pictures.made import images_in

if TYPE_CHECKING:
    from collections.abc import Callable

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def by_pillow(data: bytes) -> Pixels:
    """As Pillow reads it, its colours turned round to blue, green, red."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    return np.asarray(image.open(io.BytesIO(data)))[..., ::-1]


def read(data: bytes) -> Pixels:
    """As OpenCV reads it: grey, or blue, green, red."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(found, np.uint8)


@pytest.mark.parametrize("reader", [read, by_pillow])
def test_png_holds_every_pixel_in_the_order_of_its_colours(
    reader: Callable[[bytes], Pixels],
) -> None:
    """Blue, green, red of the line are red, green, blue of the file."""
    pixels = np.random.default_rng(1).integers(0, 256, (7, 9, 3), np.uint8)
    assert (reader(encoded(pixels, images_in(Path("p")))) == pixels).all()


def test_png_of_a_grey_frame_has_one_channel() -> None:
    """A third of the bytes."""
    pixels = np.random.default_rng(1).integers(0, 256, (7, 9), np.uint8)
    found = read(encoded(pixels, images_in(Path("p"))))
    assert found.shape == (7, 9)
    assert (found == pixels).all()


def test_jpeg_is_one_and_smaller_the_lower_its_quality() -> None:
    """As the station file says."""
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    sizes = [
        len(encoded(pixels, images_in(Path("p"), format="jpeg", quality=quality)))
        for quality in (10, 50, 95)
    ]
    assert sizes == sorted(set(sizes))
    assert encoded(pixels, images_in(Path("p"), format="jpeg"))[:3] == b"\xff\xd8\xff"


def test_map_is_found_again_from_its_grey_levels_and_scale() -> None:
    """To half a level of 255."""
    values = np.random.default_rng(1).normal(0.3, 0.1, (8, 8)).astype(np.float32)
    drawn = scaled(values)
    assert drawn is not None
    again = drawn.low + read(drawn.data) / 255 * (drawn.high - drawn.low)
    assert np.abs(again - values).max() <= (drawn.high - drawn.low) / 255 / 2 + 1e-6


def test_map_shows_what_is_no_number_as_the_highest() -> None:
    """It does not spoil the scale of the others; without any number there is no map."""
    drawn = scaled(np.array([[math.nan, 1.0], [3.0, math.inf]], np.float32))
    assert drawn is not None
    assert (drawn.low, drawn.high) == (1.0, 3.0)
    assert read(drawn.data).tolist() == [[255, 0], [255, 255]]
    assert scaled(np.full((2, 2), math.nan, np.float32)) is None
    flat = scaled(np.full((2, 2), 5.0, np.float32))
    assert flat is not None
    assert (flat.low, flat.high, read(flat.data).max()) == (5.0, 5.0, 0)
