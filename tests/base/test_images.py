"""Image files: good ones come out as asked for, each kind of bad one has its message."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CameraError, ImageFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import list_images, read_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLOUR = FrameShape(24, 40, 3)
GREY = FrameShape(24, 40, 1)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def picture(channels: int = 3, dtype: type = np.uint8) -> NDArray[np.uint8]:
    """24x40 px of noise."""
    shape = (24, 40) if channels == 1 else (24, 40, channels)
    values = np.random.default_rng(5).integers(0, np.iinfo(dtype).max, shape)
    made: NDArray[np.uint8] = values.astype(dtype)
    return made


def png_of_size(width_px: int, height_px: int) -> bytes:
    """A PNG with correct checksums that claims a size and holds no pixels."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg_with_components(components: int) -> bytes:
    """A JPEG of 40x24 px that ends properly after its frame header."""
    frame = struct.pack(">BHHB", 8, 24, 40, components) + bytes(3 * components)
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + b"\xff\xd9"


def encoded(ending: str, image: NDArray[np.uint8]) -> bytes:
    """The image as the bytes of a file."""
    return cv2.imencode(ending, image)[1].tobytes()


BAD_FILES = {
    "empty": (b"", "is empty"),
    "text": (b"not an image", "is no PNG, JPEG, BMP or TIFF"),
    "cut_png": (encoded(".png", picture())[:-300], "cut off"),
    "cut_jpeg": (encoded(".jpg", picture())[:-300], "cut off"),
    "cut_bmp": (encoded(".bmp", picture())[:-300], "cut off"),
    "cut_tiff": (encoded(".tif", picture())[:-300], "cut off"),
    "wrong_size": (encoded(".png", picture()[:20]), "expected 40x24 px, got 40x20 px"),
    "16_bit_png": (encoded(".png", picture(dtype=np.uint16)), "16 bits a channel, expected 8"),
    "16_bit_tiff": (encoded(".tif", picture(dtype=np.uint16)), "16 bits a channel, expected 8"),
    "cmyk_jpeg": (jpeg_with_components(4), "CMYK JPEG"),
    "transparent": (encoded(".png", picture(channels=4)), "transparent pixels"),
    "bomb": (png_of_size(60_000, 60_000), "at most 64 megapixels"),
    "no_pixels": (png_of_size(40, 24), "cannot be decoded"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_read_image_refuses_a_bad_file_with_its_name(kind: str, tmp_path: Path) -> None:
    """Each bad file is refused in words that name the file and the cause."""
    data, message = BAD_FILES[kind]
    path = tmp_path / f"{kind}.png"
    path.write_bytes(data)
    with pytest.raises(ImageFileError, match=message) as caught:
        read_image(path, COLOUR, "exact")
    assert str(path) in str(caught.value)


def test_read_image_refuses_what_is_not_a_file(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe are refused without waiting for data."""
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for path, message in (
        (tmp_path / "none.png", "cannot be read"),
        (tmp_path, "not a plain file"),
        (pipe, "not a plain file"),
    ):
        with pytest.raises(ImageFileError, match=message):
            read_image(path, COLOUR, "exact")


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif"])
def test_read_image_returns_the_pixels_that_were_stored(ending: str, tmp_path: Path) -> None:
    """A lossless file comes back to the bit, in blue-green-red order."""
    path = tmp_path / f"part{ending}"
    path.write_bytes(encoded(ending, picture()))
    image = read_image(path, COLOUR, "exact")
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(image, picture())


def test_read_image_goes_by_content_not_by_ending(tmp_path: Path) -> None:
    """A PNG that is called .jpg is still read."""
    path = tmp_path / "part.jpg"
    path.write_bytes(encoded(".png", picture()))
    np.testing.assert_array_equal(read_image(path, COLOUR, "exact"), picture())


def test_read_image_repeats_grey_where_colour_is_expected(tmp_path: Path) -> None:
    """A grey file fills the three channels alike."""
    path = tmp_path / "grey.png"
    path.write_bytes(encoded(".png", picture(channels=1)))
    image = read_image(path, COLOUR, "exact")
    for channel in range(3):
        np.testing.assert_array_equal(image[:, :, channel], picture(channels=1))


@pytest.mark.parametrize("channels", [1, 3])
def test_read_image_makes_grey_where_grey_is_expected(channels: int, tmp_path: Path) -> None:
    """A colour file becomes its luma; a grey one stays as it is."""
    path = tmp_path / "part.png"
    path.write_bytes(encoded(".png", picture(channels)))
    image = read_image(path, GREY, "exact")
    stored = picture(channels).astype(float).reshape(24, 40, channels)
    weights = [1.0] if channels == 1 else [0.114, 0.587, 0.299]  # ITU-R BT.601
    assert image.shape == (24, 40)
    assert np.abs(image - stored @ weights).max() <= 1


def test_read_image_drops_an_opaque_alpha_channel(tmp_path: Path) -> None:
    """Alpha that hides nothing does no harm."""
    image = picture(channels=4)
    image[:, :, 3] = 255
    path = tmp_path / "opaque.png"
    path.write_bytes(encoded(".png", image))
    np.testing.assert_array_equal(read_image(path, COLOUR, "exact"), image[:, :, :3])


@pytest.mark.parametrize("shape", [FrameShape(12, 20, 3), FrameShape(48, 50, 1)])
def test_read_image_resizes_only_on_request(shape: FrameShape, tmp_path: Path) -> None:
    """`fit` "resize" gives the expected size, and the mean grey level survives."""
    path = tmp_path / "part.png"
    path.write_bytes(encoded(".png", picture()))
    image = read_image(path, shape, "resize")
    assert image.shape == shape.shape
    assert abs(float(image.mean()) - float(picture().mean())) < 8
    with pytest.raises(ImageFileError, match="wrong size"):
        read_image(path, shape, "exact")


def test_read_image_ignores_the_exif_orientation(tmp_path: Path) -> None:
    """A JPEG that asks to be turned keeps the pixels of the sensor."""
    tiff = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x112, 3, 1, 6, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    data = encoded(".jpg", picture())
    path = tmp_path / "turned.jpg"
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + data[2:])
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(data)
    turned = read_image(path, COLOUR, "exact")
    np.testing.assert_array_equal(turned, read_image(plain, COLOUR, "exact"))


def test_list_images_sorts_and_picks_by_ending(tmp_path: Path) -> None:
    """All folders are walked; masks, hidden files and other endings stay out."""
    names = ["b/2.PNG", "b/1.jpg", "a.tiff", "notes.txt", "ground_truth/m.png", ".x.png", "c/d.BMP"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = [str(path.relative_to(tmp_path)) for path in list_images(tmp_path)]
    assert found == ["a.tiff", "b/1.jpg", "b/2.PNG", "c/d.BMP"]


def test_list_images_says_what_to_do_without_images(tmp_path: Path) -> None:
    """A missing folder and an empty one are different mistakes."""
    with pytest.raises(CameraError, match="no such folder; give the path"):
        list_images(tmp_path / "nowhere")
    with pytest.raises(CameraError, match=r"no file that ends in \.png \.jpg"):
        list_images(tmp_path)


@pytest.mark.parametrize("dataset", ["screws", "cookies", "toy_aliens", "deeppcb", "magnetic_tile"])
def test_read_image_reads_photographs_of_real_parts(dataset: str) -> None:
    """The first and last test images of a real data set are read and are no flat grey."""
    folder = SHARED / dataset / "test"
    if not folder.is_dir():
        pytest.skip(f"shared/data/{dataset} is not here")
    paths = list_images(folder)
    for path in (paths[0], paths[-1]):
        image = read_image(path, FrameShape(96, 128, 3), "resize")
        assert image.shape == (96, 128, 3)
        assert image.std() > 1
