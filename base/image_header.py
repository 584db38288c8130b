"""What an image file says of itself, and whether all of it is there: bytes in, Header out.

OpenCV fills what is missing of a cut-off file with grey, converts CMYK to colours
that no camera saw, and says so to nobody but the console. So every file is walked
through by its own structure first.

    PNG    signature, then chunks: length u32, type, data, CRC-32; IHDR first, IEND last
    JPEG   SOI, segments: FF marker, length u16, data; SOFn has the size, EOI ends it
    BMP    "BM", offset of the pixels at byte 10, size and depth in the DIB header at byte 14
    TIFF   II*0 or MM0*, offset of a directory: count u16, entries of 12 bytes

Sources: W3C PNG 3rd edition; ITU-T T.81 annex B; Microsoft BITMAPFILEHEADER; TIFF 6.0; Exif 2.32.
Not told: a hole inside the data of a JPEG whose end is there (it has no checksum).
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import NamedTuple

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # not stuffing (00), restart (D0-D7), fill (FF)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn, without DHT, JPG, DAC
_EOI = 0xD9
_CMYK_COMPONENTS = 4
_BMP_CORE_BYTES = 12
_BMP_BITFIELDS = (0, 3, 6)  # compressions whose pixels lie in plain rows
_TIFF_CMYK = 5
_TIFF_SIZES = {1: 1, 3: 2, 4: 4}  # BYTE, SHORT, LONG
_TIFF_CODES = {1: "B", 3: "H", 4: "I"}
_TIFF_VALUE_BYTES = 4
_TIFF_VALUES_MAX = 1 << 20  # more strips than any real file has
_TIFF_SHORT = 3
_TIFF_ORIENTATION, _TIFF_SMALLER = 274, 1  # a tag; the bit of tag 254 that marks a preview
_TIFF_PAGES_MAX = 64  # directories looked at: a chain may run in a circle
_APP1, _EXIF = 0xE1, b"Exif\x00\x00"
AS_STORED = 1  # of orientations: 2 to 8 ask whoever shows the picture to turn or mirror it


class HeaderError(ValueError):
    """Why the bytes are not a whole image that can be replayed; the text names no file."""


class Header(NamedTuple):
    """Size and depth of an image; `bits` is per channel.

    `orientation`: 1 to 8 as Exif has them, AS_STORED where nothing is said. `turned_at`: where
    a TIFF says it, for OpenCV turns its pixels by that whatever it is told; else 0.
    """

    kind: str
    width_px: int
    height_px: int
    bits: int
    orientation: int = AS_STORED
    turned_at: int = 0

    @property
    def turned(self) -> bool:
        """Whether the file asks for its picture to be turned or mirrored."""
        return self.orientation != AS_STORED


def parse_header(data: bytes) -> Header:
    """The header of a whole PNG, JPEG, BMP or TIFF; HeaderError for anything else."""
    if not data:
        raise HeaderError("is empty (0 bytes)")
    for magic, parse in _PARSERS:
        if data.startswith(magic):
            try:
                header = parse(data)
            except struct.error as error:
                raise HeaderError(f"{_CUT}: its header ends early") from error
            return _sane(header)
    raise HeaderError(
        f"is no PNG, JPEG, BMP or TIFF image (it begins with {data[:4]!r}); save it as one of these"
    )


_CUT = "is cut off (truncated); copy it again from its source"


def _sane(header: Header) -> Header:
    if header.width_px < 1 or header.height_px < 1:
        raise HeaderError(
            f"states no usable size ({header.width_px}x{header.height_px} px); save it again"
        )
    return header


def _png(data: bytes) -> Header:
    # IHDR is the first chunk: its data come after signature, length and type (8 + 4 + 4 bytes)
    width, height, bits = struct.unpack_from(">IIB", data, 16)
    at, kind, orientation = len(PNG_SIGNATURE), b"", AS_STORED
    if data[at + 4 : at + 8] != b"IHDR":
        raise HeaderError("is a PNG without IHDR at its start; save it again")
    while kind != b"IEND":
        if len(data) < at + 12:
            raise HeaderError(f"{_CUT}: no IEND within its {len(data)} bytes")
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 8 + length
        if len(data) < end + 4:
            raise HeaderError(f"{_CUT}: chunk {kind!r} is longer than the file")
        (expected,) = struct.unpack_from(">I", data, end)
        # over type and data, not over the length (PNG, 5.3)
        if zlib.crc32(memoryview(data)[at + 4 : end]) != expected:
            raise HeaderError(f"is damaged: wrong checksum in PNG chunk {kind!r}; copy it again")
        if kind == b"acTL":
            _one_picture(struct.unpack_from(">I", data, end - length)[0])
        if kind == b"eXIf":
            orientation = _orientation(data[end - length : end])
        at = end + 4
    return Header("PNG", width, height, bits, orientation)


def _one_picture(count: int) -> None:
    """Of several nobody knows which shows the part."""
    if count > 1:
        raise HeaderError(
            f"holds {count} pictures (animated, or with pages); save the one that shows the part"
        )


def _jpeg(data: bytes) -> Header:
    header: Header | None = None
    at, orientation = 2, AS_STORED
    while True:
        found = _MARKER.search(data, at)
        if found is None:
            raise HeaderError(f"{_CUT}: no end mark within its {len(data)} bytes")
        marker, at = data[found.end() - 1], found.end()
        if marker == _EOI:
            break
        (length,) = struct.unpack_from(">H", data, at)
        if marker in _FRAMES:
            header = _jpeg_frame(data, at)
        if marker == _APP1 and data.startswith(_EXIF, at + 2):
            orientation = _orientation(data[at + 2 + len(_EXIF) : at + length])
        # it counts its own two bytes (T.81, B.1.1.4)
        at += length
    if header is None:
        raise HeaderError("is a JPEG without a frame header; save it again")
    return header._replace(orientation=orientation)


def _jpeg_frame(data: bytes, at: int) -> Header:
    # after the length: precision, lines, samples a line, components (T.81, B.2.2)
    bits, height, width, components = struct.unpack_from(">BHHB", data, at + 2)
    if components == _CMYK_COMPONENTS:
        raise HeaderError("is a CMYK JPEG (4 components), made for printing; save it as RGB")
    return Header("JPEG", width, height, bits)


def _bmp(data: bytes) -> Header:
    pixels_at, dib_bytes = struct.unpack_from("<II", data, 10)
    # the header of OS/2 has 16-bit sizes and no compression
    if dib_bytes == _BMP_CORE_BYTES:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        packing, stated = 0, 0
    else:
        width, height, _, depth, packing, stated = struct.unpack_from("<iiHHII", data, 18)
    # a row ends at a whole 32-bit word; a negative height says that the first row is the top one
    rows = (width * depth + 31) // 32 * 4 * abs(height)
    needed = pixels_at + (rows if packing in _BMP_BITFIELDS else stated)
    if len(data) < needed:
        raise HeaderError(f"{_CUT}: {len(data)} bytes of {needed}")
    return Header("BMP", width, abs(height), 8)


def _tiff(data: bytes) -> Header:
    order = _order(data)
    tags, turned_at, following = _tiff_tags(data, order, *struct.unpack_from(f"{order}I", data, 4))
    # BitsPerSample, one a channel; 1 where it is left out (TIFF 6.0, section 8)
    bits = max(tags.get(258, (1,)))
    if tags.get(262, (1,))[0] == _TIFF_CMYK:  # PhotometricInterpretation
        raise HeaderError("is a CMYK TIFF, made for printing; save it as RGB")
    # StripOffsets or TileOffsets, StripByteCounts or TileByteCounts
    starts, sizes = tags.get(273, tags.get(324, ())), tags.get(279, tags.get(325, ()))
    needed = max((a + b for a, b in zip(starts, sizes, strict=False)), default=0)
    if not needed:
        raise HeaderError("is a TIFF whose directory names no pixels; save it again")
    if len(data) < needed:
        raise HeaderError(f"{_CUT}: {len(data)} bytes of {needed}")
    _one_picture(1 + _tiff_pages(data, order, following))
    orientation = tags.get(_TIFF_ORIENTATION, (AS_STORED,))[0]
    if orientation == AS_STORED:
        turned_at = 0
    elif not turned_at:
        raise HeaderError("says in an odd way how it is to be turned; save it again")
    # ImageWidth, ImageLength
    width_px, height_px = tags.get(256, (0,))[0], tags.get(257, (0,))[0]
    return Header("TIFF", width_px, height_px, bits, orientation, turned_at)


def _order(data: bytes) -> str:
    return "<" if data.startswith(b"II") else ">"


def _tiff_pages(data: bytes, order: str, following: int) -> int:
    """Further pictures of full size; a preview is none."""
    pages = 0
    for _ in range(_TIFF_PAGES_MAX):
        if not following:
            break
        tags, _, following = _tiff_tags(data, order, following)
        pages += not tags.get(254, (0,))[0] & _TIFF_SMALLER
    return pages


def _orientation(exif: bytes) -> int:
    """Of the directory in which a camera says more; what is no such directory says nothing."""
    order = _order(exif)
    try:
        tags, _, _ = _tiff_tags(exif, order, *struct.unpack_from(f"{order}I", exif, 4))
    except struct.error:
        return AS_STORED
    return tags.get(_TIFF_ORIENTATION, (AS_STORED,))[0]


def _tiff_tags(data: bytes, order: str, at: int) -> tuple[dict[int, tuple[int, ...]], int, int]:
    """The tags of whole-number type of a directory, where it has the orientation, and the next."""
    (count,) = struct.unpack_from(f"{order}H", data, at)
    tags, turned_at = {}, 0
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, code, length = struct.unpack_from(f"{order}HHI", data, place)
        if code in _TIFF_SIZES and 0 < length <= _TIFF_VALUES_MAX:
            where = place + 8
            # what fits into four bytes stands in the entry, else its offset (TIFF 6.0, section 2)
            if _TIFF_SIZES[code] * length > _TIFF_VALUE_BYTES:
                (where,) = struct.unpack_from(f"{order}I", data, where)
            tags[tag] = struct.unpack_from(f"{order}{length}{_TIFF_CODES[code]}", data, where)
            if (tag, code, length) == (_TIFF_ORIENTATION, _TIFF_SHORT, 1):
                turned_at = where
    after = at + 2 + 12 * count
    # left out at the end of some files: nothing follows
    following = struct.unpack_from(f"{order}I", data, after)[0] if len(data) >= after + 4 else 0
    return tags, turned_at, following


_PARSERS = (
    (PNG_SIGNATURE, _png),
    (b"\xff\xd8", _jpeg),
    (b"BM", _bmp),
    (b"II*\x00", _tiff),
    (b"MM\x00*", _tiff),
)
