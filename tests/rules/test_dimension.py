"""Dimension rules against the slow reference and against drawn shapes of known size."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.dimension import DimensionRule, DimensionSection, Measure
from gonogo.tests.rules import reference
from gonogo.tests.rules.optics import (
    BARREL,
    FRAME,
    NO_LENS,
    calibration,
    seen_through,
    straightened,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

GREY = FrameShape(96, 128, 1)
COLOUR = FrameShape(96, 128, 3)
MEASURES: tuple[Measure, ...] = get_args(Measure)


def rule_section(measure: Measure, **keys: object) -> DimensionSection:
    """A dimension rule named 'd' with a wide high limit, as a station file says it."""
    return DimensionSection.model_validate(
        {"kind": "dimension", "name": "d", "measure": measure, "high": 1e9, **keys}
    )


def rule(measure: Measure, geometry: FrameShape = GREY, **keys: object) -> DimensionRule:
    """The same, open."""
    return DimensionRule(rule_section(measure, **keys), geometry, Path())


def blotch(seed: int, shape: tuple[int, int] = (96, 128), specks: int = 5) -> NDArray[np.uint8]:
    """A dark random star-shaped polygon with a hole on a light ground, with small specks."""
    rng = np.random.default_rng(seed)
    frame = np.full(shape, 220, np.uint8)
    turn = np.linspace(0, 2 * math.pi, 11)[:-1]
    radius = rng.uniform(12, 40, 10)
    points = np.stack([64 + radius * np.cos(turn), 48 + radius * np.sin(turn)], 1)
    cv2.fillPoly(frame, [points.astype(np.int32)], (40,))
    frame[46:49, 63:66] = 220
    frame[rng.integers(0, 96, specks), rng.integers(0, 10, specks)] = 40
    return frame


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("specks", [0, 5])
def test_dimension_matches_the_reference(measure: Measure, seed: int, specks: int) -> None:
    """Each measure of a random shape, alone or not, is what its definition gives in numpy."""
    frame = blotch(seed, specks=specks)
    biggest = max(reference.components(frame < 128), key=len)
    expected = reference.dimensions(biggest)[measure]
    value = rule(measure).measure(frame)
    if measure == "angle":
        assert abs((value - expected + 90) % 180 - 90) < 1e-6
    else:
        assert value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("measure", "expected", "unit"),
    [("width", 10.0, "mm"), ("area", 50.0, "mm2"), ("position_x", 10.0, "mm"), ("angle", 0, "deg")],
)
def test_dimension_scales_to_millimetres(measure: Measure, expected: float, unit: str) -> None:
    """A bar of 40 x 20 px at 0.25 mm a pixel measures 10 x 5 mm, and says so."""
    frame = np.full((96, 128), 230, np.uint8)
    frame[30:50, 20:60] = 20
    bar = rule(measure, mm_per_px=0.25)
    assert bar.measure(frame) == pytest.approx(expected)
    assert bar.unit == unit


def test_dimension_counts_from_the_frame_corner_whatever_the_roi() -> None:
    """A position is that of the frame, also when a ROI is cut out and halved."""
    frame = np.full((96, 128), 230, np.uint8)
    frame[40:56, 40:72] = 20
    roi = {"x_px": 16, "y_px": 8, "width_px": 100, "height_px": 80}
    wanted: dict[Measure, float] = {"position_x": 56.0, "position_y": 48.0, "width": 32.0}
    for measure, expected in wanted.items():
        whole = rule(measure, roi=roi)
        halved = rule(measure, roi=roi, work_px=60)
        assert whole.measure(frame) == pytest.approx(expected)
        assert halved.measure(frame) == pytest.approx(expected)


@pytest.mark.parametrize("channel", ["grey", "blue", "green", "red", "saturation"])
def test_dimension_looks_at_the_channel_it_is_told(channel: str) -> None:
    """A green part on white is dark in blue, red and grey, light in saturation, hidden in green."""
    frame = np.full((96, 128, 3), 255, np.uint8)
    frame[20:60, 30:80] = (60, 255, 60)
    side = "light" if channel == "saturation" else "dark"
    value = rule("area", COLOUR, segment={"channel": channel, "object_is": side}).measure(frame)
    assert math.isnan(value) if channel == "green" else value == 2000


def test_dimension_uses_a_fixed_threshold_when_told() -> None:
    """With a fixed grey level, a faint object is found or not by that level alone."""
    frame = np.full((96, 128), 200, np.uint8)
    frame[10:30, 10:30] = 150
    fixed = {"threshold": 170, "contrast_min": 10}
    assert rule("area", segment=fixed).measure(frame) == 400
    assert math.isnan(rule("area", segment={**fixed, "threshold": 100}).measure(frame))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_dimension_cannot_tell_without_an_object(level: int) -> None:
    """An empty, dark or saturated frame has no dimension."""
    check = rule("width").check(np.full((96, 128), level, np.uint8))
    assert check.status is Status.CANNOT_TELL
    assert math.isnan(check.value)


def test_dimension_cannot_tell_noise_from_a_part() -> None:
    """Camera noise on an empty belt is below the contrast limit."""
    noise = np.random.default_rng(3).integers(100, 112, (96, 128), np.uint8)
    assert math.isnan(rule("area").measure(noise))


def test_dimension_gives_no_angle_of_a_disc() -> None:
    """A round part has no direction."""
    frame = np.full((96, 128), 230, np.uint8)
    cv2.circle(frame, (64, 48), 30, (20,), -1)
    assert math.isnan(rule("angle").measure(frame))


def test_dimension_leaves_small_specks_out() -> None:
    """An object below area_min_px is no part."""
    frame = np.full((96, 128), 230, np.uint8)
    frame[5:8, 5:8] = 20
    assert math.isnan(rule("area", segment={"area_min_px": 10}).measure(frame))
    assert rule("area", segment={"area_min_px": 9}).measure(frame) == 9


def test_dimension_refuses_a_roi_outside_the_frame() -> None:
    """A ROI that leaves the frame is found at start, with both sizes."""
    with pytest.raises(StationFileError, match=r"'d': roi: expected inside .*128 x 96 px.* x 138"):
        rule("area", roi={"x_px": 38, "width_px": 100, "height_px": 10})


def test_dimension_refuses_a_colour_channel_of_a_grey_camera() -> None:
    """A channel the camera does not have is found at start."""
    with pytest.raises(StationFileError, match="expected 'grey' for a grey camera, got 'blue'"):
        rule("area", segment={"channel": "blue"})


@pytest.mark.parametrize(("low", "high"), [(399, 401), (400, 400), (None, 400), (400, None)])
def test_dimension_passes_on_its_limits(low: float | None, high: float | None) -> None:
    """Limits are inclusive, and a side left out has none."""
    frame = np.full((96, 128), 230, np.uint8)
    frame[10:30, 10:30] = 20
    assert rule("area", low=low, high=high).check(frame).status is Status.PASS
    frame[10, 10] = 230
    failed = rule("area", low=400, high=400).check(frame)
    assert failed[:4] == (Status.FAIL, 399.0, 400.0, 400.0)


def ellipse(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A dark ellipse with a hole, near a corner of the frame; axes of 160 and 100 px, 25 deg."""
    turn = math.radians(25)
    u, v = x - 470.0, y - 330.0
    along, across = u * math.cos(turn) + v * math.sin(turn), v * math.cos(turn) - u * math.sin(turn)
    inside = (along / 80) ** 2 + (across / 50) ** 2 <= 1
    hole = (along - 30) ** 2 + across**2 <= 15**2
    return np.where(inside & ~hole, 40.0, 220.0)


# in px, px2, % and deg: threshold and pixel grid of two pictures of one thing
STRAIGHT_WITHIN: dict[Measure, float] = {
    "width": 1.0, "height": 1.0, "length": 1.0, "breadth": 1.0, "diameter": 0.2,
    "area": 30.0, "hull_area": 60.0, "solidity": 0.5, "position_x": 0.1, "position_y": 0.1,
    "angle": 0.3,
}  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("keys", [{}, {"roi": {"x_px": 301, "y_px": 181, "width_px": 339,
                                               "height_px": 299}}, {"work_px": 320}],
                         ids=["whole", "roi", "halved"])  # fmt: skip
def test_dimension_through_a_lens_is_that_of_the_straightened_frame(
    measure: Measure, keys: dict[str, object]
) -> None:
    """Points that are straightened give what OpenCV's straightened whole frame gives."""
    bent = seen_through(ellipse, BARREL)
    section = rule_section(measure, high=None, **keys)
    fast = DimensionRule(section.calibrated(calibration()), FRAME, Path()).measure(bent)
    slow = DimensionRule(section, FRAME, Path()).measure(straightened(bent, BARREL))
    work = 2.0 if "work_px" in keys else 1.0
    assert fast == pytest.approx(slow, abs=STRAIGHT_WITHIN[measure] * work**2)


def test_dimension_through_a_lens_is_wrong_as_it_is_seen() -> None:
    """What the straightening is for: at this place the lens costs more than five pixels."""
    bent = seen_through(ellipse, BARREL)
    seen = rule("length", FRAME).measure(bent)
    bound = rule_section("length", lengths_in="mm").calibrated(calibration(mm_per_px=0.5))
    straight = DimensionRule(bound, FRAME, Path())
    assert straight.unit == "mm"
    assert straight.measure(bent) == pytest.approx(80.0, abs=0.4)
    assert abs(seen * 0.5 - 80.0) > 2.5


@pytest.mark.parametrize("measure", MEASURES)
def test_dimension_through_a_lens_that_does_not_bend_is_what_is_seen(measure: Measure) -> None:
    """Both ways of reckoning are the same reckoning."""
    frame = np.full(FRAME.shape, 220, np.uint8)
    frame[100:196, 200:328] = blotch(1)
    section = rule_section(
        measure, high=None, roi={"x_px": 190, "y_px": 90, "width_px": 160, "height_px": 120}
    )
    bound = section.calibrated(calibration(lens=NO_LENS))
    value = DimensionRule(bound, FRAME, Path()).measure(frame)
    assert value == pytest.approx(DimensionRule(section, FRAME, Path()).measure(frame), rel=1e-4)


def test_dimension_takes_scale_and_digest_from_the_calibration() -> None:
    """In mm, although its own section has no scale; the records can say by which file."""
    known = calibration(lens=None, mm_per_px=0.25)
    bound = rule_section("width", lengths_in="mm").calibrated(known)
    frame = np.full(FRAME.shape, 230, np.uint8)
    frame[30:50, 20:60] = 20
    measured = DimensionRule(bound, FRAME, Path())
    assert measured.measure(frame) == pytest.approx(10.0)
    assert (measured.unit, bound.unit, measured.digest) == ("mm", "mm", known.digest)
    assert rule("width").digest == ""


def test_dimension_with_two_scales_is_refused_unless_they_agree() -> None:
    """Within 0.1 % the calibration counts; beyond, nobody knows which was meant."""
    known = calibration(lens=None, mm_per_px=0.2)
    assert rule_section("width", mm_per_px=0.20019).calibrated(known).scale == 0.2
    with pytest.raises(StationFileError, match=r"'d': mm_per_px: expected 0.2 mm/px within 0.1 %"):
        rule_section("width", mm_per_px=0.2003).calibrated(known)


def test_dimension_in_px_is_as_it_is_seen_whatever_is_known() -> None:
    """A rule with limits in px stays one in a view that gets a calibration."""
    section = rule_section("width", lengths_in="px")
    assert section.calibrated(calibration(mm_per_px=0.2)) is section
    assert section.unit == "px"
    with pytest.raises(ValidationError, match="lengths_in: expected 'mm' beside mm_per_px"):
        rule_section("width", lengths_in="px", mm_per_px=0.2)


@pytest.mark.parametrize("limit", ["low", "high"])
@pytest.mark.parametrize("measure", ["width", "area"])
def test_dimension_with_limits_says_their_unit_where_the_view_has_a_scale(
    measure: Measure, limit: str
) -> None:
    """A limit of 100 px would become one of 100 mm on the day of the calibration."""
    keys = {"kind": "dimension", "name": "d", "measure": measure}
    limited = DimensionSection.model_validate(keys | {limit: 100.0})
    with pytest.raises(StationFileError, match=r"'d': lengths_in: expected 'mm' or 'px' beside"):
        limited.calibrated(calibration())
    assert DimensionSection.model_validate(keys).calibrated(calibration()).unit[:2] == "mm"
    turned = DimensionSection.model_validate(keys | {"measure": "angle", limit: 10.0})
    assert turned.calibrated(calibration()).unit == "deg", "no length"


def test_dimension_in_mm_is_refused_without_a_scale() -> None:
    """Its limits would be taken for pixels."""
    with pytest.raises(StationFileError, match=r"'d': expected mm_per_px, or a calibration"):
        rule("width", lengths_in="mm")
    assert rule("width", lengths_in="mm", mm_per_px=0.2).unit == "mm"
    known = rule_section("width", lengths_in="mm").calibrated(calibration(lens=None))
    assert DimensionRule(known, FRAME, Path()).unit == "mm"


def test_dimension_through_a_lens_needs_more_than_one_row() -> None:
    """How a single row is stretched across nobody knows."""
    section = rule_section("width", roi={"width_px": 100, "height_px": 1}, lengths_in="mm")
    with pytest.raises(StationFileError, match=r"'d': roi: expected at least 2 work pixels"):
        DimensionRule(section.calibrated(calibration()), FRAME, Path())
