"""The judge's truth agrees with what the cameras show, by the part id alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid
from gonogo.drivers.cameras.replay import ReplayCamera, ReplaySection
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.proving.plcsim.truth import Truth, truth_of

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = {"good": 200, "scratch": 90, "dent": 30}


def replay(folder: Path, **options: object) -> ReplaySection:
    """Three readable images and a broken one in folders that say what they are."""
    for label, level in LEVELS.items():
        (folder / label).mkdir()
        cv2.imwrite(str(folder / label / "0.png"), np.full((16, 16), level, np.uint8))
    (folder / "good" / "1.png").write_bytes(b"broken")
    base = {"driver": "replay", "folder": folder, "width_px": 16, "height_px": 16}
    return ReplaySection.model_validate({**base, **options})


@pytest.mark.parametrize("order", ["sequence", "shuffle"])
def test_truth_of_replay_agrees_with_the_camera(order: str, tmp_path: Path) -> None:
    """For every part the label is the one of the image that the camera shows."""
    section = replay(tmp_path, order=order, seed=3)
    camera, pixels = ReplayCamera(section, "top"), np.zeros((16, 16, 3), np.uint8)
    labels = set()
    for part_id in range(1, 21):
        truth = truth_of(section, part_id)
        labels.add(truth.label)
        if truth.label == "unreadable":
            with pytest.raises(FrameInvalid):
                camera.grab(part_id, pixels, 1 << 62)
        else:
            camera.grab(part_id, pixels, 1 << 62)
            assert pixels[0, 0, 0] == LEVELS[truth.label]
        assert truth.good == (truth.label == "good")
    assert labels == {"good", "scratch", "dent", "unreadable"}


def test_truth_of_replay_goes_by_the_real_folder_name(tmp_path: Path) -> None:
    """A link or a relative path to a folder of good parts does not change what they are."""
    (tmp_path / "good").mkdir()
    cv2.imwrite(str(tmp_path / "good" / "0.png"), np.zeros((16, 16), np.uint8))
    (tmp_path / "current").symlink_to(tmp_path / "good")
    section = ReplaySection(driver="replay", folder=tmp_path / "current", width_px=16, height_px=16)
    assert truth_of(section, 1) == Truth(good=True, label="good")


def test_truth_of_replay_without_images_is_an_error(tmp_path: Path) -> None:
    """A judge without ground truth must not judge."""
    section = ReplaySection(driver="replay", folder=tmp_path, width_px=16, height_px=16)
    with pytest.raises(CameraError, match="no file that ends in"):
        truth_of(section, 1)


def test_truth_of_synthetic_has_the_share_of_defects() -> None:
    """Every round of the pool has the same share of bad parts, each with a label."""
    section = SyntheticSection(
        driver="synthetic", width_px=64, height_px=64, pool=50, defect_pct=30, seed=8
    )
    for start in (1, 51, 1001):
        truths = [truth_of(section, part_id) for part_id in range(start, start + 50)]
        assert sum(not truth.good for truth in truths) == 15
        assert {truth.label for truth in truths} == {
            "good", "scratch", "dent", "missing_hole", "wrong_colour", "wrong_size",
        }  # fmt: skip
        assert all(truth.good == (truth.label == "good") for truth in truths)
