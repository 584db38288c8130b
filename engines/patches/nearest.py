"""The worst patch of a picture, and the good one that is nearest to it.

A patch is a cell of the grid of the engine's own features. The worst one is where the engine's
map is highest, or of an engine without a map the one that is furthest from all good patches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.engines.bundles.patch_bank import PatchBank
    from gonogo.engines.patches.looker import Seen


class Nearest(NamedTuple):
    """`cell`: row and column of the worst patch; `patch`: number of the good one in its bank.

    `distance`: root mean square over the channels of the bank, which have about unit variance.
    """

    cell: tuple[int, int]
    patch: int
    distance: float


def nearest(seen: Seen, bank: PatchBank) -> Nearest:
    """Of a picture that was looked at."""
    rows = placed_rows(seen.features[bank.head.tensor], bank)
    patches = placed_patches(bank)
    grid = bank.head.rows, bank.head.columns
    if seen.map is not None:
        cell = worst_of_map(seen.map, grid)
    else:
        cell = worst_of(distances(rows, patches, bank.head.depth).min(axis=1).reshape(grid))
    found = distances(rows[cell[0] * grid[1] + cell[1]][None], patches, bank.head.depth)[0]
    patch = int(found.argmin())
    return Nearest(cell, patch, float(found[patch]))


def placed_rows(features: NDArray[np.float32], bank: PatchBank) -> NDArray[np.float32]:
    """Rows (cells, depth + 2) of features (C, rows, columns): whitened, their places behind."""
    _, rows, columns = features.shape
    white = bank.white(features.reshape(len(features), -1).T)
    where = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
    return _placed(white, where, bank)


def placed_patches(bank: PatchBank) -> NDArray[np.float32]:
    """The same of the good ones (n, depth + 2)."""
    return _placed(bank.patches, bank.places, bank)


def distances(
    rows: NDArray[np.float32], patches: NDArray[np.float32], depth: int
) -> NDArray[np.float32]:
    """Of each row (n, depth + 2) to each patch, float32 (n, patches)."""
    squared = (
        (rows * rows).sum(axis=1)[:, None]
        + (patches * patches).sum(axis=1)[None]
        - 2 * rows @ patches.T
    )
    return np.asarray(np.sqrt(squared.clip(0) / depth), np.float32)


def worst_of_map(found: NDArray[np.float32], grid: tuple[int, int]) -> tuple[int, int]:
    """The cell of a grid (rows, columns) in which a map (any size) is highest."""
    rows, columns = grid
    clean = np.nan_to_num(found, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    floor = float(clean[np.isfinite(clean)].min()) if np.isfinite(clean).any() else 0.0
    clean = np.where(np.isneginf(clean), floor, clean).astype(np.float32)
    # finer than the grid: what a cell holds in the mean; coarser: its cells are the grid's own
    if clean.shape[0] > rows or clean.shape[1] > columns:
        clean = np.asarray(cv2.resize(clean, (columns, rows), interpolation=cv2.INTER_AREA))
    row, column = worst_of(clean)
    shape = clean.shape
    return (
        min(rows - 1, int((row + 0.5) * rows / shape[0])),
        min(columns - 1, int((column + 0.5) * columns / shape[1])),
    )


def worst_of(found: NDArray[np.float32]) -> tuple[int, int]:
    """Where the mean of 3 x 3 around is highest, and of those the highest: one alone may be noise.

    Row and column; beyond the edge nothing counts.
    """
    ones = np.ones(found.shape, np.float32)
    sums = [
        cv2.boxFilter(each, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for each in (np.ascontiguousarray(found, np.float32), ones)
    ]
    row, column = np.unravel_index(int((sums[0] / sums[1]).argmax()), found.shape)
    top, left = max(0, int(row) - 1), max(0, int(column) - 1)
    around = found[top : int(row) + 2, left : int(column) + 2]
    down, across = np.unravel_index(int(around.argmax()), around.shape)
    return top + int(down), left + int(across)


def _placed(
    white: NDArray[np.float32], where: NDArray[np.integer], bank: PatchBank
) -> NDArray[np.float32]:
    head = bank.head
    along = where / np.array([head.rows, head.columns]) * head.position
    return np.concatenate([white, along.astype(np.float32)], axis=1)
