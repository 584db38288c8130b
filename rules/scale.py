"""From the corners of boards to the scale of a view, and to its lens where the pictures tell.

The first picture shows the board flat at the height of the parts: it sets the scale. Three pictures
or more, tilted this way and that, tell the lens as well (Z. Zhang, IEEE Trans. PAMI 22 (2000),
by OpenCV's calibrateCamera). What remains is said of the first picture, for one scale and the lens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import CalibrationError
from gonogo.rules.calibration import Calibration
from gonogo.rules.lens import Lens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.rules.board import Board
    from gonogo.rules.lens import Points

FOR_LENS = 3  # pictures; fewer leave the focal length to chance
UNEVEN_PCT = 2.0  # scales at two places of the board may differ by so much
TILT_DEG = 10.0  # boards that lie alike leave the focal length to chance
REACH_PCT = 60.0  # a lens is extrapolated beyond the outermost corner of a board
FOCAL_SIGMA_PCT = 2.0  # a focal length that is known less well than that is a guess
LENS_RMS_PX = 1.0  # boards that fit worse are bent, or of another camera


class Picture(NamedTuple):
    """Corners that were found in a picture, float64 (n, 2) in px, as the board has them."""

    name: str
    corners: Points


class Fitted(NamedTuple):
    """A calibration, and what a technician should know of it."""

    calibration: Calibration
    notes: tuple[str, ...]


class Similar(NamedTuple):
    """One scale, a turn and a shift that put a board nearest to its corners; what is left, px."""

    px_per_mm: float
    left_px: NDArray[np.float64]


def calibrate_by_board(
    pictures: Sequence[Picture], board: Board, view: str, frame: FrameShape
) -> Fitted:
    """The scale of the first picture, by the lens of all; CalibrationError says what is wrong."""
    lens, note = _lens_of(pictures, board, frame)
    flat = pictures[0]
    corners = flat.corners if lens is None else lens.straighten(flat.corners)
    uneven = _uneven_pct(board.points_mm(), corners)
    if uneven > UNEVEN_PCT:
        raise CalibrationError(
            f"{flat.name}: expected the board flat at the height of the parts, its scale the same "
            f"within {UNEVEN_PCT:g} % everywhere; found {uneven:.1f} % (perspective): tilt camera "
            "or board until they face each other; the first picture sets the scale"
        )
    fit = similar(board.points_mm(), corners)
    reach = f"corners were seen out to {_reach_pct(pictures, frame):.0f} % of half a diagonal"
    notes = (note, f"scale differs by {uneven:.2f} % over the board", reach)
    return Fitted(
        Calibration(
            view=view,
            width_px=frame.width_px,
            height_px=frame.height_px,
            made_by="board",
            pictures=len(pictures),
            mm_per_px=1 / fit.px_per_mm,
            rms_px=float(np.sqrt(np.mean(fit.left_px**2))),
            worst_px=float(fit.left_px.max()),
            lens=lens,
        ),
        notes,
    )


def similar(points_mm: Points, corners: Points) -> Similar:
    """The similarity of least squares, without a mirror. Source: S. Umeyama, PAMI 13 (1991)."""
    # as complex numbers a turn with a scale is one factor
    board, seen = (_complex(each - each.mean(axis=0)) for each in (points_mm, corners))
    factor = np.vdot(board, seen) / np.vdot(board, board)
    return Similar(float(abs(factor)), np.abs(seen - factor * board))


def _complex(points: Points) -> NDArray[np.complex128]:
    return points[:, 0] + 1j * points[:, 1]


def _uneven_pct(points_mm: Points, corners: Points) -> float:
    """By how much the largest scale of the board's plane exceeds the smallest, in any direction."""
    plane, _ = cv2.findHomography(points_mm, corners)
    low, high = points_mm.min(axis=0), points_mm.max(axis=0)
    places = [low, high, np.array([low[0], high[1]]), np.array([high[0], low[1]])]
    scales = np.concatenate([_scales(np.asarray(plane), at) for at in (*places, (low + high) / 2)])
    return float(100 * (scales.max() / scales.min() - 1))


def _scales(plane: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest and the smallest scale there: singular values of the map's derivative."""
    x, y, w = plane @ np.array([at[0], at[1], 1.0])
    seen = np.array([[x / w], [y / w]])
    slope = (plane[:2, :2] - seen @ plane[2:, :2]) / w
    return np.asarray(np.linalg.svd(slope, compute_uv=False))


def _lens_of(
    pictures: Sequence[Picture], board: Board, frame: FrameShape
) -> tuple[Lens | None, str]:
    """The lens, or None; and why."""
    if len(pictures) < FOR_LENS:
        return None, _unknown(f"{FOR_LENS} pictures or more", str(len(pictures)))
    if (reach_pct := _reach_pct(pictures, frame)) < REACH_PCT:
        wanted = f"corners of boards out to {REACH_PCT:g} % of half the frame's diagonal"
        return None, _unknown(wanted, f"{reach_pct:.0f} %")
    found = _solved(pictures, board, frame)
    if found.rms_px > LENS_RMS_PX:
        raise CalibrationError(
            f"the {len(pictures)} pictures: expected boards that fit one lens within "
            f"{LENS_RMS_PX:g} px, found {found.rms_px:.2f} px rms; is the board flat, and are all "
            "pictures of this camera, with its lens as it is?"
        )
    if found.tilt_deg < TILT_DEG:
        wanted = f"boards tilted against each other by {TILT_DEG:g} deg or more, better 20 to 30"
        return None, _unknown(wanted, f"{found.tilt_deg:.0f} deg")
    if not found.focal_sigma_pct <= FOCAL_SIGMA_PCT:
        wanted = f"its focal length within {FOCAL_SIGMA_PCT:g} %"
        return None, _unknown(wanted, f"{found.focal_sigma_pct:.1f} %; take more pictures")
    if found.lens is None or not found.lens.covers(frame):
        wanted = "one that has one place for each point of the frame"
        return None, _unknown(wanted, "one that folds over; take more pictures, in all corners")
    return found.lens, f"lens fits all corners within {found.rms_px:.3f} px rms"


def _unknown(wanted: str, got: str) -> str:
    return f"lens not known: expected {wanted}, got {got}"


class _Solved(NamedTuple):
    """A lens by least squares (None: its numbers are of no lens), and how far it is to be trusted.

    `tilt_deg`: the largest angle between two boards.
    """

    lens: Lens | None
    rms_px: float
    tilt_deg: float
    focal_sigma_pct: float


def _solved(pictures: Sequence[Picture], board: Board, frame: FrameShape) -> _Solved:
    mm = board.points_mm().astype(np.float32)
    solid = np.concatenate([mm, np.zeros_like(mm[:, :1])], axis=1)
    rms_px, camera, bend, turns, _, sigmas, *_ = cv2.calibrateCameraExtended(
        [solid] * len(pictures),
        [picture.corners.astype(np.float32)[:, np.newaxis] for picture in pictures],
        (frame.width_px, frame.height_px),
        np.eye(3),
        np.zeros(5),
        flags=cv2.CALIB_FIX_K3,  # the sixth power runs away where no corner was
    )
    normals = np.array([np.asarray(cv2.Rodrigues(turn)[0])[:, 2] for turn in turns])
    least = float(np.clip(normals @ normals.T, -1, 1).min())
    return _Solved(
        lens=_lens(np.asarray(camera), np.ravel(bend)[:4].tolist()),
        rms_px=float(rms_px),
        tilt_deg=float(np.degrees(np.arccos(least))),
        focal_sigma_pct=100 * float(np.ravel(sigmas)[0]) / float(camera[0, 0]),
    )


def _lens(camera: NDArray[np.float64], bend: list[float]) -> Lens | None:
    (fx, _, cx), (_, fy, cy) = camera[0].tolist(), camera[1].tolist()
    k1, k2, p1, p2 = bend
    try:
        return Lens(fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, k1=k1, k2=k2, p1=p1, p2=p2)
    except ValueError:
        return None


def _reach_pct(pictures: Sequence[Picture], frame: FrameShape) -> float:
    """How far from the middle to the frame's corners there was any corner of a board."""
    middle = np.array([frame.width_px - 1, frame.height_px - 1]) / 2
    every = np.concatenate([picture.corners for picture in pictures])
    return float(100 * np.linalg.norm(every - middle, axis=1).max() / np.linalg.norm(middle))
