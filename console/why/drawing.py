"""The pictures of an answer: where on the part, and patches beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Colour = tuple[int, int, int]

PATCH_PX = 256  # side of a patch as it is shown
AROUND, MARK, LOOKED = (0, 0, 0), (255, 255, 255), (255, 255, 0)
GROUND = 214  # grey of what lies between two patches
_GAP_PX = 16
_QUALITY = 90


def coloured(pixels: Pixels) -> Pixels:
    """A copy with three channels."""
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    return np.array(pixels, np.uint8)


def patch_shown(pixels: Pixels, cell_px: tuple[float, float, float, float], side_px: int) -> Pixels:
    """A patch enlarged, with a frame around what was compared, (PATCH_PX, PATCH_PX, 3).

    `cell_px`: top, left, bottom, right of that in a piece of `side_px`.
    """
    size = (PATCH_PX, PATCH_PX)
    shown = np.asarray(cv2.resize(coloured(pixels), size, interpolation=cv2.INTER_CUBIC), np.uint8)
    top, left, bottom, right = (value * PATCH_PX / side_px for value in cell_px)
    outline(shown, [np.array([(left, top), (right, top), (right, bottom), (left, bottom)])], MARK)
    return shown


def outline(
    shown: Pixels, lines: Iterable[NDArray[np.float64]], colour: Colour, *, closed: bool = True
) -> None:
    """Lines in px of the picture, light on dark: seen on any ground."""
    longest = max(shown.shape[:2])
    thick = max(1, round(longest / 500))
    for line in lines:
        points = [np.rint(line * 8).astype(np.int32)]
        for width, ink in ((3 * thick, AROUND), (thick, colour)):
            cv2.polylines(shown, points, closed, ink, width, cv2.LINE_AA, shift=3)


def shrunk(pixels: Pixels, longest_px: int) -> tuple[Pixels, float]:
    """A copy in colour with its longer side at most so many px, and the scale of it."""
    scale = min(1.0, longest_px / max(pixels.shape[:2]))
    if scale == 1.0:
        return coloured(pixels), scale
    height_px, width_px = (max(1, round(side * scale)) for side in pixels.shape[:2])
    small = cv2.resize(pixels, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return coloured(np.asarray(small, np.uint8)), scale


def jpeg_of(pixels: Pixels) -> bytes:
    """As a JPEG."""
    _, data = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    return np.asarray(data).tobytes()


def pixels_of(jpeg: bytes) -> Pixels:
    """Of a JPEG, uint8 (height, width, 3); ValueError for what is none."""
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if found is None:
        raise ValueError(f"{len(jpeg)} bytes, expected a JPEG")
    return np.asarray(found, np.uint8)


def side_by_side(pictures: Iterable[Pixels]) -> Pixels:
    """On one grey sheet, each from the top."""
    shown = list(pictures)
    height_px = max(len(each) for each in shown)
    columns = []
    for each in shown:
        column = np.full((height_px, each.shape[1] + _GAP_PX, 3), GROUND, np.uint8)
        column[: len(each), : each.shape[1]] = each
        columns.append(column)
    return np.concatenate(columns, axis=1)[:, :-_GAP_PX]
