"""What a frame looks like: light, sharpness, noise, and the light of each place in it.

Light and places are of the whole frame. Sharpness and noise are of single pixels, which no smaller
picture has: they are measured in a few tiles of it, or in all of a small frame.

    sharpness   how much of the rise of the strongest edges across 8 px lies within their steepest
                4, in percent: 100 of a sharp one, 50 of one that takes all eight. Narrower, it
                would tell where between two pixels an edge lies
    noise       mean second difference across and down in the calmest tenth of blocks of 12 px, as
                a standard deviation in grey levels (the mask is that of Immerkaer, Computer
                Vision and Image Understanding 64, 1996): edges and texture are elsewhere.
                Of the calmest it is up to a fifth too low, the same at all times

Neither is moved by more or less light as such; noise rises with light where it is shot noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.records.drift.part import Looks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.float32]

GRID = 16  # places across and down
TILE_PX, TILES = 96, 3  # tiles of a large frame: so many across and down
RISE_PX, STEEP_PX = 8, 4
BLOCK_PX, CALM = 12, 0.1
STRONG = 0.03  # the share of rises that count as strong edges
LEAST_RISE = 8.0  # grey levels; a frame without any edge has no sharpness
# what the mask answers to noise of 1 has a sigma of 6, and its absolute value that mean. A median
# would be a whole number of grey levels.
_MASK_MEAN = 6 * math.sqrt(2 / math.pi)
_LEAST_LIGHT = 0.5  # grey levels; a black frame has no places


class Seen(NamedTuple):
    """Of one frame. `places` float32 (GRID * GRID,): light of each over that of the frame."""

    looks: Looks
    places: NDArray[np.float32]


def looks_of(frame: NDArray[np.uint8]) -> Seen:
    """Of a frame, uint8 (rows, columns) or (rows, columns, 3)."""
    small = cv2.resize(frame, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
    light = small if small.ndim == 2 else small.mean(axis=2)  # noqa: PLR2004 - a grey frame
    mean = float(light.mean())
    places = light.ravel() / np.float32(max(mean, _LEAST_LIGHT))
    near = tiles(frame)
    return Seen(Looks(mean, sharpness(near), noise(near)), np.asarray(places, np.float32))


def tiles(frame: NDArray[np.uint8]) -> Grey:
    """Some of its pixels as they are, float32 (tiles, rows, columns); of colour the green ones."""
    plane = frame if frame.ndim == 2 else frame[:, :, 1]  # noqa: PLR2004 - a grey frame
    starts = [_starts(length) for length in plane.shape]
    found = [plane[y : y + TILE_PX, x : x + TILE_PX] for y in starts[0] for x in starts[1]]
    return np.asarray(found, np.float32)


def sharpness(near: Grey) -> float:
    """In percent; NaN where there is no edge, or the tiles are too small for one."""
    both = [_edges(near), _edges(near.swapaxes(1, 2))]
    steep, rise = (np.concatenate([each[k] for each in both]) for k in (0, 1))
    if not len(rise):
        return float("nan")
    count = max(int(STRONG * len(rise)), 1)
    strong = np.argpartition(rise, -count)[-count:]
    whole = float(rise[strong].mean())
    return 100.0 * float(steep[strong].mean()) / whole if whole >= LEAST_RISE else float("nan")


def noise(near: Grey) -> float:
    """In grey levels, a standard deviation; NaN where tiles are too small."""
    if min(near.shape[1:]) < 3:  # noqa: PLR2004 - the mask
        return float("nan")
    across = near[:, :, :-2] - 2 * near[:, :, 1:-1] + near[:, :, 2:]
    answer = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
    found = _blocks(np.abs(answer))
    count = max(int(CALM * len(found)), 1)
    return float(np.partition(found, count - 1)[:count].mean()) / _MASK_MEAN


def _blocks(values: Grey) -> NDArray[np.float32]:
    """Means of whole blocks of each tile; one of a tile that is smaller."""
    tiles_, rows, columns = values.shape
    if min(rows, columns) < BLOCK_PX:
        return np.asarray(values.mean(axis=(1, 2)), np.float32)
    down, across = rows // BLOCK_PX, columns // BLOCK_PX
    whole = values[:, : down * BLOCK_PX, : across * BLOCK_PX]
    shaped = whole.reshape(tiles_, down, BLOCK_PX, across, BLOCK_PX)
    return np.asarray(shaped.mean(axis=(2, 4)).ravel(), np.float32)


def _edges(near: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The steepest part of each rise, and the rise, along the last axis."""
    if near.shape[2] <= RISE_PX:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    part = np.abs(near[:, :, STEEP_PX:] - near[:, :, :-STEEP_PX])
    rise = np.abs(near[:, :, RISE_PX:] - near[:, :, :-RISE_PX])
    count = rise.shape[2]
    steep = part[:, :, :count].copy()
    for at in range(1, RISE_PX - STEEP_PX + 1):
        np.maximum(steep, part[:, :, at : at + count], out=steep)
    return steep.ravel(), rise.ravel()


def _starts(length: int) -> list[int]:
    """Where tiles begin: spread over a long side, one from 0 on where it is not longer than one."""
    if length < 2 * TILE_PX:
        return [max(0, (length - TILE_PX) // 2)]
    return [int(each) for each in np.linspace(0, length - TILE_PX, TILES)]
