"""A start makes nothing: it says what is not there, and what makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import ModelError, StationFileError
from gonogo.launch.made import Unmade, check_made, unmade
from gonogo.rules.seal import seal_path
from gonogo.tests.stations import DIAMETER, small_station, synthetic, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.config.station import Station

NUMBERED = {"number": 2, "name": "other"}


def engine(folder: Path) -> dict[str, Any]:
    """An engine that is made on the box, from a folder that is not there."""
    prepare = {"method": "teach", "good": folder / "good"}
    return {"model": folder / "engine.onnx", "prepare": prepare}


def template(folder: Path) -> dict[str, Any]:
    """A rule that learns its image."""
    keys = {"kind": "presence", "name": "lid", "method": "golden", "high": 9.0}
    return {**keys, "image": folder / "lid.png", "learn_from": folder / "good"}


def station(folder: Path, *, in_recipe: bool, **view: Any) -> Station:  # noqa: ANN401 - keys of a view
    """With that in its view, or in that of a recipe."""
    plain: dict[str, Any] = {"name": "top", "camera": synthetic(), "rule": (DIAMETER,)}
    if not in_recipe:
        return small_station(folder, plain | view)
    if "engine" in view:  # a recipe has engines where the station has
        plain["engine"] = {"model": folder / "copied.onnx"}
    recipe = NUMBERED | {"view": ({"name": "top", "rule": (DIAMETER,)} | view,)}
    return small_station(folder, plain, recipe=(recipe,))


@pytest.mark.parametrize("in_recipe", [False, True])
def test_made_names_the_engine_that_is_missing(
    tmp_path: Path,
    in_recipe: bool,  # noqa: FBT001 - a table
) -> None:
    """Also of a recipe that no part has asked for yet."""
    with pytest.raises(ModelError, match=r"engine\.(json|onnx) is missing.*gonogo prepare"):
        check_made(station(tmp_path, in_recipe=in_recipe, engine=engine(tmp_path)))


@pytest.mark.parametrize("in_recipe", [False, True])
def test_made_names_the_image_that_is_missing(
    tmp_path: Path,
    in_recipe: bool,  # noqa: FBT001 - a table
) -> None:
    """With the rule that judges by it."""
    found = station(tmp_path, in_recipe=in_recipe, rule=(template(tmp_path),))
    with pytest.raises(StationFileError, match=r"rule 'lid': image: .*lid\.png is missing"):
        check_made(found)


def test_made_looks_at_no_engine_that_is_copied_here(tmp_path: Path) -> None:
    """Its process says so itself, and the rules judge meanwhile."""
    copied = {"model": tmp_path / "engine.onnx"}
    check_made(station(tmp_path, in_recipe=False, engine=copied))


@pytest.mark.parametrize("in_recipe", [False, True])
def test_unmade_is_what_a_start_would_miss(
    tmp_path: Path,
    in_recipe: bool,  # noqa: FBT001 - a table
) -> None:
    """Engines that are made here, each once, and images; none that is copied."""
    found = station(tmp_path, in_recipe=in_recipe, engine=engine(tmp_path))
    assert unmade(found) == Unmade((tmp_path / "engine.onnx",), ())
    twice = found.model_copy(update={"view": (*found.view, *found.view)})
    assert unmade(twice) == unmade(found)
    tiny_engine(tmp_path / "engine.onnx")
    assert unmade(found) == Unmade((), ())


def test_unmade_is_an_image_whose_seal_a_power_cut_has_cost(tmp_path: Path) -> None:
    """The rule takes none without, and nothing else would make it."""
    found = station(tmp_path, in_recipe=False, rule=(template(tmp_path),))
    image = tmp_path / "lid.png"
    assert unmade(found) == Unmade((), (image,))
    image.touch()
    assert unmade(found) == Unmade((), (image,))
    seal_path(image).touch()
    assert unmade(found) == Unmade((), ())
