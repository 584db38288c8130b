"""Pictures through a lens whose bending is known, drawn with OpenCV and not with our own code.

Import as `gonogo.tests.rules.optics`.
"""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.calibration import Calibration
from gonogo.rules.lens import Lens

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Real = NDArray[np.float64]
    Scene = Callable[[Real, Real], Real]  # grey levels at x, y

FRAME = FrameShape(480, 640, 1)
FOCAL_PX = 700.0
# a cheap wide lens: 8 % at the corners of the frame
BARREL = Lens(
    fx_px=FOCAL_PX, fy_px=FOCAL_PX, cx_px=322.0, cy_px=236.0, k1=-0.25, k2=0.06, p1=8e-4, p2=-5e-4
)
NO_LENS = BARREL.model_copy(update={"k1": 0.0, "k2": 0.0, "p1": 0.0, "p2": 0.0})
_FINE = 3  # samples a pixel, along a row and along a column
_SOFT = 0.15  # the slope between two squares, as a share of a square's side by pi


def camera_of(lens: Lens) -> Real:
    """The camera matrix, as OpenCV takes it."""
    return np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1]])


def bend_of(lens: Lens) -> Real:
    """The coefficients, as OpenCV takes them."""
    return np.array([lens.k1, lens.k2, lens.p1, lens.p2])


def calibration(lens: Lens | None = BARREL, mm_per_px: float = 1.0) -> Calibration:
    """As the file of a view 'top' has it."""
    return Calibration(
        view="top",
        width_px=FRAME.width_px,
        height_px=FRAME.height_px,
        made_by="board",
        pictures=5,
        mm_per_px=mm_per_px,
        rms_px=0.05,
        worst_px=0.1,
        lens=lens,
    )


def seen_through(scene: Scene, lens: Lens, frame: FrameShape = FRAME) -> NDArray[np.uint8]:
    """What a camera with that lens shows of a scene that is given in straight pixels."""
    rows, columns = frame.shape[:2]
    fine = (np.arange(_FINE) + 0.5) / _FINE - 0.5  # about a pixel's centre
    x, y = np.meshgrid(
        np.add.outer(np.arange(columns), fine).ravel(), np.add.outer(np.arange(rows), fine).ravel()
    )
    straight = straight_points(np.stack([x.ravel(), y.ravel()], axis=1), lens)
    levels = scene(straight[:, 0], straight[:, 1]).reshape(x.shape)
    pixels = levels.reshape(rows, _FINE, columns, _FINE).mean(axis=(1, 3))
    return np.asarray(np.rint(np.clip(pixels, 0, 255)), np.uint8)


def straight_points(points: Real, lens: Lens) -> Real:
    """Points (n, 2) without the lens, by OpenCV, which by default stops after five steps."""
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-9)
    camera, bend = camera_of(lens), bend_of(lens)
    # version 4 has a function of its own for that, and version 5 an argument
    find: Any = getattr(cv2, "undistortPointsIter", None) or partial(
        _undistort, cv2.undistortPoints
    )
    found = find(points[:, np.newaxis], camera, bend, np.eye(3), camera, until)
    return np.asarray(found[:, 0], np.float64)


def _undistort(find: Any, points: Real, camera: Real, bend: Real, *more: Any) -> Real:  # noqa: ANN401 - OpenCV's
    turn, onto, until = more
    return np.asarray(find(points, camera, bend, R=turn, P=onto, criteria=until))


def straightened(pixels: NDArray[np.uint8], lens: Lens) -> NDArray[np.uint8]:
    """The whole frame without its lens, the slow way."""
    return np.asarray(cv2.undistort(pixels, camera_of(lens), bend_of(lens)), np.uint8)


class Pose(NamedTuple):
    """Where the middle of a board is in front of the camera, and how it is turned and tilted."""

    x_mm: float = 0.0
    y_mm: float = 0.0
    distance_mm: float = 140.0  # 0.2 mm a pixel at FOCAL_PX
    tilt_x_deg: float = 0.0
    tilt_y_deg: float = 0.0
    turn_deg: float = 3.0


FLAT = Pose()
TILTED = (
    FLAT,
    Pose(-34, -24, 150, 22, 12, 0),
    Pose(34, 22, 155, -20, 14, 6),
    Pose(-34, 23, 150, 12, -24, -8),
    Pose(34, -23, 155, -14, -20, 5),
    Pose(0, 0, 115, 16, 18, 180),
)


@cache
def board_picture(
    pose: Pose = FLAT,
    lens: Lens = NO_LENS,
    corners: tuple[int, int] = (9, 6),
    square_mm: float = 5.0,
) -> NDArray[np.uint8]:
    """A checkerboard on a white sheet; do not write into it."""
    back = np.linalg.inv(_onto(pose, lens))
    squares = np.array(corners) + 1

    def scene(x: Real, y: Real) -> Real:
        on_board = back @ np.stack([x, y, np.ones_like(x)])
        place = on_board[:2] / on_board[2] / square_mm + squares[:, np.newaxis] / 2
        inside = ((place >= 0) & (place < squares[:, np.newaxis])).all(axis=0)
        # not from dark to light at once: samples would put each edge a third of a pixel off
        across, down = _wave(place * math.pi, _SOFT)
        return np.where(inside & (across * down > -1), 125.0 - 95.0 * across * down, 220.0)

    picture = cv2.GaussianBlur(seen_through(scene, lens), (0, 0), 0.7)
    return np.asarray(picture, np.uint8)


def _wave(angle: Real, soft: float) -> Real:
    """1 in even squares and -1 in odd ones, with a slope between them."""
    return np.asarray(np.clip(np.sin(angle) / soft, -1, 1))


def _onto(pose: Pose, lens: Lens) -> Real:
    """From mm on the board to straight pixels."""
    angles = (math.radians(a) for a in (pose.tilt_x_deg, pose.tilt_y_deg, pose.turn_deg))
    turns = [
        np.asarray(cv2.Rodrigues(axis * a)[0]) for axis, a in zip(np.eye(3), angles, strict=True)
    ]
    turn = turns[0] @ turns[1] @ turns[2]
    place = np.array([pose.x_mm, pose.y_mm, pose.distance_mm])
    return np.asarray(camera_of(lens) @ np.stack([turn[:, 0], turn[:, 1], place], axis=1))
