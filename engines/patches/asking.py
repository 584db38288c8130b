"""Why an engine's score of a picture is what it is: the worst patch beside the nearest good one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.backends.preprocess import geometry_of
from gonogo.engines.patches.crops import corner_of, crop
from gonogo.engines.patches.looker import Looker
from gonogo.engines.patches.nearest import nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.engines.backends.placing import Box
    from gonogo.engines.patches.sources import Source


class Patch(NamedTuple):
    """A piece of a picture as the engine sees it: `pixels`, uint8 (side, side[, 3]) or a JPEG.

    `cell_px`: where the patch itself lies in the piece: top, left, bottom, right.
    """

    pixels: NDArray[np.uint8] | bytes
    side_px: int
    cell_px: tuple[float, float, float, float]


class Why(NamedTuple):
    """`place`: of the worst patch on the frame in px; `good_of`: the picture of the good one.

    `good_place`: where it lies there, as shares of what the engine sees: top, left, bottom, right.
    """

    place: Box
    distance: float
    good_of: str
    good_place: tuple[float, float, float, float]
    worst: Patch
    good: Patch


class Asked:
    """One engine with its patches, opened once; ModelError, PatchBankUnusable."""

    def __init__(self, source: Source) -> None:
        self._bank = source.bank
        with tempfile.TemporaryDirectory(prefix="gonogo-why-") as folder:
            path = Path(folder) / "engine.onnx"
            path.write_bytes(source.model)
            self._looker = Looker(path, [source.bank.head.tensor])

    def why(self, frame: NDArray[np.uint8]) -> Why:
        """Of a frame of any geometry, uint8 (height, width[, 3]) blue-green-red; BackendError."""
        head, bank = self._bank.head, self._bank
        grid = (head.rows, head.columns)
        found = nearest(self._looker.see(frame), bank)
        row, column = bank.places[found.patch].tolist()
        sight = self._looker.sight(geometry_of(frame), grid)
        piece = crop(self._looker.prepared(frame), found.cell, grid, head.crop_px)
        return Why(
            sight.cell(*found.cell),
            found.distance,
            head.pictures[int(bank.of[found.patch])],
            _shares((row, column), grid),
            Patch(piece, head.crop_px, self._cell_in(found.cell)),
            Patch(bank.crops[found.patch], head.crop_px, self._cell_in((row, column))),
        )

    def _cell_in(self, cell: tuple[int, int]) -> tuple[float, float, float, float]:
        """Where a cell lies in the crop around it, in px of the model's input."""
        head, size_px = self._bank.head, self._looker.size_px
        grid = (head.rows, head.columns)
        top_px, left_px = corner_of(cell, grid, size_px, head.crop_px)
        top, left, bottom, right = _shares(cell, grid)
        height, width = size_px
        return (
            top * height - top_px,
            left * width - left_px,
            bottom * height - top_px,
            right * width - left_px,
        )


def _shares(cell: tuple[int, int], grid: tuple[int, int]) -> tuple[float, float, float, float]:
    (row, column), (rows, columns) = cell, grid
    return row / rows, column / columns, (row + 1) / rows, (column + 1) / columns
