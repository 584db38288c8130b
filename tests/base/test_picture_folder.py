"""A folder of pictures: what is read, and what is left out by name and reason."""

from __future__ import annotations

import shutil
import struct
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CameraError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.picture_folder import (
    find_pictures,
    left_out_words,
    no_pictures,
    oddities,
    read_pictures,
    spread,
)

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = FrameShape(24, 40, 3)


def save(folder: Path, *names: str, size_px: tuple[int, int] = (24, 40)) -> None:
    """Pictures of noise, no two the same."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = int.from_bytes(name.encode(), "little") % 2**32
        pixels = np.random.default_rng(seed).integers(0, 255, (*size_px, 3), np.uint8)
        path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())


def test_find_pictures_names_what_it_leaves_out(tmp_path: Path) -> None:
    """Other files by name, copies beside their first one; hidden files are nobody's business."""
    save(tmp_path, "b/2.png", "a.png", "ü 3.bmp", ".hidden.png")
    shutil.copy(tmp_path / "a.png", tmp_path / "z.png")
    (tmp_path / "b" / "notes.txt").write_text("x")
    save(tmp_path / "b" / "ground_truth", "mask.png")
    (tmp_path / "moving.gif").write_bytes(b"GIF89a")
    found = find_pictures(tmp_path, 100, once=True)
    assert [path.name for path in found.paths] == ["a.png", "2.png", "ü 3.bmp"]
    assert {each.name: each.why.split()[0] for each in found.left_out} == {
        "b/notes.txt": "ends", "moving.gif": "ends", "z.png": "is", "b/ground_truth": "holds",
    }  # fmt: skip
    assert "z.png is a copy of a.png" in map(str, found.left_out)
    # for whoever wants every picture they count
    assert len(find_pictures(tmp_path, 100).paths) == 4
    told = [each.name for each in no_pictures(tmp_path)]
    assert told == ["b/notes.txt", "moving.gif", "b/ground_truth"]


def test_find_pictures_says_that_there_are_none(tmp_path: Path) -> None:
    """Nothing, or nothing but other files."""
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(CameraError, match="no file that ends in"):
        find_pictures(tmp_path, 9)


def test_spread_is_even_and_tells_how_many_it_leaves_out(tmp_path: Path) -> None:
    """From the whole folder, never its beginning alone."""
    paths = [tmp_path / f"{k:04}.png" for k in range(1001)]
    kept, (left,) = spread(paths, 100)
    assert kept[0] == paths[0]
    assert kept[-1] == paths[-1]
    assert len(kept) == 100
    assert str(left).startswith("901 pictures because 1001 are more than the 100")
    assert spread(paths, 1001) == (paths, [])


def test_read_pictures_goes_on_past_what_cannot_be_read(tmp_path: Path) -> None:
    """Each file with its own reason, without its path; the others in their order."""
    save(tmp_path, "a.png", "c.png")
    save(tmp_path, "small.png", size_px=(20, 40))
    (tmp_path / "b.png").write_text("hello")
    (tmp_path / "empty.png").write_bytes(b"")
    left_out = list(find_pictures(tmp_path, 9).left_out)
    read = list(read_pictures(find_pictures(tmp_path, 9), SHAPE, "exact", left_out))
    assert [each.path.name for each in read] == ["a.png", "c.png"]
    assert all(each.frame.shape == SHAPE.shape for each in read)
    told = {each.name: each.why for each in left_out}
    assert set(told) == {"b.png", "empty.png", "small.png"}
    assert told["b.png"].startswith("is no PNG")
    assert told["empty.png"] == "is empty (0 bytes)"
    assert "expected 40x24 px, got 40x20 px" in told["small.png"]


def test_left_out_words_are_a_line_for_each_reason(tmp_path: Path) -> None:
    """Few by name, the others counted."""
    for k in range(7):
        (tmp_path / f"{k}.txt").write_text("x")
    (line,) = left_out_words(no_pictures(tmp_path))
    assert line.startswith("left out: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more ends in none of")


def test_oddities_are_pictures_that_ask_to_be_turned_and_several_sizes(tmp_path: Path) -> None:
    """Of a folder as it should be there is nothing to say."""
    save(tmp_path, "a.png", "b.png", "c.jpg")
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.jpg")]
    assert oddities(paths) == []
    save(tmp_path, "b.png", size_px=(40, 24))
    data = paths[2].read_bytes()
    exif = b"Exif\x00\x00" + struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x112, 3, 1, 6, 0, 0)
    head = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    paths[2].write_bytes(data[:2] + head + data[2:])
    turned, sizes = oddities(paths)
    assert turned.startswith("1 of 3 pictures ask to be turned")
    assert "2 sizes (2 of 40x24, 1 of 24x40 px)" in sizes
