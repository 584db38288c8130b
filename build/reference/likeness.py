"""How like two lists of scores of the same pictures are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.limits import spearman

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEARMAN_MIN = 0.99
LARGEST_MAX = 0.05  # of the range of the tool's scores: resizes of two makers differ by so much
_PERCENT = 100


class Likeness(NamedTuple):
    """`largest`, `typical` (median): differences as a share of the range of the tool's scores.

    `bent`: the median difference from the straight line that fits best, in the same unit: near 0
    for the same score in another unit.
    """

    spearman: float
    largest: float
    typical: float
    bent: float

    @property
    def agrees(self) -> bool:
        """Whether these are the same scores."""
        return self.spearman >= SPEARMAN_MIN and self.largest <= LARGEST_MAX

    @property
    def distance(self) -> tuple[bool, float, float]:
        """What ways are sorted by: the very same scores first, then ranks, then the rest."""
        if self.agrees:
            return False, self.typical, self.largest
        return True, -round(abs(self.spearman), 3), self.bent

    def __str__(self) -> str:
        return (
            f"Spearman {self.spearman:.3f}, largest difference {_PERCENT * self.largest:.3g} % of "
            "their range"
        )


def likeness(tool: NDArray[np.float64], ours: NDArray[np.float64]) -> Likeness:
    """Of float64 (n,) each; ours may be anything, not numbers too."""
    if not np.isfinite(ours).all():
        return Likeness(0.0, np.inf, np.inf, np.inf)
    span = float(np.ptp(tool))
    away = np.abs(tool - ours) / span
    bent = float(np.median(np.abs(tool - _line(ours, tool))) / span)
    return Likeness(spearman(tool, ours), float(away.max()), float(np.median(away)), bent)


def _line(ours: NDArray[np.float64], tool: NDArray[np.float64]) -> NDArray[np.float64]:
    """The tool's scores as a straight line of ours tells them."""
    if np.ptp(ours) == 0:
        return np.full_like(tool, tool.mean())
    # centred: a score far from 0 would leave little of the slope
    slope = np.polyfit(ours - ours.mean(), tool, 1)
    return np.asarray(np.polyval(slope, ours - ours.mean()), np.float64)
