"""What a rule measured on a kept picture: its value, where it looked, and closed lines."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from gonogo.console.why.measured import measured
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection

HERE = Path()
ROI = {"x_px": 20, "y_px": 10, "width_px": 160, "height_px": 90}
# a dark box on a light ground, in px of the frame
LEFT, TOP, WIDTH, HEIGHT = 60, 30, 40, 20


def box() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture."""
    found = np.full((120, 200), 220, np.uint8)
    found[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = 30
    return found


def test_measured_is_the_value_with_where_it_looked_and_closed_lines() -> None:
    """A dimension: the region, the outline of the object, and the line across it."""
    section = DimensionSection.model_validate(
        {"kind": "dimension", "name": "d", "measure": "width", "high": 1e9, "roi": ROI}
    )
    found = measured(section, HERE, box())
    assert found.value == pytest.approx(WIDTH, abs=0.1)
    (looked,) = found.looked
    assert looked.min(axis=0).tolist() == [20, 10]
    assert looked.max(axis=0).tolist() == [180, 100]
    outline, across = found.lines
    assert outline.min(axis=0) == pytest.approx((LEFT, TOP), abs=1)
    assert outline.max(axis=0) == pytest.approx((LEFT + WIDTH, TOP + HEIGHT), abs=1)
    assert np.ptp(across, axis=0)[0] == pytest.approx(found.value, abs=0.2)
    for line in (looked, outline, across):
        assert line[0].tolist() == line[-1].tolist()


def test_measured_of_nothing_has_no_line() -> None:
    """No object: no value, and where it looked."""
    section = DimensionSection.model_validate(
        {"kind": "dimension", "name": "d", "measure": "width", "high": 1.0}
    )
    found = measured(section, HERE, np.full((120, 200), 220, np.uint8))
    assert math.isnan(found.value)
    assert found.lines == []
    assert found.looked[0].max(axis=0).tolist() == [200, 120]


def test_measured_of_a_colour_shows_its_white_too() -> None:
    """Both regions."""
    section = ColourSection.model_validate(
        {"kind": "colour", "name": "c", "measure": "delta_e", "high": 9.0, "roi": ROI,
         "reference_lab": [50.0, 0.0, 0.0],
         "white_roi": {"x_px": 0, "y_px": 0, "width_px": 8, "height_px": 8}}
    )  # fmt: skip
    frame = np.full((120, 200, 3), 128, np.uint8)
    assert [each.min(axis=0).tolist() for each in measured(section, HERE, frame).looked] == [
        [20, 10], [0, 0],
    ]  # fmt: skip
