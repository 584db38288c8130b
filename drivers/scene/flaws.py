"""Flaws in the metal of a synthetic part: what a scratch and a dent look like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.drivers.scene.appearance import HOLES
from gonogo.drivers.scene.surface import LIGHT_X, LIGHT_Y

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.scene.appearance import Appearance

RADIUS = 0.225  # of the flaw's middle / S: between the plastic ring and the bolt holes
AROUND = 0.45  # of the gap between two holes that a flaw's middle may lie in
BEND = 0.15  # sagitta of a scratch / its length
POINTS = 12
SUBPIXEL_BITS = 4


def draw_scratch(
    metal: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    side_px: int,
    look: Appearance,
) -> None:
    """A bent groove, 0.1 to 0.24 S long: a bright burr, and a dark flank away from the light."""
    middle_x, middle_y = _middle(side_px, look)
    length = side_px * (0.10 + 0.14 * look.severity)
    # any direction, from the same draw that places it: the sevenfold looks independent
    lean = math.tau * (look.where * 7 % 1)
    along = np.linspace(-0.5, 0.5, POINTS)
    # a parabola through both ends
    aside = BEND * length * (1 - 4 * along * along)
    px = middle_x - float(x[0, 0]) + along * length * math.cos(lean) - aside * math.sin(lean)
    py = middle_y - float(y[0, 0]) + along * length * math.sin(lean) + aside * math.cos(lean)
    points = np.stack([px, py], axis=1)
    width_px = max(side_px / 480 * (1.0 + 0.8 * look.severity), 0.8)
    depth = 58 + 40 * look.severity
    # away from the lamp by a little more than its own width
    flank = -1.2 * width_px * np.array([LIGHT_X, LIGHT_Y])
    metal += depth * _line(metal.shape, points, width_px)
    metal -= 0.6 * depth * _line(metal.shape, points + flank, width_px)


def draw_dent(
    metal: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    side_px: int,
    look: Appearance,
) -> None:
    """A round hollow: the flank away from the lamp faces it and is bright, the other one dark."""
    middle_x, middle_y = _middle(side_px, look)
    radius = side_px * (0.016 + 0.014 * look.severity)
    dx, dy = (x - np.float32(middle_x)) / radius, (y - np.float32(middle_y)) / radius
    facing = -(dx * LIGHT_X + dy * LIGHT_Y)
    hollow = np.exp(-(dx * dx + dy * dy))
    depth = 70 + 50 * look.severity
    # less 0.35: a hollow is darker on the whole
    metal += np.asarray(depth * (1.6 * facing - 0.35) * hollow, np.float32)


def _middle(side_px: int, look: Appearance) -> tuple[float, float]:
    """Where the flaw is, in px from the part's centre: not on a line to one of the holes."""
    # which gap between two holes, and where in it
    gap, place = divmod(look.where * HOLES, 1)
    angle = math.tau * (gap + AROUND * (place - 0.5)) / HOLES
    return side_px * RADIUS * math.cos(angle), side_px * RADIUS * math.sin(angle)


def _line(
    shape: tuple[int, ...], points: NDArray[np.float64], width_px: float
) -> NDArray[np.float32]:
    """An antialiased open line through `points` (n, 2) as float32 0-1, soft at its flanks."""
    mask = np.zeros(shape, np.uint8)
    # OpenCV draws fixed-point coordinates with so many bits behind the point
    fixed = np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    thick = max(round(width_px), 1)
    cv2.polylines(mask, [fixed], False, 255, thick, cv2.LINE_AA, SUBPIXEL_BITS)  # noqa: FBT003 - OpenCV's own
    soft = cv2.GaussianBlur(mask, (0, 0), 0.45 * width_px)
    return np.asarray(soft / np.float32(255), np.float32)
