"""Dimension rules against the slow reference and against drawn shapes of known size."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import cv2
import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Status
from gonogo.rules.dimension import DimensionRule, DimensionSection, Measure
from gonogo.tests.rules import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

GREY = FrameShape(96, 128, 1)
COLOUR = FrameShape(96, 128, 3)
MEASURES: tuple[Measure, ...] = get_args(Measure)


def rule(measure: Measure, geometry: FrameShape = GREY, **keys: object) -> DimensionRule:
    """A dimension rule named 'd' with a wide high limit."""
    section = DimensionSection.model_validate(
        {"kind": "dimension", "name": "d", "measure": measure, "high": 1e9, **keys}
    )
    return DimensionRule(section, geometry, Path())


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
    assert failed == (Status.FAIL, 399.0, 400.0, 400.0)
