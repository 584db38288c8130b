"""The picture of where: the frame with a ring a place, whole in its file or not there."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.atomic_file import Files
from gonogo.rules.image_trust.spots import Spot
from gonogo.rules.image_trust.where import DUST, LONGEST_PX, STUCK, ringed, write_picture

if TYPE_CHECKING:
    from pathlib import Path

FRAME = np.full((200, 300), 90, np.uint8)


class FullDisk(Files):
    """Takes a little and is full."""

    def write(self, fd: int, data: bytes) -> int:
        """The first bytes, then no more."""
        if len(data) > 10 and os.fstat(fd).st_size == 0:
            return super().write(fd, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    """All colours of a picture."""
    return {tuple(int(v) for v in pixel) for pixel in picture.reshape(-1, 3)}


@pytest.mark.parametrize("channels", [1, 3])
def test_picture_has_a_ring_around_each_place_and_the_frame_within(channels: int) -> None:
    """Red a pixel, amber a grain."""
    frame = FRAME if channels == 1 else np.dstack([FRAME] * 3)
    picture = ringed(frame, [Spot(60, 50, 1)], [Spot(200, 120, 30)])
    assert picture.shape == (200, 300, 3)
    for spot, colour in ((Spot(60, 50, 1), STUCK), (Spot(200, 120, 30), DUST)):
        beside = picture[spot.y_px, spot.x_px : spot.x_px + 40]
        assert tuple(picture[spot.y_px, spot.x_px]) == (90, 90, 90)
        assert colour in colours(beside[None])
    assert colours(ringed(frame, [], [])) == {(90, 90, 90)}


def test_picture_of_a_large_frame_is_made_smaller_with_its_rings() -> None:
    """So the file is of a few megabytes at most."""
    frame = np.full((2000, 4 * LONGEST_PX), 90, np.uint8)
    picture = ringed(frame, [Spot(4000, 1000, 1)], [])
    assert picture.shape == (500, LONGEST_PX, 3)
    assert STUCK in colours(picture[240:260, 980:1020])
    assert colours(picture[:200]) == {(90, 90, 90)}


def test_picture_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """It is said where it is, and nothing else is left."""
    path = tmp_path / "cell.top.optics.png"
    for level in (10, 20):
        assert write_picture(path, np.full((8, 9, 3), level, np.uint8)).endswith(f": {path}")
    read = cv2.imread(str(path))
    assert read is not None
    np.testing.assert_array_equal(read, 20)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_picture_that_cannot_be_written_says_why_and_leaves_the_old_one(tmp_path: Path) -> None:
    """On a full disk, with nothing left of what was begun; or without a folder."""
    path = tmp_path / "cell.top.optics.png"
    write_picture(path, np.zeros((8, 9, 3), np.uint8))
    before = path.read_bytes()
    said = write_picture(path, np.ones((8, 9, 3), np.uint8), FullDisk())
    assert said == f"no picture of where: {path}: No space left on device"
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    missing = tmp_path / "none" / "a.png"
    assert write_picture(missing, FRAME).endswith("a.png: No such file or directory")
