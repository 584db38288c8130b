"""A station with another recipe in force, and what it judges by as one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.config.recipe_switch import checksum_of, others, with_recipe
from gonogo.tests.config.test_recipe import demo_with, recipe
from gonogo.tests.stations import DIAMETER, small_station, synthetic

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station


def test_with_recipe_replaces_what_judges_and_nothing_else() -> None:
    """Cameras stay; recipe 1 is the file itself; a number that is not there is a KeyError."""
    station = demo_with(recipe(2), recipe(7))
    other = with_recipe(station, 7)
    assert other.view[0].rule == station.view[0].rule[:1]
    assert other.view[0].camera == station.view[0].camera
    assert with_recipe(station, 1) is station
    assert list(others(station)) == [2, 7]
    with pytest.raises(KeyError):
        with_recipe(station, 3)


def test_checksum_changes_with_whatever_a_station_file_says_to_judge_by(tmp_path: Path) -> None:
    """A rule, a limit, a camera's size, anything in its bytes; and with nothing else."""

    def station(budget_ms: float = 150.0, high: float = 74.0, **camera: Any) -> Station:  # noqa: ANN401
        rules = (DIAMETER | {"high": high},)
        view = {"name": "top", "camera": synthetic(**camera), "rule": rules}
        made = small_station(tmp_path, view, budget_ms=budget_ms)
        line = made.station.model_copy(update={"name": "the same"})
        return made.model_copy(update={"station": line})

    first = checksum_of(station())
    assert checksum_of(station()) == first
    others = [station(budget_ms=149.0), station(high=75.0), station(width_px=176)]
    found = {checksum_of(other) for other in others} | {first}
    found |= {checksum_of(station(), sha256) for sha256 in ("of a file", "of another")}
    assert len(found) == 6
