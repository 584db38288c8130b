"""Pillow's antialiased bilinear resize, slowly, in numpy: the one that models are trained with.

Import as `gonogo.tests.engines.backends.pillow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _weights(size: int, target: int) -> NDArray[np.float64]:
    """Pillow's BILINEAR: a triangle as wide as two target pixels, cut off and renormalised."""
    factor = size / target
    reach = max(factor, 1.0)
    rows = np.zeros((target, size))
    for k in range(target):
        centre = (k + 0.5) * factor
        first, last = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), size)
        away = np.abs(np.arange(first, last) + 0.5 - centre) / reach
        weights = np.clip(1 - away, 0, None)
        rows[k, first:last] = weights / weights.sum()
    return rows


def resized(frame: NDArray[np.uint8], height_px: int, width_px: int) -> NDArray[np.float64]:
    """A frame (height, width[, channels]) at another size, not yet rounded."""
    down, across = _weights(frame.shape[0], height_px), _weights(frame.shape[1], width_px)
    whole = frame.astype(np.float64).reshape(*frame.shape[:2], -1)
    return np.asarray(np.tensordot(np.tensordot(down, whole, 1), across, (1, 1)).swapaxes(1, 2))
