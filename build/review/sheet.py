"""A contact sheet: pictures of parts side by side, each with its name and score below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.build.canvas import Canvas, width_px

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

COLUMNS = 5
CELL_PX = 260  # of a picture; a person is to see a flaw of some hundredths of the part
_GAP_PX, _HEAD_PX, _CAPTION_PX = 16, 64, 48
_NAME_SIZE, _TITLE_SIZE = 0.42, 0.6


class Shown(NamedTuple):
    """One picture, uint8 (height, width, 3), and the two lines below it."""

    picture: NDArray[np.uint8]
    name: str
    words: str


def contact_sheet(title: str, shown: Sequence[Shown]) -> bytes:
    """A PNG with the pictures in rows of COLUMNS, in their order."""
    columns = min(COLUMNS, max(1, len(shown)))
    rows = -(-len(shown) // columns)
    step_x, step_y = CELL_PX + _GAP_PX, CELL_PX + _CAPTION_PX + _GAP_PX
    wide = max(columns * step_x, width_px(title, _TITLE_SIZE)) + _GAP_PX
    canvas = Canvas(round(wide), _HEAD_PX + rows * step_y)
    canvas.write((_GAP_PX, _HEAD_PX * 0.6), title, _TITLE_SIZE)
    for k, one in enumerate(shown):
        left, top = _GAP_PX + k % columns * step_x, _HEAD_PX + k // columns * step_y
        canvas.paste((left, top, left + CELL_PX, top + CELL_PX), one.picture)
        for line, words in enumerate((one.name, one.words)):
            place = left, top + CELL_PX + 18 + 18 * line
            canvas.write(place, _fitting(words), _NAME_SIZE)
    return canvas.png()


def _fitting(words: str) -> str:
    """Cut in its middle where it is wider than a picture: names differ at their ends."""
    keep = len(words)
    short = words
    while width_px(short, _NAME_SIZE) > CELL_PX:
        keep -= 2
        short = f"{words[: keep // 2]}..{words[-(keep - keep // 2) :]}"
    return short
