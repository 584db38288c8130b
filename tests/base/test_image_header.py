"""Image headers: whole files are described, everything else is refused with a reason."""

from __future__ import annotations

import struct

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


def tiff_bytes(order: str, *, photometric: int = 2, pixels: int = 12) -> bytes:
    """A TIFF of 2x2 px, 3 x 8 bits: header, directory, bit depths, then `pixels` bytes."""
    pixels_at = 8 + 2 + 6 * 12 + 4 + 6
    tags = (
        (256, 3, 1, struct.pack(order + "HH", 2, 0)),
        (257, 3, 1, struct.pack(order + "HH", 2, 0)),
        (258, 3, 3, struct.pack(order + "I", pixels_at - 6)),
        (262, 3, 1, struct.pack(order + "HH", photometric, 0)),
        (273, 4, 1, struct.pack(order + "I", pixels_at)),
        (279, 4, 1, struct.pack(order + "I", 12)),
    )
    directory = b"".join(struct.pack(order + "HHI", *tag[:3]) + tag[3] for tag in tags)
    mark = b"II*\x00" if order == "<" else b"MM\x00*"
    start = mark + struct.pack(order + "IH", 8, len(tags))
    depths = struct.pack(order + "3H", 8, 8, 8)
    return start + directory + bytes(4) + depths + bytes(pixels)


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
