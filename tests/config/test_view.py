"""A view of the station file: something must judge it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.config.view import ViewSection, fit_of
from gonogo.tests.stations import DIAMETER, synthetic


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
