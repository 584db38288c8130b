"""Which pictures a new station is made from: nothing is left out in silence."""

from __future__ import annotations

import os
import shutil
import zlib
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import PicturesUnfit
from gonogo.build.firstday.pictures import find
from gonogo.tests.build.firstday.plates import bad_plates, good_plates, plate, save
from gonogo.tests.build.parts import quiet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.build.firstday.pictures import Pictures


def left_out(found: Pictures) -> str:
    """All of it, a line each."""
    return "\n".join(f"{option}: {each}" for option, each in found.left_out)


def turned_jpeg(folder: Path) -> None:
    """A JPEG that asks to be turned: an APP1 segment with orientation 6."""
    path = folder / "p90.jpg"
    cv2.imwrite(str(path), plate(90))
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    data = path.read_bytes()
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(data[:2] + segment + data[2:])


def huge_png(folder: Path) -> None:
    """A hundred megapixels in a few kilobytes."""
    cv2.imwrite(str(folder / "p91.png"), np.zeros((10_000, 10_000), np.uint8))


def animated_png(folder: Path) -> None:
    """One that says that it holds three pictures."""
    path = folder / "p92.png"
    cv2.imwrite(str(path), plate(92))
    body = b"acTL" + (3).to_bytes(4, "big") + bytes(4)
    chunk = (8).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk + data[33:])


def cmyk_jpeg(folder: Path) -> None:
    """Four components in its frame header; the reader goes no further."""
    path = folder / "p93.jpg"
    cv2.imwrite(str(path), plate(93))
    data = bytearray(path.read_bytes())
    at = data.index(b"\xff\xc0")
    data[at + 9] = 4
    path.write_bytes(bytes(data))


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda f: (f / "p94.png").touch(), "p94.png is empty"),
    "text": (lambda f: (f / "p95.png").write_text("hello"), "p95.png is no PNG"),
    "16 bits": (
        lambda f: cv2.imwrite(str(f / "p96.png"), plate(1).astype(np.uint16) * 16),
        "p96.png has 16 bits",
    ),
    "cut off": (
        lambda f: (f / "p97.png").write_bytes((f / "p00.png").read_bytes()[:900]),
        "p97.png is cut off",
    ),
    "a copy": (lambda f: shutil.copy(f / "p00.png", f / "p98.png"), "p98.png is a copy of p00"),
    "another shape": (
        lambda f: cv2.imwrite(str(f / "p99.png"), np.full((90, 90, 3), 7, np.uint8)),
        "p99.png has another shape",
    ),
    "on its side": (
        lambda f: cv2.imwrite(str(f / "q1.png"), np.rot90(plate(3))),
        "q1.png lies on its side",
    ),
    "100 MP": (huge_png, "p91.png has 10000x10000 px"),
    "animated": (animated_png, "p92.png holds 3 pictures"),
    "CMYK": (cmyk_jpeg, "p93.jpg is a CMYK JPEG"),
    "no picture": (lambda f: (f / "notes.txt").write_text("x"), "notes.txt ends in none of"),
    "a pipe": (lambda f: os.mkfifo(f / "p89.png"), "p89.png is not a plain file"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path, what: str) -> None:
    """And the others are used."""
    spoil, said = BROKEN[what]
    good = good_plates(tmp_path / "good", 6)
    spoil(good)
    found = find(good, None, quiet)
    assert said in left_out(found)
    assert len(found.good.found.paths) == 6


def test_turned_pictures_are_used_as_the_sensor_had_them_and_it_is_said(tmp_path: Path) -> None:
    """As a camera of the station would deliver them."""
    good = good_plates(tmp_path / "good", 6)
    turned_jpeg(good)
    found = find(good, None, quiet)
    assert len(found.good.found.paths) == 7
    assert any("1 of 7 pictures ask to be turned" in note for note in found.notes)


def test_names_in_any_script_are_read(tmp_path: Path) -> None:
    """A folder of somebody in Shenzhen, and one of somebody in Köln."""
    good = save(tmp_path / "gut 好", [plate(k) for k in range(6)], prefix="Träger-零件 ")
    assert len(find(good, None, quiet).good.found.paths) == 6


@pytest.mark.parametrize("count", [0, 3, 4])
def test_too_few_good_pictures_are_an_error_that_counts_them(tmp_path: Path, count: int) -> None:
    """With how many it takes, and what was left out."""
    good = good_plates(tmp_path / "good", count)
    (good / "zero.png").touch()
    with pytest.raises(PicturesUnfit, match=f"{count} pictures can be used, expected at least 5"):
        find(good, None, quiet)


def test_more_than_are_looked_at_are_spread_evenly_and_counted(tmp_path: Path) -> None:
    """A folder may begin with one batch."""
    good = tmp_path / "good"
    good.mkdir()
    _, png = cv2.imencode(".png", plate(1))
    for k in range(450):
        # behind the end of a PNG nobody looks: other files of one picture
        (good / f"{k:05}.png").write_bytes(png.tobytes() + k.to_bytes(2, "big"))
    found = find(good, None, quiet)
    names = [path.name for path in found.good.found.paths]
    assert (names[0], names[-1]) == ("00000.png", "00449.png")
    assert "350 pictures because 450 are more than the 100 that are looked at" in left_out(found)


def test_the_same_picture_in_both_folders_is_refused_also_where_it_is_not_looked_at(
    tmp_path: Path,
) -> None:
    """Of many good ones some alone are looked at; a copy among the others is one, too."""
    good, bad = good_plates(tmp_path / "good", 6), bad_plates(tmp_path / "bad")
    _, png = cv2.imencode(".png", plate(1))
    for k in range(200):
        (good / f"x{k:03}.png").write_bytes(png.tobytes() + k.to_bytes(2, "big"))
    shutil.copy(good / "x100.png", bad)
    with pytest.raises(PicturesUnfit, match=r"both in --good and in --bad.*x100"):
        find(good, bad, quiet)


def test_one_folder_for_both_is_refused(tmp_path: Path) -> None:
    """Also by another path."""
    good = good_plates(tmp_path / "good", 6)
    with pytest.raises(PicturesUnfit, match="expected two folders"):
        find(good, good.parent / "." / "good", quiet)


def test_a_folder_of_bad_parts_within_the_good_ones_counts_once(tmp_path: Path) -> None:
    """As bad; and it is said."""
    good = good_plates(tmp_path / "pictures", 6)
    bad = bad_plates(good / "bad")
    found = find(good, bad, quiet)
    assert len(found.good.found.paths) == 6
    assert "4 pictures lie in" in left_out(found)


def test_folders_whose_names_say_the_reverse_are_refused(tmp_path: Path) -> None:
    """Before a minute is spent."""
    good, bad = good_plates(tmp_path / "good"), bad_plates(tmp_path / "bad")
    with pytest.raises(PicturesUnfit, match="are they exchanged"):
        find(bad, good, quiet)


def test_a_folder_that_is_missing_or_no_folder_says_so(tmp_path: Path) -> None:
    """A slip of the finger."""
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(PicturesUnfit, match="no such folder"):
            find(tmp_path / name, None, quiet)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """A walk would find nothing in it, and say that there is nothing."""
    good = good_plates(tmp_path / "good", 6)
    good.chmod(0)
    with pytest.raises(PicturesUnfit, match="Permission denied"):
        find(good, None, quiet)


def test_grey_pictures_make_a_grey_camera(tmp_path: Path) -> None:
    """Whatever channels the files have."""
    grey = [np.repeat(plate(k)[:, :, :1], 3, axis=2) for k in range(6)]
    assert find(save(tmp_path / "a", grey), None, quiet).channels == 1
    assert find(good_plates(tmp_path / "b", 6), None, quiet).channels == 3


def test_pictures_of_a_few_pixels_are_refused(tmp_path: Path) -> None:
    """Thumbnails of a mail."""
    small = [plate(k, size_px=(24, 18)) for k in range(6)]
    with pytest.raises(PicturesUnfit, match="expected at least 32 px"):
        find(save(tmp_path / "good", small), None, quiet)
