"""Where a frame lies at the model's input, and a map's cells on the frame."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.frame_shape import FrameShape
from gonogo.engines.backends.fit import KINDS, SQUEEZE, Cut, Fit
from gonogo.engines.backends.placing import Placing, Sight, place
from gonogo.engines.backends.preprocess import Preprocess

CROP, LETTERBOX = Fit("centre-crop"), Fit("letterbox")
_SIDES = st.integers(1, 3000)


@pytest.mark.parametrize(
    ("height_px", "width_px", "fit", "expected"),
    [
        # as torchvision resizes the short side and crops the middle
        (1024, 1280, CROP, Placing((224, 280), (0, -28))),
        (1281, 1025, CROP, Placing((279, 224), (-28, 0))),  # 27.5: to the even one
        # as the LetterBox of Ultralytics, to one size
        (1024, 1280, LETTERBOX, Placing((179, 224), (22, 0))),
        (100, 50, LETTERBOX, Placing((224, 112), (0, 56))),
        (1024, 1280, SQUEEZE, Placing((224, 224), (0, 0))),
    ],
)
def test_place_rounds_as_the_tools_do(
    height_px: int, width_px: int, fit: Fit, expected: Placing
) -> None:
    """Sizes and corners are those of torchvision and Ultralytics."""
    assert place(FrameShape(height_px, width_px, 3), (224, 224), fit) == expected


@given(height=_SIDES, width=_SIDES, rows=st.integers(1, 640), columns=st.integers(1, 640))
def test_place_covers_the_input_or_lies_inside_of_it(
    height: int, width: int, rows: int, columns: int
) -> None:
    """Whatever the geometry: a crop leaves no bar, a letterbox cuts nothing off."""
    frame = FrameShape(height, width, 3)
    (tall, wide), (top, left) = place(frame, (rows, columns), CROP)
    assert top <= 0
    assert left <= 0
    assert tall + top >= rows
    assert wide + left >= columns
    (tall, wide), (top, left) = place(frame, (rows, columns), LETTERBOX)
    assert min(tall, wide) >= 1
    assert 0 <= top <= rows - tall
    assert 0 <= left <= columns - wide


@pytest.mark.parametrize("kind", KINDS)
def test_place_takes_a_frame_of_the_models_size_as_it_is(kind: str) -> None:
    """Brought there once, a self-test frame is not brought there again."""
    fit = Fit(kind)  # type: ignore[arg-type]  # one of the literals
    assert place(FrameShape(48, 32, 3), (48, 32), fit) == Placing((48, 32), (0, 0))


@pytest.mark.parametrize(
    "fit",
    [SQUEEZE, CROP, LETTERBOX, CROP._replace(cut=Cut(4, 4, 24, 24))],
    ids=["squeeze", "crop", "letterbox", "crop and cut"],
)
@pytest.mark.parametrize("frame_px", [(90, 160), (200, 110), (20, 24)])
def test_sight_finds_what_was_bright_in_the_map(fit: Fit, frame_px: tuple[int, int]) -> None:
    """A bright spot of the frame lies in the cell that the map has it in, by every fit."""
    frame = np.zeros((*frame_px, 3), np.uint8)
    spot_px = (frame_px[0] * 0.45, frame_px[1] * 0.6)
    reach_px = max(1, min(frame_px) // 20)
    row, column = (int(at) for at in spot_px)
    frame[row - reach_px : row + reach_px, column - reach_px : column + reach_px] = 255
    tensor = np.zeros((1, 3, 32, 32), np.float32)
    Preprocess(FrameShape(*frame.shape), 3, 32, 32, fit).into(frame, tensor)
    cut = fit.cut or Cut(0, 0, 32, 32)
    seen = tensor[0, 0, cut.top_px :, cut.left_px :][: cut.height_px, : cut.width_px]
    if fit.kind == "letterbox":
        seen = np.where(seen == fit.fill, 0, seen)
    # a map of one cell for 2 x 2 px of what the model sees
    pairs = seen.reshape(cut.height_px // 2, 2, cut.width_px // 2, 2).max(axis=(1, 3))
    at = np.unravel_index(pairs.argmax(), pairs.shape)
    sight = Sight(FrameShape(*frame.shape), (32, 32), fit, pairs.shape)
    box = sight.cell(int(at[0]), int(at[1]))
    assert box.top - reach_px <= spot_px[0] <= box.bottom + reach_px
    assert box.left - reach_px <= spot_px[1] <= box.right + reach_px


def test_sight_has_nothing_on_a_letterboxs_bars() -> None:
    """A cell there is no part of the frame: it has no area."""
    sight = Sight(FrameShape(100, 200, 3), (64, 64), LETTERBOX, (8, 8))
    top = sight.cell(0, 3)
    assert top.bottom == top.top == 0
    assert sight.cell(2, 0) == (0, 0, 25, 25)


def test_sight_shares_cells_as_the_result_area_does() -> None:
    """A map of 100 x 100 lies there as 50 x 50, one of 65 x 65 as 33 x 33 over the edge."""
    even = Sight(FrameShape(100, 100, 3), (100, 100), SQUEEZE, (50, 50))
    assert even.cell(49, 0) == (98, 0, 100, 2)
    odd = Sight(FrameShape(65, 65, 3), (65, 65), SQUEEZE, (32.5, 32.5))
    assert odd.cell(32, 32) == (64, 64, 65, 65)


@pytest.mark.parametrize(
    ("frame", "fit", "words"),
    [
        (FrameShape(600, 800, 3), CROP, r"outer 12.5 % at the left, 12.5 % at the right: 25 % of"),
        (FrameShape(800, 600, 1), CROP, r"12.5 % at the top, 12.5 % at the bottom"),
        (FrameShape(600, 800, 3), LETTERBOX, "^$"),
        (FrameShape(600, 800, 3), SQUEEZE, "^$"),
        (FrameShape(96, 96, 3), CROP, "^$"),
        (FrameShape(96, 96, 3), SQUEEZE._replace(cut=Cut(24, 0, 72, 96)), "outer 25 % at the top:"),
    ],
)
def test_sight_says_what_is_never_looked_at(frame: FrameShape, fit: Fit, words: str) -> None:
    """With the share of the frame, and nothing where all of it is seen."""
    assert re.search(words, Sight(frame, (96, 96), fit).unseen)


def test_sight_says_how_large_a_cell_is_on_the_frame() -> None:
    """In px of the frame, for whoever wants to know what can be found in a map."""
    told = Sight(FrameShape(600, 800, 3), (96, 96), CROP, (8, 8)).in_words
    assert told[0] == "frames get to its 96x96 px by centre-crop, antialias"
    assert "75x75 px of the frame" in told[1]
    assert "25 %" in told[2]
