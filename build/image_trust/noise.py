"""How much noise a picture holds at least: what two frames of one still scene must differ by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gonogo.rules.image_trust.limits import Noise
from gonogo.rules.image_trust.sample import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SEGMENT_PX = 32
CLIPPED = (2.0, 252.0)  # grey levels; beyond, the sensor's noise is cut off
CALM_PCT = 25  # of the segments: what varies in the others may be the part's surface
# mean absolute value of a - 2 b + c of normal values with a standard deviation of 1
_CURVE = math.sqrt(6) * math.sqrt(2 / math.pi)


def noise_of(plane: NDArray[np.uint8]) -> Noise:
    """Of a plane, uint8 (rows, columns); what is clipped counts as without."""
    band = max(1, plane.shape[0] // BANDS)
    return Noise(_calm(plane), min(_calm(plane[:band]), _calm(plane[-band:])))


def least(noises: Iterable[Noise]) -> Noise:
    """What every one of some pictures has."""
    whole, band = zip(*noises, strict=True)
    return Noise(min(whole), min(band))


def _calm(plane: NDArray[np.uint8]) -> float:
    rows = plane.astype(np.float64)
    curve = np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:])
    whole = curve.shape[1] // SEGMENT_PX * SEGMENT_PX
    noise = curve[:, :whole].reshape(-1, SEGMENT_PX).mean(axis=1) / _CURVE
    level = rows[:, 1 : whole + 1].reshape(-1, SEGMENT_PX).mean(axis=1)
    open_ = (level > CLIPPED[0]) & (level < CLIPPED[1])
    if not open_.any():
        return 0.0
    return float(np.percentile(noise[open_], CALM_PCT) * open_.mean())
