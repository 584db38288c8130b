"""Checkerboards in pictures: corners where they are, and refusals that say what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CalibrationError
from gonogo.rules.board import board_of, find_board
from gonogo.rules.scale import similar
from gonogo.tests.rules.optics import FLAT, Pose, board_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOARD = board_of("9x6", 5.0)


def refusal(picture: NDArray[np.uint8], text: str = "9x6") -> str:
    """Why the picture is refused."""
    with pytest.raises(CalibrationError) as caught:
        find_board(picture, board_of(text, 5.0), "shot.png")
    said = str(caught.value)
    assert said.startswith("GN730: shot.png: expected ")
    return said


@pytest.mark.parametrize("turn_deg", [0, 30, 90, 180, 270])
def test_board_is_found_however_it_is_turned(turn_deg: float) -> None:
    """Each corner within a tenth of a pixel of one scale, which is that of the distance."""
    corners = find_board(board_picture(Pose(turn_deg=turn_deg)), BOARD, "shot.png")
    fit = similar(BOARD.points_mm(), corners)
    assert fit.px_per_mm == pytest.approx(5.0, rel=1e-3)
    assert fit.left_px.max() < 0.1


def test_board_is_found_in_colour_and_with_its_sides_named_the_other_way() -> None:
    """6x9 is the same board, standing."""
    colour = cv2.cvtColor(board_picture(), cv2.COLOR_GRAY2BGR)
    corners = find_board(np.asarray(colour, np.uint8), board_of("6x9", 5.0), "shot.png")
    assert similar(board_of("6x9", 5.0).points_mm(), corners).px_per_mm == pytest.approx(
        5, rel=1e-3
    )


def test_board_in_a_mirror_is_a_board_as_good() -> None:
    """It looks the same, as docs/calibration.md says: no refusal, and the same scale."""
    mirrored = np.ascontiguousarray(board_picture()[:, ::-1])
    fit = similar(BOARD.points_mm(), find_board(mirrored, BOARD, "shot.png"))
    assert fit.px_per_mm == pytest.approx(5.0, rel=1e-3)


def test_board_partly_out_of_view_is_refused_with_what_is_left() -> None:
    """The corners that are there, and what to do."""
    said = refusal(board_picture(FLAT._replace(x_mm=50.0, turn_deg=0.0)))
    assert "9x6 inner corners, found " in said
    assert "out of view" in said


def test_another_board_is_refused_with_its_size() -> None:
    """Too few squares, and all of them in view: the wrong board."""
    said = refusal(board_picture(corners=(7, 5)))
    assert "found 7x5; part of it is covered or badly lit, or it is another board" in said


def test_blurred_board_is_refused_with_its_edges() -> None:
    """Out of focus, its corners are known to a pixel and not to a tenth."""
    blurred = np.asarray(cv2.GaussianBlur(board_picture(), (0, 0), 5.0), np.uint8)
    said = refusal(blurred)
    assert "out of focus" in said or "found none" in said


def test_board_of_small_squares_is_refused_with_their_size() -> None:
    """A camera that is too far away."""
    said = refusal(board_picture(FLAT._replace(distance_mm=600.0)))
    assert "squares of at least 8 px, found 5.8 px" in said


@pytest.mark.parametrize("level", [0, 128, 255])
def test_picture_without_a_board_is_refused_with_its_light(level: int) -> None:
    """A lens cap, an empty belt, a lamp in the lens."""
    said = refusal(np.full((480, 640), level, np.uint8))
    assert (
        f"found none; is all of it in view, flat, sharp and evenly lit? (brightest {level}" in said
    )


@pytest.mark.parametrize("text", ["9", "9x", "2x6", "9x41", "9*6", "-9x6", "9x6x3", ""])
def test_board_is_said_by_its_inner_corners(text: str) -> None:
    """3 to 40 along each side, with an x between."""
    with pytest.raises(CalibrationError, match=r"GN730: --board: expected inner corners .* as 9x6"):
        board_of(text, 5.0)


@pytest.mark.parametrize("square_mm", [None, 0.0, -5.0, 1001.0, float("nan")])
def test_board_needs_the_side_of_a_square(square_mm: float | None) -> None:
    """Without it there is no millimetre anywhere."""
    with pytest.raises(CalibrationError, match="GN730: --square-mm: expected the side of a square"):
        board_of("9x6", square_mm)
