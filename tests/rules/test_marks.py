"""What a rule measured, drawn: the lines lie where the object lies, and are as long as it says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import cv2
import numpy as np
import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.colour import ColourSection
from gonogo.rules.dimension import DimensionSection, Measure
from gonogo.rules.marks import Marks, marks_of
from gonogo.rules.presence_section import PresenceSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path()
# a dark box on a light ground, in px of the frame: left, top, width, height
LEFT, TOP, WIDTH, HEIGHT = 60, 30, 40, 20
ROI = {"x_px": 20, "y_px": 10, "width_px": 160, "height_px": 90}


def frame(*, turned_deg: float = 0.0) -> NDArray[np.uint8]:
    """The box, turned about its middle."""
    found = np.full((120, 200), 220, np.uint8)
    middle = (LEFT + WIDTH / 2 - 0.5, TOP + HEIGHT / 2 - 0.5)
    corners = cv2.boxPoints((middle, (WIDTH - 1, HEIGHT - 1), turned_deg))
    cv2.fillPoly(found, [np.rint(corners).astype(np.int32)], (30,))
    return found


def dimension(measure: str, **keys: Any) -> Marks:  # noqa: ANN401 - keys of the section
    """Of the box, or of one that is turned."""
    turned_deg = keys.pop("turned_deg", 0.0)
    fields = {"kind": "dimension", "name": "d", "measure": measure, "high": 1e9, "roi": ROI, **keys}
    return marks_of(DimensionSection.model_validate(fields), HERE, frame(turned_deg=turned_deg))


def length(line: NDArray[np.float64]) -> float:
    """From its first point to its last."""
    return math.dist(line[0], line[-1])


@pytest.mark.parametrize("work_px", [1024, 80])
@pytest.mark.parametrize("measure", get_args(Measure))
def test_marks_of_every_dimension_lie_on_the_object(measure: str, work_px: int) -> None:
    """The outline runs around it, also where the frame was halved; and where it looked is drawn."""
    found = dimension(measure, work_px=work_px)
    outline, slack = found.lines[0], 2.5 * (2 if work_px == 80 else 1)
    assert outline.min(axis=0) == pytest.approx((LEFT, TOP), abs=slack)
    assert outline.max(axis=0) == pytest.approx((LEFT + WIDTH, TOP + HEIGHT), abs=slack)
    assert found.looked[0].min(axis=0).tolist() == [20, 10]
    assert found.looked[0].max(axis=0).tolist() == [180, 100]
    assert math.isfinite(found.value)


@pytest.mark.parametrize(
    ("measure", "value"), [("width", WIDTH), ("height", HEIGHT), ("diameter", 31.9)]
)
def test_marks_are_as_long_as_the_value(measure: str, value: float) -> None:
    """A line across, one down, a circle of that diameter."""
    found = dimension(measure)
    assert found.value == pytest.approx(value, abs=0.1)
    line = found.lines[1]
    drawn = np.ptp(line, axis=0).max() if measure == "diameter" else length(line)
    assert drawn == pytest.approx(value, abs=0.2)


def test_marks_of_length_turn_with_the_object() -> None:
    """The smallest box around it, whose long side is what was measured, less a pixel."""
    found = dimension("length", turned_deg=30.0)
    sides = [math.dist(a, b) for a, b in zip(found.lines[1], found.lines[1][1:], strict=False)]
    assert max(sides) == pytest.approx(found.value - 1, abs=0.2)


def test_marks_of_an_angle_point_along_the_object() -> None:
    """In the same degrees."""
    found = dimension("angle", turned_deg=30.0)
    (x1, y1), (x2, y2) = found.lines[1]
    assert math.degrees(math.atan2(y2 - y1, x2 - x1)) == pytest.approx(found.value, abs=0.01)
    assert found.value == pytest.approx(30, abs=1.5)


def test_marks_of_a_position_cross_at_the_centroid() -> None:
    """From the frame's corner, as the value is."""
    across, down = dimension("position_x").lines[1:]
    assert across[:, 0].mean() == pytest.approx(dimension("position_x").value)
    assert down[:, 1].mean() == pytest.approx(dimension("position_y").value)


def test_marks_of_nothing_are_where_it_looked() -> None:
    """No object: no value, and no line that would be one."""
    empty = np.full((120, 200), 220, np.uint8)
    fields = {"kind": "dimension", "name": "d", "measure": "width", "high": 1.0}
    found = marks_of(DimensionSection.model_validate(fields), HERE, empty)
    assert math.isnan(found.value)
    assert found.lines == []
    assert found.looked[0].max(axis=0).tolist() == [200, 120]


def presence(method: str, base: Path = HERE, **keys: Any) -> Marks:  # noqa: ANN401 - as above
    """Of the box."""
    fields = {"kind": "presence", "name": "p", "method": method, "low": 0.0, "roi": ROI, **keys}
    section = PresenceSection.model_validate({"work_px": 256, **fields})
    section.prepare(FrameShape(120, 200, 1), base, "exact", again=True)
    return marks_of(section, base, frame())


def test_marks_of_blobs_run_around_each_that_is_large_enough() -> None:
    """One here."""
    found = presence("blobs", segment={"area_min_px": 100})
    assert found.value == 1.0
    (outline,) = found.lines
    assert outline.min(axis=0) == pytest.approx((LEFT, TOP), abs=2)
    assert presence("blobs", segment={"area_min_px": 5000}).lines == []


def test_marks_of_a_template_are_where_it_fits_best(tmp_path: Path) -> None:
    """Learnt from the very picture: at the component."""
    (tmp_path / "good").mkdir()
    cv2.imwrite(str(tmp_path / "good" / "a.png"), frame())
    place = {"x_px": LEFT - 6, "y_px": TOP - 6, "width_px": WIDTH + 12, "height_px": HEIGHT + 12}
    found = presence(
        "template",
        tmp_path,
        image=tmp_path / "t.png",
        learn_from=tmp_path / "good",
        template_roi=place,
    )
    assert found.value > 99
    (around,) = found.lines
    assert around[0] == pytest.approx((LEFT - 6, TOP - 6), abs=1)


def test_marks_of_a_contrast_are_where_it_looks() -> None:
    """It has no place of its own."""
    found = presence("intensity", window_px=8)
    assert found.lines == []
    assert len(found.looked) == 1


def test_marks_of_a_colour_are_where_it_looks_and_its_white_patch() -> None:
    """Both regions."""
    section = ColourSection.model_validate(
        {
            "kind": "colour", "name": "c", "measure": "delta_e", "reference_lab": (90, 0, 0),
            "high": 5.0, "roi": ROI,
            "white_roi": {"x_px": 0, "y_px": 0, "width_px": 9, "height_px": 9},
        }
    )  # fmt: skip
    pixels = np.full((120, 200, 3), 220, np.uint8)
    found = marks_of(section, HERE, pixels)
    assert [line.max(axis=0).tolist() for line in found.looked] == [[180, 100], [9, 9]]
    assert found.unit == "dE"
