"""How good parts lie, as far as they have an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.build.teaching.outline import lie, pose

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 256


def _part(
    x: float = 128, y: float = 128, turn_deg: float = 0, size: tuple[int, int] = (110, 50)
) -> NDArray[np.uint8]:
    """A coloured box or ellipse on grey."""
    frame = np.full((SIDE, SIDE, 3), 128, np.uint8)
    corners = cv2.boxPoints(((x, y), size, turn_deg)).astype(np.int32)
    cv2.fillPoly(frame, [corners], (40, 60, 200), cv2.LINE_AA)
    return frame


@pytest.mark.parametrize("turn_deg", [-70, -20, 0, 35, 80])
def test_pose_finds_centre_and_main_axis(turn_deg: float) -> None:
    """Of a box that lies anywhere, to a tenth of a cell and a degree."""
    found = pose(_part(90, 140, turn_deg))
    assert found is not None
    assert (found.x * SIDE, found.y * SIDE) == pytest.approx((90, 140), abs=0.8)
    off = (found.axis_deg - turn_deg + 90) % 180 - 90
    assert abs(off) < 1
    assert found.elongation == pytest.approx(110 / 50, rel=0.05)


def test_lie_says_nothing_of_parts_that_lie_alike() -> None:
    """A pixel or a degree is what a fixture leaves."""
    assert not lie([_part(128 + k % 2, 128, k % 3) for k in range(8)])


def test_lie_tells_how_far_parts_are_moved_and_turned() -> None:
    """By standard deviation, 13 px and 6.5 degrees here; an axis has no direction."""
    said = lie([_part(128 + 16 * k, 128, 8 * turn) for k in range(3) for turn in (-1, 0, 1)])
    assert "moved by 5.1% of the image" in said
    assert "turned by 6 degrees" in said
    assert "fixture" in said
    # an axis of 88 degrees and one of -88 are four degrees apart
    assert "turned" not in lie([_part(turn_deg=turn) for turn in (88, 90, -88, -90) * 2])


def test_lie_does_not_speak_of_the_axis_of_round_parts() -> None:
    """What is as long as wide has none."""
    said = lie([_part(turn_deg=9 * k, size=(80, 80)) for k in range(8)])
    assert not said


def test_lie_says_nothing_where_there_is_no_outline() -> None:
    """Grey parts, specks, and things that are another size each time."""
    assert not lie([np.full((SIDE, SIDE, 3), 128, np.uint8)] * 5)
    assert not lie([_part(30 * k, size=(6, 6)) for k in range(1, 6)])
    assert not lie([_part(30 * k, size=(40 * k, 40)) for k in range(1, 6)])
