"""A checkerboard in a picture: its inner corners, or why they cannot be used.

A board of 9x6 inner corners has 10x7 squares. It says nothing of left and right: in a mirror it is
a board as good as itself, so a mirrored picture is not told from a right one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import CalibrationError
from gonogo.rules.segment import ChannelOf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.lens import Points

FEWEST, MOST = 3, 40  # corners on a side
LEAST_SQUARE_PX = 8.0  # of smaller ones no corner is known to a tenth of a pixel
BLURRED = 0.35  # an edge that takes longer to rise, as a share of a square
MARGIN_SQUARES = 1.0  # a board nearer to the frame's edge may go on beyond it
_STILL = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)  # px, or steps
_RISE = 0.8  # from 10 to 90 % of an edge
_SEED = (FEWEST, FEWEST)  # the smallest piece that is looked for


class Board(NamedTuple):
    """Inner corners along both sides, and the side of a square."""

    columns: int
    rows: int
    square_mm: float

    def __str__(self) -> str:
        return f"{self.columns}x{self.rows}"

    def points_mm(self) -> Points:
        """Where the corners lie on the board, float64 (columns rows, 2), row by row."""
        grid = np.stack(np.meshgrid(np.arange(self.columns), np.arange(self.rows)), axis=2)
        return np.asarray(grid.reshape(-1, 2) * self.square_mm, np.float64)


def board_of(text: str, square_mm: float | None) -> Board:
    """A board as it is said, "9x6"; CalibrationError."""
    match = re.fullmatch(r"(\d{1,3})x(\d{1,3})", text)
    sides = tuple(map(int, match.groups())) if match else ()
    if not sides or not all(FEWEST <= side <= MOST for side in sides):
        raise CalibrationError(
            f"--board: expected inner corners along both sides as 9x6, {FEWEST} to {MOST} each, "
            f"got {text!r}; a board of 10x7 squares has 9x6 inner corners"
        )
    if square_mm is None or not 0 < square_mm <= 1000:  # noqa: PLR2004 - mm
        raise CalibrationError(
            "--square-mm: expected the side of a square, more than 0 and at most 1000 mm, got "
            f"{'nothing' if square_mm is None else f'{square_mm:g}'}; measure the printed board: "
            "printers scale"
        )
    return Board(sides[0], sides[1], square_mm)


def find_board(image: NDArray[np.uint8], board: Board, name: str) -> Points:
    """The corners in px, as `Board.points_mm` has them; CalibrationError names the picture.

    `image` is uint8 (height, width[, 3]).
    """
    grey = ChannelOf(name, "grey", image.shape)(image)
    found = _grid(grey, board)
    if found is None:
        raise CalibrationError(
            f"{name}: expected a checkerboard of {board} inner corners, found none; is all of it "
            f"in view, flat, sharp and evenly lit? (brightest {int(grey.max())}, darkest "
            f"{int(grey.min())} of 255)"
        )
    corners = _oriented(found, board)
    _refuse_size(found, board, name, grey.shape)
    _refuse_blurred(grey, corners, board, name)
    return _refined(grey, corners)


def _grid(grey: NDArray[np.uint8], board: Board) -> NDArray[np.float64] | None:
    """The board, or the largest piece of one that there is: (rows, columns, 2) in px."""
    flags = cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_ACCURACY
    for size, more in (((board.columns, board.rows), 0), (_SEED, cv2.CALIB_CB_LARGER)):
        there, corners, meta = cv2.findChessboardCornersSBWithMeta(grey, size, flags | more)
        if there:
            rows, columns = np.asarray(meta).shape[:2]
            return np.asarray(corners, np.float64).reshape(rows, columns, 2)
    return None


def _oriented(found: NDArray[np.float64], board: Board) -> NDArray[np.float64]:
    """With rows and columns as the board has them, right-handed as the frame."""
    rows, columns = found.shape[:2]
    turned = found.transpose(1, 0, 2) if (rows > columns) != (board.rows > board.columns) else found
    right, down = turned[0, -1] - turned[0, 0], turned[-1, 0] - turned[0, 0]
    handed = right[0] * down[1] - right[1] * down[0]
    return turned if handed > 0 else turned[::-1]


def _refuse_size(
    found: NDArray[np.float64], board: Board, name: str, frame: tuple[int, ...]
) -> None:
    rows, columns = found.shape[:2]
    if {rows, columns} == {board.rows, board.columns}:
        return
    got = f"{max(rows, columns)}x{min(rows, columns)}"
    side = float(np.linalg.norm(np.diff(found, axis=1), axis=2).mean())
    margin = MARGIN_SQUARES * side
    low, high = found.min(axis=(0, 1)), found.max(axis=(0, 1))
    out = (low < margin).any() or (high > np.array(frame[1::-1]) - 1 - margin).any()
    why = (
        "part of it is out of view: move it, or the camera back"
        if out
        else "part of it is covered or badly lit, or it is another board: count its inner corners"
    )
    raise CalibrationError(f"{name}: expected {board} inner corners, found {got}; {why}")


def _refuse_blurred(
    grey: NDArray[np.uint8], corners: NDArray[np.float64], board: Board, name: str
) -> None:
    side_px = float(np.linalg.norm(np.diff(corners, axis=1), axis=2).mean())
    if side_px < LEAST_SQUARE_PX:
        raise CalibrationError(
            f"{name}: expected squares of at least {LEAST_SQUARE_PX:g} px, found {side_px:.1f} px; "
            "take a board with larger squares, or bring it closer"
        )
    rise_px = _rise_px(grey, corners, board)
    if rise_px > BLURRED * side_px:
        raise CalibrationError(
            f"{name}: expected edges that rise within {BLURRED * side_px:.1f} px (a third of a "
            f"square), found {rise_px:.1f} px: it is out of focus or was moved; "
            "gonogo look --watch helps to focus"
        )


def _refined(grey: NDArray[np.uint8], corners: NDArray[np.float64]) -> Points:
    """From the edges around each corner: found as a whole, tilted boards are half a pixel off."""
    sides = [np.linalg.norm(np.diff(corners, axis=axis), axis=2).min() for axis in (0, 1)]
    reach = max(2, round(float(min(sides)) / 4))  # a window that has no other corner in it
    flat = corners.reshape(-1, 1, 2).astype(np.float32)
    found = cv2.cornerSubPix(grey, flat, (reach, reach), (-1, -1), _STILL)
    return np.asarray(found, np.float64).reshape(-1, 2)


def _rise_px(grey: NDArray[np.uint8], corners: NDArray[np.float64], board: Board) -> float:
    """How far an edge of the board takes from dark to light, in px; inf where none is found."""
    flat = corners.reshape(-1, 1, 2).astype(np.float32)
    size = (board.columns, board.rows)
    found = [
        np.ravel(cv2.estimateChessboardSharpness(grey, size, flat, _RISE, across)[0])
        for across in (False, True)
    ]
    known = [float(each[0]) for each in found if np.isfinite(each[0]) and each[0] > 0]
    return float(np.mean(known)) if known else float("inf")
