"""The picture of a frame: each mark is where it belongs, and nothing else is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gonogo.commands.show.frame_picture import BLUE, CYAN, MAGENTA, marked, picture_of, regions
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection
from gonogo.rules.rule import Roi

ROI = {"x_px": 20, "y_px": 40, "width_px": 30, "height_px": 10}


def width(**keys: Any) -> DimensionSection:  # noqa: ANN401 - keys of the section
    """A rule that looks at ROI, or elsewhere."""
    return DimensionSection.model_validate(
        {"kind": "dimension", "name": "d", "measure": "width", "roi": ROI, **keys}
    )


def test_marks_are_on_saturated_and_black_pixels() -> None:
    """And on no other: a flat frame has no sharp place either."""
    frame = np.full((90, 120, 3), 100, np.uint8)
    frame[10, 20] = (100, 255, 100)
    frame[50, 60] = 0
    shown = marked(frame)
    assert tuple(shown[10, 20]) == MAGENTA
    assert tuple(shown[50, 60]) == BLUE
    same = (shown == frame).all(axis=2)
    assert same[60:, 80:].all()


@pytest.mark.parametrize("shape", [(90, 120), (90, 120, 3)])
def test_picture_holds_the_frame_its_regions_and_a_foot(shape: tuple[int, ...]) -> None:
    """Enlarged in whole steps until it is wide enough; the region's edge at its place."""
    frame = np.full(shape, 100, np.uint8)
    picture = picture_of(frame, [width()], "demo, view top")
    assert picture.shape == (90 * 6 + 150, 720, 3)
    left, top = 20 * 6, 40 * 6
    right, lower = left + 30 * 6 - 1, top + 10 * 6 - 1
    for corner in ((top, left), (top, right), (lower, left), (lower, right)):
        assert tuple(picture[corner]) == CYAN
    assert len(np.unique(picture[90 * 6 :])) > 10  # words, and a histogram


def test_picture_leaves_the_frame_as_it_is() -> None:
    """It is drawn into a copy."""
    frame = np.zeros((90, 700, 3), np.uint8)
    before = frame.copy()
    picture_of(frame, [width()], "title \N{GREEK SMALL LETTER OMEGA}")
    assert (frame == before).all()


def test_regions_are_those_of_every_key_of_a_rule() -> None:
    """A white patch is one, too; a rule without a region looks at everything."""
    colour = ColourSection.model_validate(
        {"kind": "colour", "name": "c", "measure": "delta_e", "reference_lab": [50, 0, 0],
         "white_roi": ROI}
    )  # fmt: skip
    assert list(regions([width(), colour])) == [
        ("d", Roi(**ROI)),
        ("c", None),
        ("c white", Roi(**ROI)),
    ]
