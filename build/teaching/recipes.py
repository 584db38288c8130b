"""The ways to teach, a row each: what looks, how channels are whitened, how maps are read.

    recipe       eyes                               held in           maps
    pretrained   EfficientNet-Lite0, blocks 0 .. 7  INT8, else FP32   / what is usual there
    filters      a fixed bank of filters            FP32              as they are

Everything else is the same: a bank of good patches with their place, limits out of fold. The
filters look at three colours with 49 taps each: no INT8 kernel is faster at that, and on real
parts INT8 took 0.06 from the AUROC of made defects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from gonogo.build.teaching.filters import filters_model, level
from gonogo.build.teaching.lite0 import lite0_model
from gonogo.build.teaching.textures import textures
from gonogo.build.teaching.weights import CREDIT, SHA256, installed, read_weights, weights_file
from gonogo.build.teaching.whitening import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.build.goodparts import GoodParts

    Frames = Sequence[NDArray[np.uint8]]

Method = Literal["auto", "pretrained", "filters"]
METHODS: tuple[Method, ...] = ("auto", "pretrained", "filters")
TEXTURES = 40  # pictures drawn by chance, for the ranges


class Recipe(NamedTuple):
    """A row.

    `eyes` makes the FP32 model that looks, `ranges` the frames for its INT8 ranges, or is
    None where the eyes stay FP32. `rule`: how channels are whitened. `by_place`: whether maps
    are divided by what is usual at each place. `limits_of`: what it sees, and what hardly, for
    the card. `weights`: digest of what the eyes are made from beside this code; `credit`:
    whose work that is.
    """

    name: Literal["pretrained", "filters"]
    eyes: Callable[[GoodParts], bytes]
    ranges: Callable[[GoodParts], Frames] | None
    rule: Rule
    by_place: bool
    limits_of: str
    weights: str = ""
    credit: str = ""


_SEES = (
    "sees missing or broken pieces, foreign shapes, colour, larger pitting; hardly sees fine "
    "cracks and low contrast on texture; light never seen before scores like a defect"
)


def _lite0(parts: GoodParts) -> bytes:
    return lite0_model(read_weights(weights_file()), parts.side_px)


def _filters(parts: GoodParts) -> bytes:
    return filters_model(level([*parts.good, *parts.defaced], parts.side_px), parts.side_px)


PRETRAINED = Recipe(
    "pretrained",
    _lite0,
    lambda parts: textures(TEXTURES, parts.side_px),
    Rule(alike=True, floor=0.5),
    by_place=True,
    limits_of=_SEES,
    weights=SHA256,
    credit=CREDIT,
)
FILTERS = Recipe(
    "filters",
    _filters,
    None,
    Rule(alike=False, floor=2.0),
    by_place=False,
    limits_of=_SEES + "; free-lying parts want the pretrained eyes",
)


def recipe_for(method: Method) -> Recipe:
    """The row of a method; auto is pretrained where its package is installed."""
    if method == "filters" or (method == "auto" and not installed()):
        return FILTERS
    return PRETRAINED
