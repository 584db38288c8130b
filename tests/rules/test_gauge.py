"""A gauge part of known size: the dimension rule's own measure, turned round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CalibrationError
from gonogo.base.frame_shape import FrameShape
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionRule, DimensionSection
from gonogo.rules.gauge import calibrate_by_gauge, gauge_rule
from gonogo.tests.rules.test_dimension import rule_section

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GREY = FrameShape(96, 128, 1)
COLOUR = ColourSection(kind="colour", name="c", measure="delta_e", reference_lab=(50, 0, 0))


def bar(width_px: int) -> NDArray[np.uint8]:
    """A dark bar on a light ground."""
    frame = np.full(GREY.shape, 220, np.uint8)
    frame[30:50, 20 : 20 + width_px] = 30
    return frame


def test_gauge_gives_the_scale_by_which_the_rule_measures_it(tmp_path: Path) -> None:
    """The rule, bound to what was found, measures the gauge as large as it is."""
    section = rule_section("width", mm_per_px=7.0)
    found = calibrate_by_gauge(section, {"a": bar(60)}, 72.0, "top", GREY)
    assert found.mm_per_px == pytest.approx(1.2)
    assert (found.made_by, found.rms_px, found.worst_px) == ("gauge", None, None)
    bound = rule_section("width", lengths_in="mm").calibrated(found)
    assert DimensionRule(bound, GREY, tmp_path).measure(bar(60)) == pytest.approx(72.0)


def test_gauge_in_several_pictures_tells_its_residual() -> None:
    """The mean counts; how far pictures lie from it is said."""
    frames = {str(width): bar(width) for width in (100, 101)}
    found = calibrate_by_gauge(rule_section("width"), frames, 201.0, "top", GREY)
    assert found.mm_per_px == pytest.approx(2.0)
    assert (found.pictures, found.rms_px, found.worst_px) == (2, 0.5, 0.5)


def test_gauge_that_differs_from_picture_to_picture_is_refused() -> None:
    """Two parts, or one that lies another way."""
    frames = {"a": bar(60), "b": bar(63)}
    with pytest.raises(CalibrationError, match=r"GN730: .*within 1 % .*found 60.0 to 63.0 px"):
        calibrate_by_gauge(rule_section("width"), frames, 72.0, "top", GREY)


def test_gauge_that_is_not_seen_is_refused_by_picture_and_rule() -> None:
    """An empty belt has no scale."""
    frames = {"a.png": bar(60), "b.png": np.full(GREY.shape, 220, np.uint8)}
    with pytest.raises(CalibrationError, match=r"GN730: b.png: expected the gauge, rule 'd'"):
        calibrate_by_gauge(rule_section("width"), frames, 72.0, "top", GREY)


@pytest.mark.parametrize("gauge_mm", [0.0, -1.0, math.nan, 1e6])
def test_gauge_has_a_size(gauge_mm: float) -> None:
    """More than nothing."""
    with pytest.raises(CalibrationError, match="--gauge-mm: expected more than 0"):
        calibrate_by_gauge(rule_section("width"), {"a": bar(60)}, gauge_mm, "top", GREY)


def test_gauge_rule_is_the_views_own_of_that_measure() -> None:
    """Others are named, and what is no length is refused."""
    rules = (COLOUR, rule_section("area"), rule_section("width"))
    assert isinstance(found := gauge_rule(rules, "width", "top"), DimensionSection)
    assert found.measure == "width"
    with pytest.raises(CalibrationError, match=r"measure = 'height'.*'d' \(area\), 'd' \(width\)"):
        gauge_rule(rules, "height", "top")
    with pytest.raises(CalibrationError, match="its dimension rules: none"):
        gauge_rule((COLOUR,), "width", "top")
    with pytest.raises(CalibrationError, match=r"--measure: expected one of width, .*got 'area'"):
        gauge_rule(rules, "area", "top")
