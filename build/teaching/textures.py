"""Pictures drawn by chance, for what must be measured on pictures but not on the user's parts.

The ranges of the INT8 eyes come from these: one calibration serves every part. Surfaces
with structure at every scale, objects with sharp and with soft edges, bright and dark, with
and without colour: whatever parts look like lies within. Source: natural and technical
surfaces have about 1/f spectra (Field, J. Opt. Soc. Am. A 4, 1987).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SEED = 57
_SHAPES_MAX = 12
_ROUGHNESS = (0.6, 1.6)  # of the exponent of 1/f
_CONTRAST = (5.0, 60.0)  # standard deviation in grey values


def textures(count: int, side_px: int) -> Sequence[NDArray[np.uint8]]:
    """`count` pictures, uint8 (side, side, 3), the same ones each time."""
    rng = np.random.default_rng(_SEED)
    return [_picture(side_px, rng) for _ in range(count)]


def _picture(side_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    ground = _surface(side_px, rng)
    for _ in range(int(rng.integers(_SHAPES_MAX))):
        # a part on it: another surface where the mask is
        mask = _shape(side_px, rng)[:, :, None]
        ground = ground * (1 - mask) + _surface(side_px, rng) * mask
    return np.asarray(ground.clip(0, 255), np.uint8)


def _surface(side_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise of a 1/f spectrum around some colour, float32 (side, side, 3)."""
    grey = _noise(side_px, rng)
    colour = np.stack([_noise(side_px, rng) for _ in range(3)], axis=2)
    share = rng.uniform(0, 0.5)
    mixed = (1 - share) * grey[:, :, None] + share * colour
    # mostly near grey, as metal and plastics are
    mean = rng.uniform(10, 245) + rng.normal(0, 25, 3)
    return np.asarray(mean + rng.uniform(*_CONTRAST) * mixed, np.float32)


def _noise(side_px: int, rng: np.random.Generator) -> NDArray[np.float64]:
    rows, columns = np.fft.fftfreq(side_px)[:, None], np.fft.rfftfreq(side_px)[None]
    # the lowest wave is one picture long
    waves = np.maximum(np.hypot(rows, columns), 1 / side_px) ** -rng.uniform(*_ROUGHNESS)
    noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(side_px, side_px))) * waves)
    noise -= noise.mean()
    return np.asarray(noise / noise.std())


def _shape(side_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Where an ellipse, a box or a line lies, 0 .. 1 float32 (side, side)."""
    mask = np.zeros((side_px, side_px), np.float32)
    at = [int(v) for v in rng.integers(0, side_px, 4)]
    half = [max(1, int(v * side_px)) for v in rng.uniform(0.01, 0.3, 2)]
    kind = int(rng.integers(3))
    if kind == 0:
        turn_deg = float(rng.uniform(0, 180))
        cv2.ellipse(mask, at[:2], half, turn_deg, 0, 360, 1.0, cv2.FILLED, cv2.LINE_AA)
    elif kind == 1:
        cv2.rectangle(mask, at[:2], [at[0] + half[0], at[1] + half[1]], 1.0, cv2.FILLED)
    else:
        cv2.line(mask, at[:2], at[2:], 1.0, int(rng.integers(1, 6)), cv2.LINE_AA)
    # in focus or not
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.3, 2.0))), np.float32)
