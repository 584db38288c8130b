"""How far a picture lies from where good ones lie: its columns and rows against theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 10  # looked for up to a tenth of the side, to either side
_PERCENT = 100.0


class Place:
    """Against one profile: the mean grey level of each column, or row, of good small pictures."""

    def __init__(self, profile: NDArray[np.float32]) -> None:
        size = profile.size
        self._reach = reach = size // REACH
        self._inner = slice(reach, size - reach)
        # the profile where it would lie, for every shift, each of mean 0 and length 1
        moved = np.stack([profile[reach - k : size - reach - k] for k in range(-reach, reach + 1)])
        moved = moved - moved.mean(axis=1, keepdims=True)
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        self._moved = np.ascontiguousarray(moved / np.maximum(length, 1e-6), np.float32)

    def shift_pct(self, profile: NDArray[np.float32]) -> float:
        """By how much it lies to the right (lower), in percent of the side; 0 where it fits best.

        The shift at which both correlate most: brightness and contrast have no part in it.
        """
        # its own mean has no part in it: each of those has none
        likeness = self._moved @ profile[self._inner]
        return _PERCENT * float(int(likeness.argmax()) - self._reach) / profile.size
