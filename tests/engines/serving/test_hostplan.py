"""What the engine process is told travels as text, and arrives as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.engines.serving.hostplan import HostPlan, ViewPlan
from gonogo.tests.engines.serving.places import OFF, section, view

if TYPE_CHECKING:
    from pathlib import Path


def test_host_plan_arrives_as_it_was_sent(tmp_path: Path) -> None:
    """Recipes by number, paths as paths, and whether the station takes bundles."""
    model = view(view=1, bundle=None, model=tmp_path / "top.onnx")
    plan = HostPlan(
        station="line3",
        place=1,
        views=(view(), model),
        recipes={2: (view(bundle="nut"),)},
        realtime=OFF,
        engines=section(tmp_path),
    )
    found = HostPlan.model_validate_json(plan.model_dump_json())
    assert found == plan
    assert found.recipes[2][0].bundle == "nut"
    assert found.views[1].model == tmp_path / "top.onnx"


def test_host_plan_of_a_station_without_bundles_has_no_engines() -> None:
    """Left out, it takes none, and has one recipe."""
    plan = HostPlan(station="line3", place=0, views=(view(),), realtime=OFF)
    assert (plan.engines, plan.recipes) == (None, {})


def test_view_plan_takes_no_word_that_it_does_not_know() -> None:
    """A process of another version is told so, and does not guess."""
    told = view().model_dump() | {"sharpness": 3}
    with pytest.raises(ValidationError, match="sharpness"):
        ViewPlan.model_validate(told)
