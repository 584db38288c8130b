"""Image headers: whole files are described, everything else is refused with a reason."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.image_header import Header, HeaderError, parse_header

PICTURE = np.random.default_rng(1).integers(0, 255, (24, 40, 3), np.uint8)
WHOLE = {
    "PNG": cv2.imencode(".png", PICTURE)[1].tobytes(),
    "JPEG": cv2.imencode(".jpg", PICTURE)[1].tobytes(),
    "BMP": cv2.imencode(".bmp", PICTURE)[1].tobytes(),
    "TIFF": cv2.imencode(".tif", PICTURE)[1].tobytes(),
}


def tiff_bytes(
    order: str, *, photometric: int = 2, pixels: int = 12, turned: int = 1, kind: int = 3
) -> bytes:
    """A TIFF of 2x2 px, 3 x 8 bits: header, directory, bit depths, then `pixels` bytes.

    It asks to be `turned`, in a number of that `kind`.
    """
    pixels_at = 8 + 2 + 7 * 12 + 4 + 6
    how = struct.pack(
        order + ("HH" if kind == 3 else "I"), *((turned, 0) if kind == 3 else (turned,))
    )
    tags = (
        (256, 3, 1, struct.pack(order + "HH", 2, 0)),
        (257, 3, 1, struct.pack(order + "HH", 2, 0)),
        (258, 3, 3, struct.pack(order + "I", pixels_at - 6)),
        (262, 3, 1, struct.pack(order + "HH", photometric, 0)),
        (273, 4, 1, struct.pack(order + "I", pixels_at)),
        (274, kind, 1, how),
        (279, 4, 1, struct.pack(order + "I", 12)),
    )
    directory = b"".join(struct.pack(order + "HHI", *tag[:3]) + tag[3] for tag in tags)
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    start = mark + struct.pack(order + "IH", 8, len(tags))
    depths = struct.pack(order + "3H", 8, 8, 8)
    return start + directory + bytes(4) + depths + bytes(pixels)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(extra: bytes) -> bytes:
    """The picture as a PNG with another chunk behind its header."""
    head = 8 + 12 + 13
    return WHOLE["PNG"][:head] + extra + WHOLE["PNG"][head:]


def exif(turned: int, order: str = "<") -> bytes:
    """A directory that says nothing but how the picture is to be turned."""
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, 0x112, 3, 1, turned, 0, 0)


def jpeg(turned: int, order: str = "<") -> bytes:
    """The picture as a JPEG with it."""
    data = b"Exif\x00\x00" + exif(turned, order)
    return (
        WHOLE["JPEG"][:2]
        + b"\xff\xe1"
        + struct.pack(">H", 2 + len(data))
        + data
        + WHOLE["JPEG"][2:]
    )


def pages(*, preview: bool = False) -> bytes:
    """A TIFF with a second directory, of a page or of a preview."""
    data = bytearray(tiff_bytes("<"))
    (count,) = struct.unpack_from("<H", data, 8)
    struct.pack_into("<I", data, 10 + 12 * count, len(data))
    tag = struct.pack("<HHIHH", 254, 4, 1, int(preview), 0)
    return bytes(data) + struct.pack("<H", 1) + tag + bytes(4)


ANIMATED = chunk(b"acTL", struct.pack(">II", 3, 0))


@pytest.mark.parametrize(
    ("data", "orientation"),
    [
        (jpeg(6), 6), (jpeg(3, ">"), 3), (png(chunk(b"eXIf", exif(8))), 8),
        (tiff_bytes("<", turned=2), 2), (tiff_bytes(">", turned=5), 5),
        (WHOLE["JPEG"], 1), (png(chunk(b"eXIf", b"nothing")), 1), (jpeg(1), 1),
    ],
)  # fmt: skip
def test_parse_header_tells_how_a_picture_asks_to_be_turned(data: bytes, orientation: int) -> None:
    """In every format that can say so; what says nothing is as it is stored."""
    header = parse_header(data)
    assert header.orientation == orientation
    assert header.turned is (orientation != 1)


def test_parse_header_takes_one_picture_with_a_preview() -> None:
    """An animation of one frame is none, and a preview is no second page."""
    assert parse_header(png(chunk(b"acTL", struct.pack(">II", 1, 0)))).kind == "PNG"
    assert parse_header(pages(preview=True)).kind == "TIFF"


@pytest.mark.parametrize("kind", WHOLE)
def test_parse_header_describes_a_whole_file(kind: str) -> None:
    """Size and depth come out of each format as it was written."""
    assert parse_header(WHOLE[kind]) == Header(kind, 40, 24, 8)


@pytest.mark.parametrize("order", "<>")
def test_parse_header_reads_both_byte_orders_of_tiff(order: str) -> None:
    """Intel and Motorola order give the same header."""
    assert parse_header(tiff_bytes(order)) == Header("TIFF", 2, 2, 8)


@pytest.mark.parametrize("kind", WHOLE)
def test_parse_header_refuses_every_shortened_file(kind: str) -> None:
    """Wherever a file was cut off, it is not taken for a whole one."""
    data = WHOLE[kind]
    for length in range(len(data)):
        with pytest.raises(HeaderError):
            parse_header(data[:length])


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"BM", b"II*\x00"]), st.binary())
def test_parse_header_raises_nothing_but_header_error(magic: bytes, rest: bytes) -> None:
    """Garbage behind any signature is refused or described, never a crash."""
    try:
        header = parse_header(magic + rest)
    except HeaderError:
        return
    assert header.width_px > 0
    assert header.height_px > 0


@given(st.integers(8, len(WHOLE["PNG"]) - 1), st.integers(1, 255))
def test_parse_header_notices_any_changed_png_byte(place: int, change: int) -> None:
    """The checksums of a PNG catch a byte that went wrong."""
    data = bytearray(WHOLE["PNG"])
    data[place] ^= change
    with pytest.raises(HeaderError):
        parse_header(bytes(data))


def test_parse_header_finds_the_end_behind_a_thumbnail() -> None:
    """The end mark of a thumbnail inside an APP1 segment does not end a JPEG."""
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + 4) + b"\xff\xd8\xff\xd9"
    data = WHOLE["JPEG"][:2] + thumbnail + WHOLE["JPEG"][2:]
    assert parse_header(data) == Header("JPEG", 40, 24, 8)
    with pytest.raises(HeaderError, match="no end mark"):
        parse_header(data[:-2])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (png(ANIMATED), "holds 3 pictures"),
        (pages(), "holds 2 pictures"),
        (tiff_bytes("<", turned=3, kind=4), "in an odd way how it is to be turned"),
        (b"GIF89a....", "is no PNG, JPEG, BMP or TIFF"),
        (b"\xff\xd8\xff\xd9", "without a frame header"),
        (tiff_bytes("<", photometric=5), "CMYK TIFF"),
        (tiff_bytes(">", pixels=11), "cut off"),
        (b"II*\x00\x08\x00\x00\x00\x00\x00", "names no pixels"),
        (WHOLE["BMP"][:-1], "cut off"),
        (WHOLE["BMP"][:18] + bytes(4) + WHOLE["BMP"][22:], "no usable size"),
    ],
)
def test_parse_header_says_what_is_wrong(data: bytes, message: str) -> None:
    """Each kind of bad file has its own words."""
    with pytest.raises(HeaderError, match=message):
        parse_header(data)


def test_parse_header_reads_an_os2_bitmap() -> None:
    """The oldest BMP header has 16-bit sizes."""
    head = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 26) + struct.pack("<IHHHH", 12, 5, 3, 1, 24)
    assert parse_header(head + bytes(3 * 16)) == Header("BMP", 5, 3, 8)
