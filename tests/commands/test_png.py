"""Pictures into files: to the bit, or a number that says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import OutputError
from gonogo.commands.png import check_png, write_png

if TYPE_CHECKING:
    from pathlib import Path


def test_write_png_is_read_back_to_the_bit(tmp_path: Path) -> None:
    """Grey and colour, over an old file."""
    for channels in (1, 3):
        pixels = np.random.default_rng(1).integers(0, 256, (20, 30, channels), np.uint8)
        check_png(tmp_path / "a.PNG")
        write_png(tmp_path / "a.PNG", pixels)
        found = cv2.imread(str(tmp_path / "a.PNG"), cv2.IMREAD_UNCHANGED)
        assert found is not None
        np.testing.assert_array_equal(found.reshape(pixels.shape), pixels)


@pytest.mark.parametrize(
    ("name", "message"),
    [("shot.jpg", "ends in .png"), ("shot", "ends in .png"), ("no/shot.png", "a folder that is")],
)
def test_check_png_refuses_an_output_before_a_part_is_waited_for(
    tmp_path: Path, name: str, message: str
) -> None:
    """Another ending or a folder that is not there: known without a camera."""
    with pytest.raises(OutputError, match=rf"GN740: --out .*{message}"):
        check_png(tmp_path / name)


def test_write_png_says_why_a_picture_cannot_be_written(tmp_path: Path) -> None:
    """A folder of the very name that is written first."""
    (tmp_path / "shot.png.new").mkdir()
    with pytest.raises(OutputError, match=r"GN740: .*shot.png: cannot be written: Is a directory"):
        write_png(tmp_path / "shot.png", np.zeros((4, 4), np.uint8))
