"""What rules go by, as lines on the frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.colour import ColourRule, ColourSection
from gonogo.rules.dimension import DimensionRule, DimensionSection
from gonogo.rules.marks import MOST, outlines
from gonogo.rules.presence import PresenceRule
from gonogo.rules.presence_section import PresenceSection
from gonogo.rules.ruleset import open_gauge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.rules.marks import Mark

SHAPE = FrameShape(120, 160, 3)
ROI = {"x_px": 20, "y_px": 10, "width_px": 120, "height_px": 100}
# left, upper, right and lower edge of the part
EDGES = (40, 30, 100, 70)


@pytest.fixture
def frame() -> NDArray[np.uint8]:
    """A bright part of 60 x 40 px with a red spot."""
    made = np.full(SHAPE.shape, 20, np.uint8)
    left, top, right, lower = EDGES
    made[top:lower, left:right] = 210
    made[45:55, 60:70] = (0, 0, 255)
    return made


def extent(mark: Mark) -> tuple[float, ...]:
    """Left, upper, right, lower."""
    return (*mark.points.min(axis=0), *mark.points.max(axis=0))


def dimension(measure: str, **keys: Any) -> DimensionRule:  # noqa: ANN401 - keys of the section
    """A rule for the bright part."""
    section = DimensionSection.model_validate({
        "kind": "dimension", "name": "d", "measure": measure, "roi": ROI,
        "segment": {"object_is": "light", "threshold": 60}, **keys,
    })  # fmt: skip
    return DimensionRule(section, SHAPE, Path())


@pytest.mark.parametrize("work_px", [1024, 60])
def test_marks_of_a_dimension_lie_on_the_object_whatever_the_work_size(
    frame: NDArray[np.uint8], work_px: int
) -> None:
    """In px of the frame, within a work pixel; its width from edge to edge."""
    outline, width = dimension("width", work_px=work_px).marks(frame)
    assert (outline.kind, width.kind) == ("object", "feature")
    assert extent(outline) == pytest.approx(EDGES, abs=2)
    left, _, right, _ = extent(width)
    assert (left, right) == pytest.approx((40, 100), abs=2)


@pytest.mark.parametrize(
    ("measure", "reach"),
    [
        ("height", (70, 30, 70, 70)), ("length", (40, 50, 100, 50)), ("breadth", (70, 30, 70, 70)),
        ("hull_area", EDGES), ("solidity", EDGES), ("angle", (40, 50, 100, 50)),
        ("position_x", (64, 44, 76, 56)),
    ],
)  # fmt: skip
def test_marks_of_a_dimension_are_where_it_is_measured(
    frame: NDArray[np.uint8], measure: str, reach: tuple[float, ...]
) -> None:
    """A line, a hull or a cross, together as far as that."""
    frame[45:55, 60:70] = 210
    _, *features = dimension(measure).marks(frame)
    points = np.concatenate([each.points for each in features])
    assert (*points.min(axis=0), *points.max(axis=0)) == pytest.approx(reach, abs=1.6)


def test_marks_of_a_diameter_have_the_area_of_the_object(frame: NDArray[np.uint8]) -> None:
    """A circle about its middle; of an area nothing but the outline is drawn."""
    _, circle = dimension("diameter").marks(frame)
    area = cv2.contourArea(circle.points.astype(np.float32))
    assert area == pytest.approx(60 * 40, rel=0.06)
    assert len(dimension("area").marks(frame)) == 1


def test_marks_are_none_where_there_is_no_object() -> None:
    """An even frame shows nothing to any rule that looks for something."""
    even = np.full(SHAPE.shape, 90, np.uint8)
    assert dimension("width").marks(even) == []
    for method in ("blobs", "intensity"):
        assert presence(method).marks(even) == []


def presence(method: str, **keys: Any) -> PresenceRule:  # noqa: ANN401 - keys of the section
    """A rule that looks for something bright."""
    section = PresenceSection.model_validate({
        "kind": "presence", "name": "p", "method": method, "roi": ROI, "window_px": 20,
        "segment": {"object_is": "light", "threshold": 60}, **keys,
    })  # fmt: skip
    return PresenceRule(section, SHAPE, Path())


def test_marks_of_blobs_go_round_each_that_is_counted(frame: NDArray[np.uint8]) -> None:
    """Those that are too small or too large are left out."""
    frame[80:90, 110:130] = 210
    rule = presence("blobs")
    marks = rule.marks(frame)
    assert len(marks) == int(rule.measure(frame)) == 2
    (small,) = presence("blobs", area_max_px=300).marks(frame)
    assert extent(small) == pytest.approx((110, 80, 130, 90), abs=1)


def test_marks_of_a_contrast_are_the_best_window(frame: NDArray[np.uint8]) -> None:
    """Of the side that was asked for, on the part."""
    (window,) = presence("intensity", object_is="light").marks(frame)
    left, top, right, lower = extent(window)
    assert (right - left, lower - top) == (20, 20)
    assert (left >= 40, right <= 100, top >= 30, lower <= 70) == (True,) * 4


def test_marks_of_a_share_go_round_the_colour_that_is_counted(frame: NDArray[np.uint8]) -> None:
    """And a distance has none: it is of all of the region."""
    keys = {"kind": "colour", "name": "c", "measure": "share", "roi": ROI}
    red = {"range_low": (340, 50, 50), "range_high": (20, 100, 100)}
    (spot,) = ColourRule(ColourSection.model_validate(keys | red), SHAPE, Path()).marks(frame)
    assert extent(spot) == pytest.approx((60, 45, 70, 55), abs=1)
    tone = {**keys, "measure": "delta_e", "reference_lab": (50.0, 0.0, 0.0)}
    assert ColourRule(ColourSection.model_validate(tone), SHAPE, Path()).marks(frame) == []


@pytest.mark.parametrize("method", ["template", "golden"])
def test_marks_of_a_learnt_image_are_where_it_fits(
    frame: NDArray[np.uint8], tmp_path: Path, method: str
) -> None:
    """And what lies outside the band of good parts."""
    (tmp_path / "good").mkdir()
    rng = np.random.default_rng(2)
    for k in range(3):
        noisy = cv2.add(frame, rng.integers(0, 5, frame.shape, np.uint8))
        (tmp_path / "good" / f"{k}.png").write_bytes(cv2.imencode(".png", noisy)[1].tobytes())
    section = PresenceSection.model_validate({
        "kind": "presence", "name": "p", "method": method, "roi": ROI, "image": "learnt.png",
        "learn_from": "good", "search_px": 4,
        "template_roi": {"x_px": 35, "y_px": 25, "width_px": 70, "height_px": 50},
    })  # fmt: skip
    section.prepare(SHAPE, tmp_path, "exact", again=False)
    rule = open_gauge(section, SHAPE, tmp_path)
    moved = np.roll(frame, 3, axis=1)
    moved[60:66, 80:90] = 0
    *outside, place = rule.marks(moved)
    left, top, *_ = extent(place)
    expected = (35 + 3, 25) if method == "template" else (20 + 4 + 3, 10 + 4)
    assert (left, top) == pytest.approx(expected, abs=1)
    if method == "golden":
        assert extent(outside[0]) == pytest.approx((80, 60, 90, 66), abs=1)


def test_outlines_of_noise_are_bounded() -> None:
    """A picture of thousands of pieces is drawn all the same."""
    noise = (np.random.default_rng(1).random((300, 300)) < 0.1).astype(np.uint8)
    assert len(outlines(noise)) == MOST
