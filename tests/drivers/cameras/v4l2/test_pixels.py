"""What a camera sends, as the line reads it."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.v4l2.pixels import SOURCES, Source, converter

RNG = np.random.default_rng(5)
HEIGHT_PX, WIDTH_PX = 6, 10


def source_of(pixel_format: str, name: str) -> Source:
    """One of the table."""
    return next(each for each in SOURCES[pixel_format] if each.name == name)


def padded(rows: np.ndarray, padding_bytes: int) -> np.ndarray:
    """The same rows in one piece, with what means nothing between them."""
    flat = rows.reshape(len(rows), -1)
    filler = RNG.integers(0, 255, (len(rows), padding_bytes), np.uint8)
    return np.concatenate([flat, filler], axis=1).reshape(-1)


@pytest.mark.parametrize("padding_bytes", [0, 4, 13])
@pytest.mark.parametrize(("pixel_format", "name"), [
    ("mono8", "GREY"), ("bgr8", "BGR24"), ("bgr8", "RGB24"),
])  # fmt: skip
def test_pixels_are_where_they_belong(pixel_format: str, name: str, padding_bytes: int) -> None:
    """Whatever lies behind a row, and behind the last one."""
    source = source_of(pixel_format, name)
    shape = FrameShape(HEIGHT_PX, WIDTH_PX, source.pixel_bytes)
    sent = RNG.integers(0, 255, shape.shape, np.uint8)
    row_bytes = WIDTH_PX * source.pixel_bytes + padding_bytes
    out = np.zeros(shape.shape, np.uint8)
    raw = np.concatenate([padded(sent, padding_bytes), np.full(100, 9, np.uint8)])
    converter(source, shape, row_bytes)(raw, out)
    np.testing.assert_array_equal(out, sent[..., ::-1] if name == "RGB24" else sent)


# ITU-R BT.601, narrow range: Y, Cb, Cr of white, black, red, green, blue
COLOURS = [
    ((235, 128, 128), (255, 255, 255)),
    ((16, 128, 128), (0, 0, 0)),
    ((81, 90, 240), (0, 0, 255)),
    ((145, 54, 34), (0, 255, 0)),
    ((41, 240, 110), (255, 0, 0)),
]


@pytest.mark.parametrize("padding_bytes", [0, 8])
@pytest.mark.parametrize(("ycc", "bgr"), COLOURS)
def test_yuyv_becomes_the_colour_that_the_standard_names(
    ycc: tuple[int, int, int], bgr: tuple[int, int, int], padding_bytes: int
) -> None:
    """To a grey level or two, which is how it is rounded; and grey is its brightness."""
    sent = np.empty((HEIGHT_PX, WIDTH_PX, 2), np.uint8)
    sent[..., 0] = ycc[0]
    sent[:, 0::2, 1], sent[:, 1::2, 1] = ycc[1], ycc[2]
    raw = padded(sent, padding_bytes)
    row_bytes = 2 * WIDTH_PX + padding_bytes
    colour = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    shape = FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    converter(source_of("bgr8", "YUYV"), shape, row_bytes)(raw, colour)
    assert np.abs(colour.astype(int) - bgr).max() <= 2
    grey = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    converter(source_of("mono8", "YUYV"), shape._replace(channels=1), row_bytes)(raw, grey)
    assert (grey == ycc[0]).all()
