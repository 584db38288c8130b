"""Made pictures of good parts, and what a view learns from them.

Import as `gonogo.tests.rules.image_trust.pictures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.build.image_trust.lesson import lesson_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.image_trust.lesson import Lesson

GREY, COLOUR = FrameShape(120, 160, 1), FrameShape(120, 160, 3)
NOISE = 2.0  # grey levels of standard deviation
COUNT = 32


def good(seed: int, geometry: FrameShape = COLOUR, *, light: float = 1.0) -> NDArray[np.uint8]:
    """A plate with holes on a dark ground, fixtured; lit, placed and noisy as the seed says."""
    rng = np.random.default_rng(seed)
    height, width = geometry.height_px, geometry.width_px
    frame = np.full((height, width, 3), 40, np.uint8)
    right, bottom = width * 3 // 4, height * 4 // 5
    cv2.rectangle(frame, (width // 5, height // 6), (right, bottom), (150, 170, 160), cv2.FILLED)
    for part in (2, 3, 4):
        x = width * part // 6 + int(rng.integers(0, 2))
        cv2.circle(frame, (x, height // 2), height // 12, (60, 60, 60), cv2.FILLED, cv2.LINE_AA)
    soft = cv2.GaussianBlur(frame, (0, 0), 0.7)  # as a lens does: no edge within one row
    lit = soft * light * rng.uniform(0.98, 1.02) + rng.normal(0, NOISE, frame.shape)
    whole = np.clip(np.rint(lit), 0, 255).astype(np.uint8)
    return whole if geometry.channels > 1 else np.ascontiguousarray(whole[:, :, 1])


def quiet(_what: str, _done: int, _total: int) -> None:
    """No progress."""


def lesson(geometry: FrameShape = COLOUR, count: int = COUNT) -> Lesson:
    """What a view learns from so many of them."""
    return lesson_of(geometry, lambda k: good(k, geometry), count, quiet)
