"""What the camera sends becomes what the line reads: each Bayer order, each depth."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.formats import SOURCES
from gonogo.drivers.cameras.pixels import converter, shifted
from gonogo.testing.memory import growth_of
from gonogo.tests.drivers.cameras.aravis.fake import MEASURED
from gonogo.tests.drivers.cameras.basler.emulator import needs_pylon

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


def bits_of(name: str, values: np.ndarray) -> np.ndarray:
    """The bytes of these values, one bit after the other, as the standards draw them."""
    bits = BY_NAME[name].bits
    if name.endswith("Packed"):  # GigE Vision: byte 1 has the low bits of both, from bit 0 and 4 on
        low = bits - 8
        raw = [
            (a >> low, (a & (1 << low) - 1) | (b & (1 << low) - 1) << 4, b >> low)
            for a, b in values.reshape(-1, 2).tolist()
        ]
        return np.array(raw, np.uint8).reshape(-1)
    # PFNC: all bits in a row, the lowest one of the first value first
    row = [value >> k & 1 for value in values.reshape(-1).tolist() for k in range(bits)]
    return np.packbits(np.array(row, np.uint8), bitorder="little")


PACKED = [name for name in BY_NAME if BY_NAME[name].packed]
PACKED_GREY = [name for name in PACKED if name.startswith("Mono")]


@pytest.mark.parametrize("name", PACKED_GREY)
def test_packed_grey_keeps_the_upper_eight_bits_of_each_value(name: str) -> None:
    """Of noise: every bit of every place is set and not set."""
    source, shape = BY_NAME[name], FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    values = np.random.default_rng(7).integers(0, 1 << source.bits, shape.shape[:2])
    raw = bits_of(name, values)
    assert raw.nbytes == source.size_bytes(shape)
    out = np.full(shape.shape, 99, np.uint8)
    convert = converter(source, shape, "")
    assert convert is not None
    for _ in range(2):  # what is kept between two frames does not show
        convert(raw, out)
        np.testing.assert_array_equal(out, values >> source.bits - 8)


def by_pylon(name: str, raw: np.ndarray) -> np.ndarray:
    """The same by the library of a maker of cameras."""
    from pypylon import pylon  # noqa: PLC0415 - an extra

    image, converts = pylon.PylonImage(), pylon.ImageFormatConverter()
    image.AttachMemoryView(raw.data, BY_NAME[name].code, WIDTH_PX, HEIGHT_PX, 0)
    grey = name.startswith("Mono")
    converts.OutputPixelFormat = pylon.PixelType_Mono8 if grey else pylon.PixelType_BGR8packed
    return np.asarray(converts.Convert(image).GetArray())


@needs_pylon
@pytest.mark.parametrize("name", PACKED_GREY)
def test_packed_grey_is_what_another_library_makes_of_it(name: str) -> None:
    """Of the same bytes, to the bit."""
    shape = FrameShape(HEIGHT_PX, WIDTH_PX, 1)
    raw = np.random.default_rng(8).integers(0, 256, BY_NAME[name].size_bytes(shape), np.uint8)
    out = np.zeros(shape.shape, np.uint8)
    convert = converter(BY_NAME[name], shape, "")
    assert convert is not None
    convert(raw, out)
    np.testing.assert_array_equal(out, by_pylon(name, raw))


@needs_pylon
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    # pylon knows of no Bayer that GigE Vision packs to 10 bits
    "name",
    [name for name in PACKED if BY_NAME[name].bayer and not name.endswith("10Packed")],
)
def test_packed_bayer_has_the_colour_that_another_library_makes_of_it(
    name: str, colour: str
) -> None:
    """An even one: how they go from pixel to pixel differs."""
    source, shape = BY_NAME[name], FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    values = mosaic(source.bayer, COLOURS[colour], 0, 0).astype(np.uint16) << source.bits - 8
    raw, out = bits_of(name, values), np.zeros(shape.shape, np.uint8)
    convert = converter(source, shape, source.bayer)
    assert convert is not None
    convert(raw, out)
    np.testing.assert_array_equal(out[2:-2, 2:-2], by_pylon(name, raw)[2:-2, 2:-2])
    assert (out[2:-2, 2:-2] == COLOURS[colour]).all()


@pytest.mark.parametrize("name", [name for name in BY_NAME if BY_NAME[name].bayer])
def test_bayer_of_more_bits_shows_what_eight_bits_show(name: str) -> None:
    """Of the same picture, to the bit; each pattern and each packing."""
    source, shape = BY_NAME[name], FrameShape(HEIGHT_PX, WIDTH_PX, 3)
    mosaic8 = np.random.default_rng(9).integers(0, 255, shape.shape[:2], np.uint8)
    values = mosaic8.astype(np.uint16) << source.bits - 8
    shown = []
    plain = mosaic8.reshape(-1)
    sent = bits_of(name, values) if source.packed else values.astype("<u2").view(np.uint8)
    for each, raw in (
        (source, plain if source.bits == 8 else sent.reshape(-1)),
        (BY_NAME[f"Bayer{source.bayer}8"], plain),
    ):
        convert = converter(each, shape, each.bayer)
        assert convert is not None
        shown.append(np.zeros(shape.shape, np.uint8))
        convert(raw, shown[-1])
    np.testing.assert_array_equal(shown[0], shown[1])


@pytest.mark.parametrize("name", PACKED)
def test_packed_frame_is_unpacked_without_memory_of_its_size(name: str) -> None:
    """In the grab nothing is allocated that grows with the frame: a few views alone."""
    source = BY_NAME[name]
    shape = FrameShape(480, 640, 3 if source.bayer else 1)
    raw, out = np.zeros(source.size_bytes(shape), np.uint8), np.zeros(shape.shape, np.uint8)
    convert = converter(source, shape, source.bayer)
    assert convert is not None
    assert growth_of(lambda: convert(raw, out), runs=1).peak_bytes < 640 * 480 // 8
