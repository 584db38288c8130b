"""Boxes, lines and words on a white picture, drawn larger and shrunk so that they are smooth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Colour = tuple[int, int, int]
    Box = tuple[float, float, float, float]

# as large again: the mean of four pixels is what smooths edges and letters
SCALE = 2
INK = (40, 40, 40)  # blue-green-red, as everywhere
PAPER = (255, 255, 255)
_HATCH_PX, _DASH_PX = 7, 8  # from one line, or end, to the next
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Canvas:
    """A picture of so many px; places are px of it, a box is left, top, right, bottom."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size = width_px, height_px
        self._pixels = np.full((height_px * SCALE, width_px * SCALE, 3), PAPER, np.uint8)

    def fill(self, box: Box, colour: Colour) -> None:
        """A filled rectangle."""
        left, top, right, bottom = _large(*box)
        self._pixels[top:bottom, left:right] = colour

    def hatch(self, box: Box, colour: Colour) -> None:
        """Rising lines inside a rectangle."""
        left, top, right, bottom = _large(*box)
        rows, columns = np.mgrid[top:bottom, left:right]
        # lines of one and a half px at 45 degrees
        inked = (rows + columns) % (_HATCH_PX * SCALE) < 1.5 * SCALE
        self._pixels[top:bottom, left:right][inked] = colour

    def outline(self, box: Box, colour: Colour) -> None:
        """The edge of a rectangle."""
        left, top, right, bottom = _large(*box)
        cv2.rectangle(self._pixels, (left, top), (right, bottom), colour, SCALE)

    def paste(self, box: Box, picture: NDArray[np.uint8]) -> None:
        """A picture, uint8 (height, width, 3), as large as the box takes; its shape is kept."""
        left, top, right, bottom = _large(*box)
        height_px, width_px = picture.shape[:2]
        share = min((right - left) / width_px, (bottom - top) / height_px)
        size = max(1, round(width_px * share)), max(1, round(height_px * share))
        # larger or smaller: neither may alias, a fault is to be seen as it is
        how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
        shown = cv2.resize(picture, size, interpolation=how)
        x, y = left + (right - left - size[0]) // 2, top + (bottom - top - size[1]) // 2
        self._pixels[y : y + size[1], x : x + size[0]] = shown

    def across(
        self, left: float, right: float, row: float, colour: Colour, width_px: int = 1
    ) -> None:
        """A level line."""
        x0, y, x1, _ = _large(left, row, right, row)
        cv2.line(self._pixels, (x0, y), (x1, y), colour, width_px * SCALE)

    def down(self, column: float, top: float, bottom: float, *, dashed: bool) -> None:
        """An upright line in ink."""
        # a whole line is one dash of full length
        step = 2 * _DASH_PX if dashed else bottom - top
        drawn = _DASH_PX if dashed else bottom - top
        for start in np.arange(top, bottom, step):
            x, y0, _, y1 = _large(column, start, column, min(start + drawn, bottom))
            cv2.line(self._pixels, (x, y0), (x, y1), INK, 2 * SCALE)

    def write(
        self, place: tuple[float, float], words: str, size: float = 0.45, align: float = 0.0
    ) -> None:
        """A line of text on its base line; `align` 0 begins at the place, 1 ends there."""
        thick = round(2 * size * SCALE)
        shown = plain(words)
        (width, _), _ = cv2.getTextSize(shown, _FONT, size * SCALE, thick)
        # OpenCV wants the left end of the base line
        corner = round(place[0] * SCALE - align * width), round(place[1] * SCALE)
        cv2.putText(self._pixels, shown, corner, _FONT, size * SCALE, INK, thick, cv2.LINE_AA)

    def png(self) -> bytes:
        """The finished picture."""
        # by area: the mean of each block of pixels
        small = cv2.resize(self._pixels, self._size, interpolation=cv2.INTER_AREA)
        return cv2.imencode(".png", small)[1].tobytes()


def width_px(words: str, size: float = 0.45) -> float:
    """How wide a text is on the picture."""
    thick = round(2 * size * SCALE)
    return float(cv2.getTextSize(plain(words), _FONT, size * SCALE, thick)[0][0] / SCALE)


def plain(words: str) -> str:
    """What the font can show: printable ASCII."""
    # OpenCV's fonts have nothing else; it would draw a mark for each byte of a letter
    shown = words.encode("ascii", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in shown)


def _large(*places: float) -> Sequence[int]:
    return [round(place * SCALE) for place in places]
