"""Surfaces of the synthetic scene: the belt, the turned metal face, the light on both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIGHT_X, LIGHT_Y = -0.6, -0.8  # towards the lamp: from the upper left, a unit vector
BELT_GREY = 36.0
FACE_GREY = 158.0
BELT_SEED = 7  # one belt for every station and part: it only moves on
ANGLES, RADII = 360, 512  # resolution of the polar texture
ARC = 31  # length of a tool mark, in steps of the angle


def belt_tile(height_px: int, width_px: int, side_px: int) -> NDArray[np.float32]:
    """Woven rubber, float32 (height, 1.5 width), in grey levels."""
    rng = np.random.default_rng(BELT_SEED)
    # half a frame more: each part shows another piece of it
    shape = (height_px, width_px + width_px // 2)
    # 80 threads across the shorter side, none narrower than three pixels: it would alias
    pitch = 2 * math.pi / max(side_px / 80, 3.0)
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    weave = np.sin((x + y) * pitch) * np.sin((x - y) * pitch)
    fine, coarse = (rng.standard_normal(shape, np.float32) for _ in range(2))
    blurred = cv2.GaussianBlur(coarse, (0, 0), sigmaX=side_px / 12, sigmaY=1.5)
    scuffs = np.asarray(blurred, np.float32)
    # blurring takes its contrast away, by how much depends on the size of the frame
    scuffs /= max(float(scuffs.std()), 1e-6)
    belt = BELT_GREY + 2.6 * weave + 1.6 * fine + 2.2 * scuffs
    # not black: the sensor's noise needs room below
    return np.asarray(np.maximum(belt, 12), np.float32)


def lighting(height_px: int, width_px: int) -> NDArray[np.float32]:
    """Factor of the light at each pixel: brighter towards the lamp, darker in the corners."""
    x = np.linspace(-1, 1, width_px, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height_px, dtype=np.float32)[:, None]
    slope = 0.06 * (x * LIGHT_X + y * LIGHT_Y)
    return np.asarray(1.0 + slope - 0.05 * (x * x + y * y), np.float32)


def face(
    radius: NDArray[np.float32],
    angle: NDArray[np.float32],
    side_px: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """A turned face in grey levels: rings of the tool, and the two fans they throw.

    Grooves around the centre reflect most where they run across the light
    (anisotropic highlight; Ward, SIGGRAPH 1992).
    """
    grooves = _grooves(rng)
    # 0.45 S: as far as the square around a part reaches (gonogo.drivers.scene.drawing)
    across = radius * np.float32(RADII / (0.45 * side_px))
    around = angle * np.float32((ANGLES - 1) / (2 * math.pi))
    texture = cv2.remap(grooves, across, around, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    lean = math.atan2(LIGHT_Y, LIGHT_X) + float(rng.uniform(-0.05, 0.05))
    swing = np.sin(angle - np.float32(lean))
    fans = np.exp(-(swing * swing) * np.float32(7))
    return np.asarray(FACE_GREY - 10 + 46 * fans + texture * (1 + 0.5 * fans), np.float32)


def _grooves(rng: np.random.Generator) -> NDArray[np.float32]:
    """Grey levels of the tool marks, float32 (ANGLES, RADII): full rings, arcs, broad bands."""
    rings = rng.standard_normal((1, RADII), np.float32) * 4.5
    bands = np.asarray(cv2.GaussianBlur(rings, (0, 0), sigmaX=14, sigmaY=1))
    arcs = rng.standard_normal((ANGLES, RADII), np.float32)
    # the angle comes round: without this there would be a seam at 0 degrees
    ends = cv2.copyMakeBorder(arcs, ARC, ARC, 0, 0, cv2.BORDER_WRAP)
    # a mean of n values is sqrt(n) fainter: back to the contrast of the others
    smooth = np.asarray(cv2.blur(ends, (1, ARC)))[ARC:-ARC] * ARC**0.5
    return np.asarray(rings + 2.5 * bands + 3.0 * smooth, np.float32)
