"""Where the part lies in the good pictures: what tells it from the background, and its box.

Every channel is tried both ways on small copies of the good pictures. What is found in all of
them, clear of the edges, and about as large each time, is the part; where nothing is, it fills the
picture, and rules look at places of the picture instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

import cv2
import numpy as np

from gonogo.rules.segment import Channel, Segmenter, SegmentSection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Frames = Sequence[NDArray[np.uint8]]

SMALL_PX = 320  # the longer side of a small copy
AREA = (0.005, 0.85)  # of the picture; less is a speck, more is the ground
SPREAD_MAX = 0.25  # standard deviation of areas over their mean: else it is not one thing
FOUND_MIN = 0.95  # of the good pictures
EDGES_MAX = 0.1  # of them may show it cut off by an edge
WAYS_MAX = 2  # ways to tell the part that are tried further
MARGIN = 0.08  # of the picture, around all the boxes


class Box(NamedTuple):
    """In px of the frame."""

    left: int
    top: int
    width: int
    height: int


class Way(NamedTuple):
    """What tells the part from its background; `spread` of its area over the good pictures.

    `cover`, float64 (rows, columns) of a small copy: in which share of them the part is there.
    """

    segment: SegmentSection
    box: Box
    spread: float
    cover: NDArray[np.float64]


class Look(NamedTuple):
    """Small copies of the good pictures, uint8 (rows, columns[, 3]); `ways`: the surest first."""

    small: tuple[NDArray[np.uint8], ...]
    factor: float
    ways: tuple[Way, ...]


def shrink(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A small copy of a frame."""
    factor = max(1.0, max(frame.shape[:2]) / SMALL_PX)
    size = (round(frame.shape[1] / factor), round(frame.shape[0] / factor))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def look_at(frames: Iterable[NDArray[np.uint8]]) -> Look:
    """Good pictures of one geometry, uint8, each looked at once."""
    small, full = [], (1, 1)
    for frame in frames:
        full = frame.shape[:2]
        small.append(shrink(frame))
    factor = full[0] / small[0].shape[0]
    found = [_way(section, small, factor, full) for section in _sections(small[0].ndim)]
    ways = sorted((way for way in found if way is not None), key=lambda way: way.spread)
    return Look(tuple(small), factor, tuple(ways[:WAYS_MAX]))


def _sections(axes: int) -> list[SegmentSection]:
    channels = get_args(Channel) if axes > 2 else ("grey",)  # noqa: PLR2004 - rows and columns
    return [
        SegmentSection(channel=channel, object_is=kind)
        for channel in channels
        for kind in ("dark", "light")
    ]


def _way(
    section: SegmentSection, small: Frames, factor: float, full: tuple[int, ...]
) -> Way | None:
    segmenter = Segmenter("", section, small[0].shape, 1)
    rows, columns = small[0].shape[:2]
    blobs, cover = [], np.zeros((rows, columns))
    for frame in small:
        blob = segmenter.biggest(frame)
        if blob is not None:
            blobs.append(blob)
            cover[blob.top :, blob.left :][: blob.height, : blob.width] += segmenter.mask(blob) > 0
    if len(blobs) < FOUND_MIN * len(small):
        return None
    areas = np.array([blob.area for blob in blobs], np.float64)
    cut = np.mean([
        min(b.left, b.top, columns - b.left - b.width, rows - b.top - b.height) == 0 for b in blobs
    ])  # fmt: skip
    share, spread = areas.mean() / (rows * columns), float(areas.std() / areas.mean())
    if not AREA[0] < share < AREA[1] or spread > SPREAD_MAX or cut > EDGES_MAX:
        return None
    left, top = (min(blob[k] for blob in blobs) for k in (1, 2))
    right = max(blob.left + blob.width for blob in blobs)
    lower = max(blob.top + blob.height for blob in blobs)
    around = _around((left, top, right, lower), factor, full)
    return Way(section, around, spread, cover / len(small))


def _around(edges: tuple[int, ...], factor: float, full: tuple[int, ...]) -> Box:
    """All boxes with a margin, on the frame."""
    height, width = full[:2]
    margin = round(MARGIN * max(full))
    left, top = (max(0, round(edge * factor) - margin) for edge in edges[:2])
    right = min(width, round(edges[2] * factor) + margin)
    lower = min(height, round(edges[3] * factor) + margin)
    return Box(left, top, right - left, lower - top)
