"""One image reader: whoever reads a file gets the same pixels, or refuses it for the same reason.

Every reader of pictures of parts is held against every odd file. Files are written by hand or by
OpenCV, and read back by neither of the two.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
import pytest

from gonogo.base.errors import (
    BuildError,
    CameraError,
    ImageFileError,
    MeasureRefused,
    ReviewError,
    StationFileError,
)
from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import read_image
from gonogo.base.picture_folder import find_pictures, read_pictures
from gonogo.build.goodparts import GoodImages, collect, folder_images
from gonogo.build.images import Folders, find_files, read_images
from gonogo.build.review.parts import read_picture
from gonogo.commands.measured import Eyes, look_at
from gonogo.drivers.cameras.replay import ReplayCamera, ReplaySection
from gonogo.proving.plcsim.truth import truth_of
from gonogo.rules.presence_section import PresenceSection
from gonogo.tests.build.parts import quiet
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.picture_folder import LeftOut

    Frame = NDArray[np.uint8]

SHAPE = FrameShape(24, 40, 3)
SIZE_PX = (24, 40)
NOISE = np.random.default_rng(7).integers(0, 256, SHAPE.shape, np.uint8)
GREY = NOISE[..., 0]
LEVELS = (GREY > 127).astype(np.uint8)  # black and white
PALETTE = np.array([[9, 200, 30], [250, 4, 120]], np.uint8)  # red, green, blue
TURNED = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x112, 3, 1, 6, 0, 0)


class Case(NamedTuple):
    """A file, by its name and its bytes; the pixels that it must have, or why it is refused."""

    name: str
    data: bytes
    pixels: Frame | None = None
    why: str = ""


def by_opencv(ending: str, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """A file as OpenCV writes it."""
    return cv2.imencode(ending, pixels)[1].tobytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    colour: int, bits: int, rows: list[bytes], *more: bytes, side: tuple[int, int] = (40, 24)
) -> bytes:
    """A PNG written by hand: its colour type, its depth, its rows, further chunks."""
    head = struct.pack(">IIBBBBB", *side, bits, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    body = (chunk(b"IHDR", head), *more, chunk(b"IDAT", data), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def tiff(turned: int, *, bits: int = 8, samples: bytes = b"") -> bytes:
    """The noise as a TIFF, blue-green-red stored as red-green-blue, that asks to be turned."""
    tags = [
        (256, 3, 1, 40), (257, 3, 1, 24), (258, 3, 3, 8 + 2 + 9 * 12 + 4), (259, 3, 1, 1),
        (262, 3, 1, 2), (273, 4, 1, 8 + 2 + 9 * 12 + 4 + 6), (274, 3, 1, turned), (277, 3, 1, 3),
        (279, 4, 1, 24 * 40 * 3 * bits // 8),
    ]  # fmt: skip
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    start = b"II*\x00" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4)
    return start + struct.pack("<3H", bits, bits, bits) + (samples or NOISE[..., ::-1].tobytes())


def jpeg(components: int) -> bytes:
    """A JPEG that ends properly after its frame header."""
    frame = struct.pack(">BHHB", 8, 24, 40, components) + bytes(3 * components)
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + b"\xff\xd9"


def turned_jpeg() -> tuple[bytes, Frame]:
    """One that asks to be turned, and the pixels that are stored in it."""
    plain = by_opencv(".jpg", NOISE)
    exif = b"Exif\x00\x00" + TURNED
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + plain[2:]
    return data, np.asarray(
        cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_COLOR), np.uint8
    )


RGB_ROWS = [row[:, ::-1].tobytes() for row in NOISE]
CLEAR = np.full_like(GREY, 255)  # an alpha channel that hides nothing
RGBA_ROWS = [row.tobytes() for row in np.dstack([NOISE[..., ::-1], CLEAR])]
LEVEL_ROWS = [row.tobytes() for row in LEVELS]
REPEATED = np.repeat(GREY[..., np.newaxis], 3, axis=2)
JPEG, JPEG_PIXELS = turned_jpeg()
GOOD = [
    Case("colour.png", png(2, 8, RGB_ROWS), NOISE),
    Case("teil ä 部品.png", png(2, 8, RGB_ROWS), NOISE),
    Case("colour.bmp", by_opencv(".bmp", NOISE), NOISE),
    Case("grey.png", png(0, 8, [row.tobytes() for row in GREY]), REPEATED),
    Case("grey.tif", by_opencv(".tif", GREY), REPEATED),
    Case("one_bit.png", png(0, 1, [np.packbits(row).tobytes() for row in LEVELS]),
         np.repeat(255 * LEVELS[..., np.newaxis], 3, axis=2)),
    Case("palette.png", png(3, 8, LEVEL_ROWS, chunk(b"PLTE", PALETTE.tobytes())),
         PALETTE[LEVELS][..., ::-1]),
    Case("opaque.png", png(6, 8, RGBA_ROWS), NOISE),
    Case("grey_opaque.png", png(4, 8, [row.tobytes() for row in np.dstack([GREY, CLEAR])]),
         REPEATED),
    Case("turned.jpg", JPEG, JPEG_PIXELS),
    Case("turned.png", png(2, 8, RGB_ROWS, chunk(b"eXIf", TURNED)), NOISE),
    *(Case(f"turned_{k}.tif", tiff(k), NOISE) for k in (1, 2, 3, 6)),
]  # fmt: skip
BAD = [
    Case("sixteen.png", by_opencv(".png", NOISE.astype(np.uint16) * 256), why="16 bits a channel"),
    Case("sixteen.tif", tiff(1, bits=16, samples=bytes(24 * 40 * 6)), why="16 bits a channel"),
    Case("print.jpg", jpeg(4), why="CMYK JPEG"),
    Case("clear.png", png(6, 8, [bytes(160)] * 24), why="transparent pixels"),
    Case("moving.png", png(2, 8, RGB_ROWS, chunk(b"acTL", struct.pack(">II", 5, 0))),
         why="holds 5 pictures"),
    Case("empty.png", b"", why="is empty"),
    Case("cut.png", png(2, 8, RGB_ROWS)[:-40], why="cut off"),
    Case("cut.jpg", by_opencv(".jpg", NOISE)[:-90], why="cut off"),
    Case("text.png", b"a letter to whom it may concern", why="is no PNG, JPEG, BMP or TIFF"),
    Case("huge.png", png(2, 8, [], side=(10_000, 10_000)), why="at most 64 megapixels"),
]  # fmt: skip


def others(folder: Path) -> None:
    """Good pictures enough to teach or build from."""
    for k in range(9):
        pixels = np.random.default_rng(100 + k).integers(0, 256, SHAPE.shape, np.uint8)
        (folder / f"zz{k}.png").write_bytes(by_opencv(".png", pixels))


def by_camera(folder: Path, path: Path) -> Frame:
    """What a replayed part shows."""
    del path
    section = ReplaySection(driver="replay", folder=folder, width_px=40, height_px=24)
    pixels = np.zeros(SHAPE.shape, np.uint8)
    ReplayCamera(section, "top").grab(1, pixels, 1 << 62)
    return pixels


def by_spool(folder: Path, path: Path) -> Frame:
    """What a camera that writes files brings."""
    del folder
    return read_image(path, SHAPE, "exact")


def by_folder(folder: Path, path: Path) -> Frame:
    """What rules measure for their limits."""
    del path
    left_out: list[LeftOut] = []
    read = list(read_pictures(find_pictures(folder, 9, once=True), SHAPE, "exact", left_out))
    if left_out:
        raise ImageFileError(str(left_out[0]))
    return read[0].frame


def by_measure(folder: Path, path: Path) -> Frame:
    """What `gonogo measure` shows."""
    camera = {"driver": "replay", "folder": folder, "width_px": 40, "height_px": 24}
    rule = {"kind": "dimension", "name": "w", "measure": "width"}
    eyes = Eyes(
        small_station(folder, {"name": "top", "camera": camera, "rule": (rule,)}), None, None
    )
    return look_at(eyes, path).frame


def by_learning(folder: Path, path: Path) -> Frame:
    """What a golden image is made of, in grey; repeated, to be held against grey."""
    del path
    section = PresenceSection.model_validate({
        "kind": "presence", "name": "g", "method": "golden", "image": "learnt/g.png",
        "learn_from": folder, "search_px": 0, "work_px": 64,
    })  # fmt: skip
    section.prepare(SHAPE, folder, "exact", again=True)
    assert section.learnt is not None
    return section.learnt.read(SHAPE, folder).image


def by_teaching(folder: Path, path: Path) -> Frame:
    """What an engine is taught from."""
    others(folder)
    parts = collect(GoodImages(folder_images(folder), SHAPE), SIZE_PX, quiet)
    if parts.skipped:
        raise ImageFileError(parts.note)
    return parts.good[parts.names.index(path.name)]


def by_building(folder: Path, path: Path) -> Frame:
    """What an engine is built with."""
    others(folder)
    images = read_images(find_files(Folders(folder)), SIZE_PX, quiet)
    if images.notes and not path.name.startswith("turned"):
        raise BuildError("; ".join(images.notes))
    return images.good[images.names.index(path.name)]


def by_review(folder: Path, path: Path) -> Frame:
    """What a person looks at."""
    del folder
    return read_picture(path)[1]


READERS: dict[str, Callable[[Path, Path], Frame]] = {
    "camera": by_camera, "spool": by_spool, "limits": by_folder, "measure": by_measure,
    "learn": by_learning, "teach": by_teaching, "build": by_building, "review": by_review,
}  # fmt: skip
REFUSALS = (
    BuildError, CameraError, ImageFileError, MeasureRefused, ReviewError, StationFileError,
)  # fmt: skip


def placed(case: Case, folder: Path) -> tuple[Path, Path]:
    """A folder with that file alone, and the file."""
    (folder / "good").mkdir()
    path = folder / "good" / case.name
    path.write_bytes(case.data)
    return path.parent, path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_every_reader_has_the_pixels_that_are_stored(
    tmp_path: Path, case: Case, reader: str
) -> None:
    """Whatever the format, to the bit; nobody turns a picture."""
    assert case.pixels is not None
    found = READERS[reader](*placed(case, tmp_path))
    expected = case.pixels
    if reader == "learn":
        grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(expected), cv2.COLOR_BGR2GRAY))
        expected = np.repeat(grey[..., np.newaxis], 3, axis=2)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_every_reader_refuses_for_the_same_reason(tmp_path: Path, case: Case, reader: str) -> None:
    """In words, with the name of the file; what goes on without it names it all the same."""
    with pytest.raises(REFUSALS) as caught:
        READERS[reader](*placed(case, tmp_path))
    assert case.why in str(caught.value)
    assert case.name in str(caught.value)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_the_judge_takes_a_part_for_bad_that_no_camera_can_show(tmp_path: Path, case: Case) -> None:
    """By the same reader."""
    folder, _ = placed(case, tmp_path)
    section = ReplaySection(driver="replay", folder=folder, width_px=40, height_px=24)
    assert truth_of(section, 1).label == "unreadable"
