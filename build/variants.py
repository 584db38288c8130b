"""Images made from good images: harmless differences, and planted defects.

An engine is made from good parts alone. What good parts to come may look like,
and whether INT8 still sees a defect, is tried on these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# further than parts come to lie in a fixture: an engine learns what may yet come
SHIFT = 0.012  # of the image side
TURN_DEG = 1.5
ZOOM = 0.015
GAIN = 0.06
DEFECT_SIDE = (0.05, 0.2)  # of the shorter image side
SCRATCH_LENGTH = (0.1, 0.5)
SCRATCH_WIDTH = (0.004, 0.015)


def nuisance(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same good part, placed and lit a little differently.

    Shifted by up to 1.2 %, turned by up to 1.5 degrees, zoomed by up to 1.5 % and
    6 % brighter or darker; the border is mirrored. Shape and dtype stay.
    """
    height_px, width_px = frame.shape[:2]
    zoom = 1 + rng.uniform(-ZOOM, ZOOM)
    centre = (width_px / 2, height_px / 2)
    move = cv2.getRotationMatrix2D(centre, float(rng.uniform(-TURN_DEG, TURN_DEG)), float(zoom))
    move[0, 2] += rng.uniform(-SHIFT, SHIFT) * width_px
    move[1, 2] += rng.uniform(-SHIFT, SHIFT) * height_px
    # black edges would be learnt as part of a good part
    border = cv2.BORDER_REFLECT_101
    moved = cv2.warpAffine(
        frame, move, (width_px, height_px), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return np.asarray(
        cv2.convertScaleAbs(moved, alpha=float(1 + rng.uniform(-GAIN, GAIN))), np.uint8
    )


def deface(frame: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The part with one planted defect: a transplanted patch, a scratch or a stain."""
    plant = _DEFECTS[int(rng.integers(len(_DEFECTS)))]
    # OpenCV draws in place, and wants it in one piece
    defaced = np.ascontiguousarray(frame.copy())
    plant(defaced, rng)
    return defaced


def _transplant(frame: NDArray[np.uint8], rng: np.random.Generator) -> None:
    side, y_px, x_px = _square(frame, rng)
    _, from_y, from_x = _square(frame, rng, side)
    # a copy: both places may overlap
    patch = frame[from_y : from_y + side, from_x : from_x + side].copy()
    # the part's own surface where it does not belong
    frame[y_px : y_px + side, x_px : x_px + side] = np.rot90(patch, int(rng.integers(1, 4)))


def _scratch(frame: NDArray[np.uint8], rng: np.random.Generator) -> None:
    height_px, width_px = frame.shape[:2]
    short_px = min(height_px, width_px)
    start = np.array([rng.uniform(0, width_px), rng.uniform(0, height_px)])
    angle = rng.uniform(0, 2 * np.pi)
    reach = rng.uniform(*SCRATCH_LENGTH) * short_px * np.array([np.cos(angle), np.sin(angle)])
    width = max(1, round(short_px * rng.uniform(*SCRATCH_WIDTH)))
    cv2.line(frame, _point(start), _point(start + reach), _colour(rng), width, cv2.LINE_AA)


def _stain(frame: NDArray[np.uint8], rng: np.random.Generator) -> None:
    side, y_px, x_px = _square(frame, rng)
    centre = (x_px + side // 2, y_px + side // 2)
    axes = (max(1, side // 2), max(1, round(side * rng.uniform(0.1, 0.5))))
    turn_deg = float(rng.uniform(0, 180))
    cv2.ellipse(frame, centre, axes, turn_deg, 0, 360, _colour(rng), cv2.FILLED, cv2.LINE_AA)


# no real ones: they tell whether INT8 still sees what FP32 does
_DEFECTS: tuple[Callable[[NDArray[np.uint8], np.random.Generator], None], ...] = (
    _transplant,
    _scratch,
    _stain,
)


def _square(
    frame: NDArray[np.uint8], rng: np.random.Generator, side_px: int = 0
) -> tuple[int, int, int]:
    """Side, top and left in px of a random square inside the frame."""
    height_px, width_px = frame.shape[:2]
    short_px = min(height_px, width_px)
    side = side_px or max(1, int(short_px * rng.uniform(*DEFECT_SIDE)))
    return side, int(rng.integers(height_px - side + 1)), int(rng.integers(width_px - side + 1))


def _point(xy: NDArray[np.float64]) -> tuple[int, int]:
    return int(xy[0]), int(xy[1])


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    blue, green, red = rng.integers(0, 256, 3)
    return int(blue), int(green), int(red)
