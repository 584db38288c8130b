"""From boards to scale and lens: held against poses and a lens that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CalibrationError
from gonogo.rules.board import board_of, find_board
from gonogo.rules.scale import Picture, calibrate_by_board, similar
from gonogo.tests.rules.optics import BARREL, FLAT, FRAME, NO_LENS, TILTED, Pose, board_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.rules.lens import Lens
    from gonogo.rules.scale import Fitted

BOARD = board_of("9x6", 5.0)
MOVED = [FLAT._replace(x_mm=x, y_mm=0.6 * x) for x in (-25.0, 0.0, 25.0)]
CENTRAL = [FLAT, FLAT._replace(tilt_x_deg=20.0), FLAT._replace(tilt_y_deg=20.0)]


def fitted(poses: Sequence[Pose], lens: Lens) -> Fitted:
    """The calibration of pictures of a board in these poses."""
    pictures = [
        Picture(f"{k}.png", find_board(board_picture(pose, lens), BOARD, f"{k}.png"))
        for k, pose in enumerate(poses)
    ]
    return calibrate_by_board(pictures, BOARD, "top", FRAME)


def test_one_flat_picture_tells_the_scale() -> None:
    """Distance by focal length, to a thousandth; the lens is said to be unknown."""
    found, notes = fitted([FLAT], NO_LENS)
    assert found.mm_per_px == pytest.approx(0.2, rel=1e-3)
    assert found.rms_px is not None
    assert found.worst_px is not None
    assert found.rms_px <= found.worst_px < 0.1
    assert (found.made_by, found.pictures, found.lens) == ("board", 1, None)
    assert notes[0] == "lens not known: expected 3 pictures or more, got 1"


def test_residual_tells_a_lens_that_bends() -> None:
    """One picture cannot take it out: what it costs is said, and larger than without it."""
    bent, _ = fitted([FLAT], BARREL)
    plain, _ = fitted([FLAT], NO_LENS)
    assert bent.worst_px is not None
    assert plain.worst_px is not None
    assert bent.worst_px > 5 * plain.worst_px


def test_tilted_pictures_tell_the_lens() -> None:
    """All over the frame points come out within half a pixel of where the true lens has them."""
    found, notes = fitted(TILTED, BARREL)
    assert found.lens is not None
    points = np.random.default_rng(2).uniform((0, 0), (639, 479), (500, 2))
    # two lenses that differ by their focal length differ by a scale: it is in mm_per_px
    mine = (found.lens.straighten(points) - [found.lens.cx_px, found.lens.cy_px]) * found.mm_per_px
    true = (BARREL.straighten(points) - [BARREL.cx_px, BARREL.cy_px]) * 0.2
    off_mm = np.linalg.norm(mine - mine.mean(axis=0) - true + true.mean(axis=0), axis=1)
    assert off_mm.max() < 0.1
    assert found.worst_px is not None
    assert found.worst_px < 0.15
    assert notes[0].startswith("lens fits all corners within 0.")
    assert notes[2].endswith("% of half a diagonal")


@pytest.mark.parametrize(
    ("poses", "why"),
    [
        (MOVED, "expected boards tilted against each other by 10 deg or more, better 20 to 30"),
        (CENTRAL, "expected corners of boards out to 60 % of half the frame's diagonal"),
        (MOVED[:2], "expected 3 pictures or more, got 2"),
    ],
)
def test_pictures_that_do_not_tell_the_lens_tell_the_scale(poses: Sequence[Pose], why: str) -> None:
    """A board that is only moved, or only in the middle: no guess is made of the lens."""
    found, notes = fitted(poses, NO_LENS)
    assert found.lens is None
    assert notes[0].startswith(f"lens not known: {why}")
    assert found.mm_per_px == pytest.approx(0.2, rel=1e-3)


@pytest.mark.parametrize("tilt", ["tilt_x_deg", "tilt_y_deg"])
def test_tilted_first_picture_is_refused_with_its_perspective(tilt: str) -> None:
    """The scale would differ from one side of the frame to the other."""
    with pytest.raises(CalibrationError, match=r"GN730: 0.png: .*flat .*found \d+\.\d % \(persp"):
        fitted([FLAT._replace(**{tilt: 12.0})], NO_LENS)


def test_pictures_of_a_board_that_is_bent_are_refused() -> None:
    """In waves of four pixels, up in one picture and down in the next: no lens does that."""
    x, _ = (BOARD.points_mm() / BOARD.points_mm().max(axis=0)).T
    bow = np.stack([np.zeros_like(x), 4 * np.sin(3 * np.pi * x)], axis=1)
    pictures = [
        Picture(str(k), find_board(board_picture(pose, BARREL), BOARD, str(k)) + (-1) ** k * bow)
        for k, pose in enumerate(TILTED)
    ]
    with pytest.raises(CalibrationError, match="fit one lens within 1 px, found"):
        calibrate_by_board(pictures, BOARD, "top", FRAME)


def test_similar_finds_turn_and_scale_and_what_is_left() -> None:
    """Of points that are turned, scaled and shifted nothing is left; of one that is off, it is."""
    mm = BOARD.points_mm()
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    corners = 3 * mm @ turn.T + [100, 50]
    fit = similar(mm, corners)
    assert fit.px_per_mm == pytest.approx(3)
    assert fit.left_px.max() < 1e-9
    corners[7] += [2, 0]
    assert similar(mm, corners).left_px.argmax() == 7
