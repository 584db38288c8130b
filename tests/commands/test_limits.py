"""`gonogo limits`: lines for the station file from good images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from gonogo.base.errors import StationFileError
from gonogo.commands.limits import find_view, proposals, propose_limits
from gonogo.rules.calibration import write_calibration
from gonogo.tests.rules.optics import calibration
from gonogo.tests.stations import small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

WIDTHS_PX = (40, 41, 42, 41, 40, 42, 41)


def rule(name: str, left_px: int) -> dict[str, Any]:
    """The width of something bright in one half of the frame, in px."""
    roi = {"x_px": left_px, "y_px": 0, "width_px": 80, "height_px": 120}
    segment = {"object_is": "light", "threshold": 70}
    keys = {"kind": "dimension", "name": name, "measure": "width", "roi": roi, "segment": segment}
    return keys | {"high": 99.0}


def station_of(folder: Path) -> Station:
    """Two rules that look at the left and at the right."""
    rules = (rule("left", 0), rule("right", 80))
    return small_station(folder, {"name": "top", "camera": synthetic(), "rule": rules})


def save(folder: Path, left_px: tuple[int, ...], right_px: tuple[int, ...]) -> Path:
    """Images of two bright bars each; a bar without a width is not there."""
    folder.mkdir()
    for number, widths in enumerate(zip(left_px, right_px, strict=True)):
        image = np.zeros((120, 160, 3), np.uint8)
        for side, width in enumerate(widths):
            image[30:90, 80 * side + 10 : 80 * side + 10 + width] = 200
        cv2.imwrite(str(folder / f"{number}.png"), image)
    return folder


def proposed(folder: Path, good: Path, *, pool: bool = False) -> list[str]:
    """Every line."""
    said: list[str] = []
    propose_limits(station_of(folder), None, good, pool=pool, say=said.append)
    return [line for text in said for line in text.splitlines()]


def numbers(lines: list[str], key: str) -> list[float]:
    """What stands behind a key, rule by rule."""
    return [float(line.split(" = ")[1]) for line in lines if line.startswith(f"{key} = ")]


def test_limits_are_lines_for_each_rule_around_its_good_parts(tmp_path: Path) -> None:
    """Low and high as they are typed into the file, the centre beside them."""
    lines = proposed(tmp_path, save(tmp_path / "good", WIDTHS_PX, (20,) * len(WIDTHS_PX)))
    heads = [line for line in lines if "measured" in line]
    assert [head.split(":")[0] for head in heads] == ["# left", "# right"]
    lows, highs = numbers(lines, "low"), numbers(lines, "high")
    assert lows[0] < min(WIDTHS_PX)
    assert highs[0] > max(WIDTHS_PX)
    assert lows[1] < 20 < highs[1] < lows[0]


def test_limits_of_a_pool_are_the_same_for_all_rules(tmp_path: Path) -> None:
    """One component in two places: twice the values, one pair of limits."""
    good = save(tmp_path / "good", WIDTHS_PX, tuple(reversed(WIDTHS_PX)))
    lines = proposed(tmp_path, good, pool=True)
    assert len(set(numbers(lines, "low"))) == len(set(numbers(lines, "high"))) == 1
    assert sum(f"{2 * len(WIDTHS_PX)} measured" in line for line in lines) == 2


def test_limits_name_images_that_are_far_off_or_cannot_be_measured(tmp_path: Path) -> None:
    """By file, also where the values of all rules were put together."""
    left = (40, 41, 42, 41, 70, 42, 41)
    right = (40, 0, 42, 41, 40, 42, 41)
    for pool in (False, True):
        folder = tmp_path / str(pool)
        folder.mkdir()
        lines = proposed(folder, save(folder / "good", left, right), pool=pool)
        assert any(line.startswith("# look at 4.png: ") for line in lines)
        assert "# could not measure: 1.png" in lines


def test_find_view_takes_the_only_one_or_the_one_that_is_named(tmp_path: Path) -> None:
    """One that is not there is answered with those that are; one without rules is refused."""
    views: list[dict[str, Any]] = [
        {"name": "top", "camera": synthetic(), "rule": (rule("gap", 0),)},
        {"name": "side", "camera": synthetic(), "engine": {"model": tmp_path / "m.onnx"}},
    ]
    both = small_station(tmp_path, *views)
    assert find_view(both, "top").name == "top"
    for name in (None, "back"):
        with pytest.raises(StationFileError, match=r"expected one of \['side', 'top'\]"):
            find_view(both, name)
    with pytest.raises(StationFileError, match="'side' has no"):
        find_view(both, "side")
    assert find_view(station_of(tmp_path), None).name == "top"


def test_proposals_are_values_that_a_program_could_use(tmp_path: Path) -> None:
    """What is said of them is said elsewhere."""
    good = save(tmp_path / "good", (40, 41, 42, 41, 70, 42, 41), (40, 0, 42, 41, 40, 42, 41))
    left, right = proposals(find_view(station_of(tmp_path), None), good, pool=False)
    assert (left.rule, left.measured, left.unmeasured) == ("left", 7, ())
    assert [name for name, _ in left.far_off] == ["4.png"]
    assert (right.rule, right.measured, right.unmeasured) == ("right", 6, ("1.png",))
    assert left.low < 40
    assert left.high > 70


def test_limits_are_in_mm_where_the_view_is_calibrated(tmp_path: Path) -> None:
    """By the scale of its file: half a millimetre a pixel, half the limits."""
    good = save(tmp_path / "good", WIDTHS_PX, WIDTHS_PX)
    plain = numbers(proposed(tmp_path, good), "high")
    size = {"width_px": 160, "height_px": 120, "lens": None}
    known = calibration(mm_per_px=0.5).model_copy(update=size)
    write_calibration(tmp_path / "top.json", known)
    view = station_of(tmp_path).view[0]
    rule = tuple(each.model_copy(update={"lengths_in": "mm"}) for each in view.rule)
    view = view.model_copy(update={"calibration": tmp_path / "top.json", "rule": rule})
    left, right = proposals(view, good, pool=False)
    # the floor of what can be told is another one in mm
    assert left.centre == right.centre == 0.5 * 41
    assert left.high < 0.6 * plain[0]
