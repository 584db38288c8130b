"""What a frame looks like: light, sharpness, noise, and the light of each place in it.

Light and places are of the whole frame. Sharpness and noise are of single pixels, which no smaller
picture has: they are measured in a few tiles of it, or in all of a small frame.

    sharpness   the steepest step of the strongest edges over their rise across 4 px, in percent:
                100 where an edge rises within one pixel, 25 where it takes all four
    noise       mean second difference across and down of the calm half of the pixels, so that
                edges and texture count little, as a standard deviation in grey levels (the mask
                is that of Immerkaer, Computer Vision and Image Understanding 64, 1996)

Neither is moved by more or less light as such; noise rises with light where it is shot noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.records.drift.part import Looks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.float32]

GRID = 16  # places across and down
TILE_PX, TILES = 96, 3  # tiles of a large frame: so many across and down
RISE_PX = 4
STRONG = 0.03  # the share of rises that count as strong edges
LEAST_RISE = 8.0  # grey levels; a frame without any edge has no sharpness
# what the mask answers to noise of 1 has a sigma of 6; the lower half of its absolute values a mean
# of 4 (phi(0) - phi(0.6745)) of that. A median would be a whole number of grey levels.
_MASK_MEAN = 6 * 0.3246
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
    if min(near.shape[1:]) <= RISE_PX:
        return float("nan")
    across = near[:, :, :-2] - 2 * near[:, :, 1:-1] + near[:, :, 2:]
    answer = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
    found = np.abs(answer).ravel()
    half = max(len(found) // 2, 1)
    return float(np.partition(found, half - 1)[:half].mean()) / _MASK_MEAN


def _edges(near: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The steepest step of each rise, and the rise, along the last axis."""
    if near.shape[2] <= RISE_PX:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    step = np.abs(np.diff(near, axis=2))
    rise = np.abs(near[:, :, RISE_PX:] - near[:, :, :-RISE_PX])
    steep = np.maximum(np.maximum(step[:, :, :-3], step[:, :, 1:-2]),
                       np.maximum(step[:, :, 2:-1], step[:, :, 3:]))  # fmt: skip
    return steep.ravel(), rise.ravel()


def _starts(length: int) -> list[int]:
    """Where tiles begin: spread over a long side, one from 0 on where it is not longer than one."""
    if length < 2 * TILE_PX:
        return [max(0, (length - TILE_PX) // 2)]
    return [int(each) for each in np.linspace(0, length - TILE_PX, TILES)]
