"""The lens: held against OpenCV's, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.tests.rules.optics import BARREL, FRAME, NO_LENS, bend_of, camera_of, straight_points

if TYPE_CHECKING:
    from gonogo.rules.lens import Lens

LENSES = {
    "barrel": BARREL,
    "pincushion": BARREL.model_copy(update={"k1": 0.2, "k2": 0.05}),
    "askew": BARREL.model_copy(update={"fy_px": 650.0, "p1": -4e-3, "p2": 3e-3}),
}


def points() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """All over the frame."""
    return np.random.default_rng(1).uniform((0, 0), (639, 479), (400, 2))


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_lens_straightens_as_opencv_does(lens: Lens) -> None:
    """To a thousandth of a pixel, where OpenCV is told to go on until it is still."""
    seen = points()
    np.testing.assert_allclose(lens.straighten(seen), straight_points(seen, lens), atol=1e-3)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_lens_bends_as_opencv_projects(lens: Lens) -> None:
    """Points on a plane before the camera come out where OpenCV's projection has them."""
    straight = points()
    camera = camera_of(lens)
    rays = np.concatenate([straight, np.ones((len(straight), 1))], axis=1) @ np.linalg.inv(camera).T
    expected, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), camera, bend_of(lens))
    np.testing.assert_allclose(lens.bend(straight), expected[:, 0], atol=1e-6)


def test_lens_that_does_not_bend_leaves_points_where_they_are() -> None:
    """To the bit of a float's last digits."""
    np.testing.assert_allclose(NO_LENS.straighten(points()), points(), atol=1e-9)


def test_lens_covers_its_frame_unless_it_folds_over_in_it() -> None:
    """A polynomial that bends the edge back inwards has two places for one pixel, or none."""
    assert all(lens.covers(FRAME) for lens in LENSES.values())
    assert not BARREL.model_copy(update={"k1": -1.5, "k2": 0.0}).covers(FRAME)
