"""What the camera sends becomes what the line reads: each Bayer order, each depth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.pixels import SOURCES, Source, converter, shifted
from gonogo.tests.drivers.cameras.aravis.fake import MEASURED

WIDTH_PX, HEIGHT_PX = 24, 16
BY_NAME = {source.name: source for sources in SOURCES.values() for source in sources}
COLOURS = {"blue": (200, 10, 20), "green": (10, 200, 20), "red": (10, 20, 200)}


def mosaic(bayer: str, colour: tuple[int, int, int], left: int, top: int) -> np.ndarray:
    """What a sensor of that pattern sees of an even colour (blue, green, red), from there on."""
    sensor = np.zeros((HEIGHT_PX + 2, WIDTH_PX + 2), np.uint8)
    for (y, x), channel in MEASURED[bayer].items():
        sensor[y::2, x::2] = colour[channel]
    return np.ascontiguousarray(sensor[top : top + HEIGHT_PX, left : left + WIDTH_PX])


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("bayer", MEASURED)
@pytest.mark.parametrize(("left", "top"), list(itertools.product((0, 1), (0, 1))))
def test_bayer_of_a_part_keeps_its_colour(bayer: str, colour: str, left: int, top: int) -> None:
    """A red part is red in each of the four patterns, at even and odd offsets."""
    source, shape = BY_NAME[f"Bayer{bayer}8"], FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    raw = mosaic(bayer, COLOURS[colour], left, top).reshape(-1)
    out = np.zeros(shape.shape, np.uint8)
    convert = converter(source, shape, shifted(bayer, left, top))
    assert convert is not None
    convert(raw, out)
    assert (out[2:-2, 2:-2] == COLOURS[colour]).all()


def test_shift_of_a_pattern_twice_is_none() -> None:
    """Two pixels on, the pattern begins again."""
    for bayer, x, y in itertools.product(MEASURED, (0, 1, 2, 5), (0, 1, 2, 5)):
        assert shifted(bayer, x + 2, y + 4) == shifted(bayer, x, y)
        assert shifted(shifted(bayer, x, y), x, y) == bayer


@pytest.mark.parametrize(("name", "bits"), [("Mono10", 10), ("Mono12", 12), ("Mono16", 16)])
def test_grey_of_more_bits_keeps_its_upper_eight(name: str, bits: int) -> None:
    """Within one step: what is white stays white."""
    shape = FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    values = np.linspace(0, (1 << bits) - 1, HEIGHT_PX * WIDTH_PX).astype("<u2")
    out = np.zeros(shape.shape, np.uint8)
    convert = converter(BY_NAME[name], shape, "")
    assert convert is not None
    convert(values.view(np.uint8), out)
    exact = values.astype(float) / (1 << (bits - 8))
    assert np.abs(out.reshape(-1) - exact).max() < 1
    assert (out.flat[0], out.flat[-1]) == (0, 255)


def test_red_green_blue_becomes_blue_green_red() -> None:
    """All of it, into the slot that was given."""
    shape = FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    raw = np.random.default_rng(5).integers(0, 255, shape.shape, np.uint8)
    out = np.zeros(shape.shape, np.uint8)
    convert = converter(BY_NAME["RGB8"], shape, "")
    assert convert is not None
    convert(raw.reshape(-1), out)
    np.testing.assert_array_equal(out, raw[..., ::-1])


@pytest.mark.parametrize("name", ["Mono8", "BGR8"])
def test_the_lines_own_formats_need_no_conversion(name: str) -> None:
    """They go straight into the slot."""
    channels = 1 if name == "Mono8" else 3
    assert converter(BY_NAME[name], FrameShape(8, 8, channels), "") is None


def test_sources_say_their_bytes() -> None:
    """A frame is held against them; the code's middle byte is the bits of a pixel (PFNC)."""
    for source in BY_NAME.values():
        assert source.code >> 16 & 0xFF == 8 * source.pixel_bytes
        assert source.size_bytes(FrameShape(3, 5, 1)) == 15 * source.pixel_bytes
    assert Source("BayerGB8", 0, 1).bayer == "GB"
