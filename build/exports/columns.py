"""What the columns of a list of detections mean, in a word for each group of them.

    xywh+classes              YOLOv8 and later: centre, width, height, one column for each class
    xywh+objectness+classes   YOLOv5, v7, YOLOX: how sure it is of any object, times each class
    xywh+classes+angle        boxes that lie askew (OBB); with masks: mask coefficients behind
    xyxy+score+class          what is left after NMS, or end to end: corners, score, class number

The same words are given with `--columns`, where nothing in the file tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

CORNERS = ("xyxy", "xywh", "yxyx")
_SINGLE = ("objectness", "score", "class", "angle", "batch")
_WIDE = ("classes", "masks")
WORDS = (*CORNERS, *_SINGLE, *_WIDE)
_BOX = 4
EXAMPLES = "xywh+classes, xywh+objectness+classes, xywh+classes+angle, xyxy+score+class"


class Columns(NamedTuple):
    """First and last + 1 of the columns of each word, and how the corners of a box are written."""

    corners: str
    places: Mapping[str, tuple[int, int]]

    @property
    def text(self) -> str:
        """As it is given with --columns."""
        return "+".join(self.places)


def columns(words: str, width: int, masks: int = 0) -> Columns | None:
    """Where each word of `words` stands in `width` columns; None when they do not fit.

    `masks`: how many mask coefficients there are.
    """
    named = words.lower().split("+")
    fixed = dict.fromkeys(_SINGLE, 1) | dict.fromkeys(CORNERS, _BOX) | {"masks": masks}
    left = width - sum(fixed.get(word, 0) for word in named)
    places, here = {}, 0
    for word in named:
        size = fixed.get(word, left)
        places[word] = (here, here + size)
        here += size
    fits = here == width and all(stop > start for start, stop in places.values())
    corners = next((word for word in named if word in CORNERS), "")
    return Columns(corners, places) if fits and corners and len(places) == len(named) else None


def check_words(words: str) -> None:
    """ModelError when `--columns` has a word that is not known."""
    unknown = [word for word in words.lower().split("+") if word not in WORDS]
    if words and unknown:
        raise ModelError(
            f"--columns {words}: '{unknown[0]}' is not known; expected words of "
            f"{', '.join(WORDS)} with + between them, as {EXAMPLES}"
        )
