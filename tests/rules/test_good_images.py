"""Images of good parts, read as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import ImageFileError, StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.good_images import decoded, image_files, load_frame

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = FrameShape(60, 80, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A picture of random pixels, 80 x 60 px."""
    pixels = np.random.default_rng(3).integers(0, 256, SHAPE.shape, np.uint8)
    (tmp_path / "0.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return tmp_path / "0.png"


def test_load_frame_fits_or_refuses(path: Path) -> None:
    """An image of another size is refused, or averaged to the station's size when told."""
    small = FrameShape(30, 40, 1)
    with pytest.raises(ImageFileError, match=r"expected 40 x 30 px, got 80 x 60 px"):
        load_frame(path, small)
    assert load_frame(path, small, "resize").shape == (30, 40)
    assert load_frame(path, SHAPE).shape == SHAPE.shape


def test_image_files_says_when_there_is_none(tmp_path: Path) -> None:
    """A folder without images, or none at all, is named."""
    (tmp_path / "notes.txt").write_text("x")
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(StationFileError, match="expected a folder of images of good parts"):
            image_files(folder)


def test_image_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Whatever the case of the suffix; values are told by file name."""
    for name in ("b.PNG", "a.jpg", "c.tiff", "d.txt", "e.toml"):
        (tmp_path / name).write_bytes(b"")
    assert [found.name for found in image_files(tmp_path)] == ["a.jpg", "b.PNG", "c.tiff"]


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_load_frame_names_a_file_that_is_no_image(tmp_path: Path, content: bytes) -> None:
    """Empty, or something else."""
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(ImageFileError, match=r"x\.png: expected an image file"):
        load_frame(path, SHAPE)
    with pytest.raises(ImageFileError, match=r"y\.png: cannot be read: No such file"):
        load_frame(tmp_path / "y.png", SHAPE)


def test_decoded_is_grey_or_colour_as_asked(path: Path) -> None:
    """By the mode of OpenCV, whatever the file holds."""
    content = path.read_bytes()
    assert decoded(path, content, cv2.IMREAD_GRAYSCALE).shape == (60, 80)
    assert decoded(path, content, cv2.IMREAD_COLOR).shape == (60, 80, 3)
