"""The replay camera: files in order, bad ones in their place, nothing read after the start."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from gonogo.base.errors import CameraError, FrameInvalid
from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.replay import ReplayCamera, ReplaySection

if TYPE_CHECKING:
    from pathlib import Path

FAR_NS = 1 << 62


def section(folder: Path, **options: object) -> ReplaySection:
    """A section for 32x24 px images."""
    base = {"driver": "replay", "folder": folder, "width_px": 32, "height_px": 24}
    return ReplaySection.model_validate({**base, **options})


def put_image(path: Path, level: int) -> None:
    """One flat image of 32x24 px."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((24, 32, 3), level, np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images: grey level 10, 20, 30."""
    for index in range(3):
        put_image(tmp_path / f"{index}.png", 10 * (index + 1))
    return tmp_path


def levels(camera: ReplayCamera, part_ids: range) -> list[int]:
    """The grey level that each part shows."""
    pixels = np.zeros((24, 32, 3), np.uint8)
    shown = []
    for part_id in part_ids:
        camera.grab(part_id, pixels, FAR_NS)
        assert pixels.min() == pixels.max()
        shown.append(int(pixels[0, 0, 0]))
    return shown


def test_section_geometry_follows_the_pixel_format(folder: Path) -> None:
    """The ring is made with this geometry."""
    assert section(folder).geometry == FrameShape(24, 32, 3)
    assert section(folder, pixel_format="mono8").geometry == FrameShape(24, 32, 1)


@pytest.mark.parametrize("wrong", [{"width_px": 0}, {"rate_hz": 0.0}, {"fit": "crop"}, {"fps": 5}])
def test_section_refuses_values_out_of_range(folder: Path, wrong: dict[str, object]) -> None:
    """Bounds and unknown keys are checked before a camera is opened."""
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        section(folder, **wrong)


def test_replay_shows_the_files_in_order(folder: Path) -> None:
    """Part 1 shows the first file; after the last one it begins again."""
    camera = ReplayCamera(section(folder), "top")
    assert levels(camera, range(1, 6)) == [10, 20, 30, 10, 20]
    assert camera.problems == []


def test_replay_shuffles_each_round(folder: Path) -> None:
    """Every round of three parts shows each image once."""
    shown = levels(ReplayCamera(section(folder, order="shuffle", seed=2), "top"), range(1, 31))
    rounds = [tuple(shown[at : at + 3]) for at in range(0, 30, 3)]
    assert all(sorted(part) == [10, 20, 30] for part in rounds)
    assert len(set(rounds)) > 1


def test_replay_reads_nothing_after_the_start(folder: Path) -> None:
    """With the folder gone, the parts still show their images."""
    camera = ReplayCamera(section(folder), "top")
    shutil.rmtree(folder)
    assert levels(camera, range(1, 4)) == [10, 20, 30]


def test_replay_keeps_a_bad_file_in_its_place(folder: Path) -> None:
    """Only the part that shows the bad file is FrameInvalid; the others do not move."""
    whole = (folder / "1.png").read_bytes()
    (folder / "1.png").write_bytes(whole[:-20])
    camera = ReplayCamera(section(folder), "top")
    assert len(camera.problems) == 1
    assert "1.png is cut off" in camera.problems[0]
    pixels = np.full((24, 32, 3), 7, np.uint8)
    with pytest.raises(FrameInvalid, match=r"view 'top': part 5: .*1\.png is cut off"):
        camera.grab(5, pixels, FAR_NS)
    assert (pixels == 7).all()
    assert levels(camera, range(6, 8)) == [30, 10]


def test_replay_refuses_a_folder_without_a_usable_image(folder: Path) -> None:
    """The message counts the files and shows why the first ones failed."""
    with pytest.raises(CameraError, match=r"none of the 3 images .* expected 64x24 px, got 32x24"):
        ReplayCamera(section(folder, width_px=64), "top")


def test_replay_refuses_more_than_its_memory(folder: Path) -> None:
    """The sum is made before anything is decoded."""
    with pytest.raises(CameraError, match=r"need 69 MB of memory, expected at most max_memory_mb"):
        ReplayCamera(section(folder, width_px=4000, height_px=2000, max_memory_mb=68), "top")


def test_replay_refuses_an_empty_folder(tmp_path: Path) -> None:
    """Nothing to show is an error of the station file."""
    with pytest.raises(CameraError, match="no file that ends in"):
        ReplayCamera(section(tmp_path), "top")


def test_replay_exposure_lasts_as_long_as_asked(folder: Path) -> None:
    """The frame is not there before its exposure is over."""
    camera = ReplayCamera(section(folder, exposure_ms=4.0), "top")
    start_ns = time.monotonic_ns()
    exposure = camera.grab(1, np.zeros((24, 32, 3), np.uint8), FAR_NS)
    assert exposure.frame_ns - start_ns >= 4_000_000


def test_replay_of_an_unreadable_image_fails_at_its_part_not_when_it_is_queued(
    tmp_path: Path,
) -> None:
    """Between two parts nothing is said: the part that would show it says so."""
    cv2.imwrite(str(tmp_path / "a.png"), np.full((64, 64, 3), 9, np.uint8))
    (tmp_path / "b.png").write_bytes(b"no image")
    section = ReplaySection(driver="replay", folder=tmp_path, width_px=64, height_px=64)
    camera = ReplayCamera(section, "top")
    pixels = np.empty((64, 64, 3), np.uint8)
    camera.grab(1, pixels, time.monotonic_ns() + 10**10)
    camera.queue(pixels)
    with pytest.raises(FrameInvalid, match="part 2"):
        camera.grab(2, pixels, time.monotonic_ns() + 10**10)
    camera.close()
