"""Good pictures damaged on purpose: what a check must find to be of use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.rules.image_trust.sample import BANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

LOST_LIGHT = 0.4
OVERLIT_FROM_PCT = 75  # a quarter of the picture is then saturated
GAIN = (1.5, 8.0)
BLUR_PX = 2.0  # sigma
SHIFT = 0.05  # of the side
RECODED = 0.02  # of the pixels of a copy are off by one level
DEAD = 20
SMEAR = (0.06, 0.04)  # half axes, of width and height
SMEAR_CONTRAST, SMEAR_LEVEL = 0.75, 25.0


class Good(NamedTuple):
    """A good picture, the one before it, and its noise in grey levels (standard deviation)."""

    frame: Frame
    former: Frame
    noise: float


def darken(good: Good, _rng: np.random.Generator) -> Frame:
    """40 % less light."""
    return _scaled(good.frame, 1 - LOST_LIGHT)


def overlight(good: Good, _rng: np.random.Generator) -> Frame:
    """So much light that a quarter of the picture is saturated."""
    level = max(1.0, float(np.percentile(good.frame, OVERLIT_FROM_PCT)))
    return _scaled(good.frame, min(max(255.0 / level, GAIN[0]), GAIN[1]))


def blur(good: Good, rng: np.random.Generator) -> Frame:
    """Out of focus by a sigma of 2 px, with the noise put back that the sensor adds behind it."""
    soft = cv2.GaussianBlur(good.frame, (0, 0), BLUR_PX).astype(np.float32)
    return _levels(soft + rng.normal(0.0, good.noise, size=soft.shape))


def shift_across(good: Good, rng: np.random.Generator) -> Frame:
    """5 % of the width to the left or right."""
    return _moved(good.frame, _sign(rng) * SHIFT * good.frame.shape[1], 0.0)


def shift_along(good: Good, rng: np.random.Generator) -> Frame:
    """5 % of the height up or down."""
    return _moved(good.frame, 0.0, _sign(rng) * SHIFT * good.frame.shape[0])


def tear(good: Good, rng: np.random.Generator) -> Frame:
    """Another good picture from some row on; not within the topmost or lowest 16th."""
    height = good.frame.shape[0]
    band = max(1, height // BANDS)
    row = int(rng.integers(band, height - band))
    return np.concatenate([good.frame[:row], good.former[row:]])


def copy(good: Good, rng: np.random.Generator) -> Frame:
    """The same picture again, a few pixels off by one level."""
    off = rng.random(good.frame.shape) < RECODED
    return np.asarray(np.bitwise_xor(good.frame, off.astype(np.uint8)), np.uint8)


def smear(good: Good, rng: np.random.Generator) -> Frame:
    """Something soft on the glass."""
    frame = good.frame
    height, width = frame.shape[:2]
    mask = np.zeros((height, width), np.float32)
    centre = (int(rng.uniform(0.3, 0.7) * width), int(rng.uniform(0.3, 0.7) * height))
    axes = (max(1, int(SMEAR[0] * width)), max(1, int(SMEAR[1] * height)))
    cv2.ellipse(mask, centre, axes, 20.0, 0.0, 360.0, (1.0,), -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.01 * width, 1.0)), np.float32)
    soft = cv2.GaussianBlur(frame, (0, 0), max(0.01 * width, 1.0)).astype(np.float32)
    mask = mask if frame.ndim == mask.ndim else mask[:, :, None]
    return _levels(frame * (1 - mask) + (SMEAR_CONTRAST * soft + SMEAR_LEVEL) * mask)


def kill_pixels(good: Good, rng: np.random.Generator) -> Frame:
    """20 pixels, half of them black and half of them white."""
    frame: Frame = good.frame.copy()
    rows, columns = (rng.integers(0, size, DEAD) for size in frame.shape[:2])
    frame[rows[::2], columns[::2]] = 0
    frame[rows[1::2], columns[1::2]] = 255
    return frame


# by name, as the tables have them
DAMAGES: dict[str, Callable[[Good, np.random.Generator], Frame]] = {
    "40 % less light": darken,
    "light to saturation": overlight,
    "blur of 2 px": blur,
    "5 % across": shift_across,
    "5 % along": shift_along,
    "torn": tear,
    "copy": copy,
    "partly the frame before": tear,
    "smear": smear,
    "20 dead pixels": kill_pixels,
}
# which of them a check is for
MEANT_FOR = {
    "too dark": "40 % less light",
    "too bright": "light to saturation",
    "saturated": "light to saturation",
    "blurred": "blur of 2 px",
    "shifted across": "5 % across",
    "shifted along": "5 % along",
    "torn": "torn",
    "frozen": "copy",
    "stale in part": "partly the frame before",
}
# these are told by what came before them: the picture itself, or the one before
BEFORE = {"copy": "itself", "partly the frame before": "former"}


def _levels(wide: NDArray[np.floating]) -> Frame:
    return np.asarray(np.clip(np.rint(wide), 0, 255), np.uint8)


def _scaled(frame: Frame, gain: float) -> Frame:
    return np.asarray(cv2.convertScaleAbs(frame, alpha=gain), np.uint8)


def _moved(frame: Frame, right_px: float, down_px: float) -> Frame:
    move = np.array([[1.0, 0.0, right_px], [0.0, 1.0, down_px]], np.float64)
    size = (frame.shape[1], frame.shape[0])
    # the border goes on: what comes into view is most often more of the ground
    return np.asarray(cv2.warpAffine(frame, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _sign(rng: np.random.Generator) -> int:
    return 1 if rng.random() < 0.5 else -1  # noqa: PLR2004 - a coin
