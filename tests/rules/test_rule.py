"""Where a rule looks, and what is inside its limits."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from gonogo.base.words import Status
from gonogo.rules.rule import Roi, judge


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (69.999, Status.FAIL),
        (70.0, Status.PASS),
        (74.0, Status.PASS),
        (74.001, Status.FAIL),
        (math.nan, Status.CANNOT_TELL),
        (math.inf, Status.CANNOT_TELL),
        (-math.inf, Status.CANNOT_TELL),
    ],
)
def test_judge_takes_both_limits_as_inside(value: float, status: Status) -> None:
    """Whatever is no number cannot be told, even where there is no limit on that side."""
    found = judge(value, 70.0, 74.0)
    assert (found.status, found.low, found.high) == (status, 70.0, 74.0)
    assert found.value == value or (math.isnan(found.value) and not math.isfinite(value))
    if not math.isfinite(value):
        assert judge(value, -math.inf, math.inf).status is Status.CANNOT_TELL


def test_judge_without_a_limit_passes_any_number() -> None:
    """On the side that is left out."""
    assert judge(1e300, 0.0, math.inf).status is Status.PASS
    assert judge(-1e300, -math.inf, 0.0).status is Status.PASS


@pytest.mark.parametrize("keys", [{"width_px": 0}, {"x_px": -1}, {"height_px": 65536}])
def test_roi_is_a_rectangle_in_whole_pixels(keys: dict[str, int]) -> None:
    """It has an area, and no edge left of or above the frame."""
    assert Roi(width_px=3, height_px=2).x_px == 0
    with pytest.raises(ValidationError, match=next(iter(keys))):
        Roi.model_validate({"width_px": 3, "height_px": 2, **keys})
