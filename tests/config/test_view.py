"""A view of the station file: something must judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import CalibrationFileError
from gonogo.config.view import ViewSection, fit_of, rules_of
from gonogo.rules.calibration import write_calibration
from gonogo.tests.rules.optics import calibration
from gonogo.tests.stations import DIAMETER, synthetic

if TYPE_CHECKING:
    from pathlib import Path


def view(**keys: Any) -> ViewSection:  # noqa: ANN401 - keys of the section
    """A view of a synthetic camera."""
    return ViewSection.model_validate({"name": "top", "camera": synthetic(), **keys})


def test_view_is_judged_by_an_engine_or_a_rule() -> None:
    """Either alone will do, and without both a part would pass unseen."""
    assert view(rule=(DIAMETER,)).engine is None
    assert view(engine={"model": "x.onnx"}).rule == ()
    with pytest.raises(ValidationError, match="nothing judges it"):
        view()


@pytest.mark.parametrize("name", ["", "n" * 41])
def test_view_has_a_name_of_1_to_40_characters(name: str) -> None:
    """It stands in messages and records."""
    with pytest.raises(ValidationError, match="name"):
        view(name=name, rule=(DIAMETER,))


@pytest.mark.parametrize("fit", ["exact", "resize"])
def test_fit_is_that_of_the_camera(fit: str) -> None:
    """A camera that replays files says how they are brought to its size; others take none."""
    replay = {"driver": "replay", "folder": "parts", "width_px": 16, "height_px": 16, "fit": fit}
    assert fit_of(view(camera=replay, rule=(DIAMETER,)).camera) == fit
    assert fit_of(view(rule=(DIAMETER,)).camera) == "exact"


def test_rules_of_a_view_have_its_calibration(tmp_path: Path) -> None:
    """Read when they are opened, for frames of the camera; without one they are as they stand."""
    camera = synthetic(width_px=640, height_px=480)
    plain = {key: value for key, value in DIAMETER.items() if key != "mm_per_px"}
    path = tmp_path / "top.json"
    said = plain | {"lengths_in": "mm"}
    calibrated = view(camera=camera, rule=(said,), calibration=path)
    with pytest.raises(CalibrationFileError, match="No such file"):
        rules_of(calibrated)
    write_calibration(path, calibration(mm_per_px=0.2))
    (rule,) = rules_of(calibrated)
    assert rule.unit == "mm"
    assert calibrated.rule[0].unit == "px", "without it"
    with pytest.raises(CalibrationFileError, match="640 x 480 px, expected 160 x 120 px"):
        rules_of(view(rule=(plain,), calibration=path))
    bare = view(rule=(plain,))
    assert rules_of(bare) == bare.rule
