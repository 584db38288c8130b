"""Places in a picture that are told of: where they lie, and which were told of before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

MOST = 500  # places that are kept; a picture with more has another trouble


class Spot(NamedTuple):
    """One place: its middle in px from the left and the top, and how wide it is."""

    x_px: int
    y_px: int
    size_px: int


def spots_of(mask: Mask, cell_px: int = 1, top_px: int = 0) -> list[Spot]:
    """What hangs together in a mask of cells, of which `top_px` lie above; MOST at most."""
    count, _, stats, middles = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    spots = []
    for k in range(1, min(count, MOST + 1)):  # 0 is all that is not in the mask
        x, y = ((middles[k] + 0.5) * cell_px).astype(int)
        area = float(stats[k, cv2.CC_STAT_AREA])
        spots.append(Spot(int(x), int(y) + top_px, max(1, round(area**0.5 * cell_px))))
    return spots


class Told:
    """What was told of already; a place that is well again is told of anew the next time.

    Told of is what was found in two rounds, one after the other: one may be chance.
    """

    def __init__(self, cell_px: int = 1) -> None:
        self._cell_px, self.spots = cell_px, list[Spot]()
        self._once = list[Spot]()  # found in the round before

    def news(self, found: Sequence[Spot], still: Mask, top_px: int = 0) -> list[Spot]:
        """Those of `found` to tell of now; from now on they are told of, before all others.

        `still`: cells where it is not well yet, though it may be too little to tell of; what
        lies outside of these rows keeps as it is.
        """
        self.spots = [each for each in self.spots if not self._well(each, still, top_px)]
        twice = [each for each in found if _among(each, self._once)]
        bottom_px = top_px + still.shape[0] * self._cell_px
        others = [each for each in self._once if not top_px <= each.y_px < bottom_px]
        self._once = [*others, *found]
        fresh = [each for each in twice if not _among(each, self.spots)]
        fresh = fresh[: MOST - len(self.spots)]
        self.spots = fresh + self.spots
        return fresh

    def _well(self, spot: Spot, still: Mask, top_px: int) -> bool:
        reach = spot.size_px // 2 + 1
        first = (spot.y_px - top_px) // self._cell_px
        if not 0 <= first < still.shape[0]:
            return False
        rows, columns = (
            slice(max(0, (at - reach) // self._cell_px), (at + reach) // self._cell_px + 1)
            for at in (spot.y_px - top_px, spot.x_px)
        )
        return not still[rows, columns].any()


def _among(spot: Spot, others: Sequence[Spot]) -> bool:
    return any(_same(spot, other) for other in others)


def _same(one: Spot, other: Spot) -> bool:
    near = (one.size_px + other.size_px) // 2 + 1
    return abs(one.x_px - other.x_px) <= near and abs(one.y_px - other.y_px) <= near
