"""Whose limits are reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import PartsToReview
from gonogo.config.limits_in_file import Place
from gonogo.config.station import load_station
from gonogo.console.limits.subject import places_of, subject_of
from gonogo.engines.card import read_card
from gonogo.engines.installed.choice import choose_installed
from gonogo.tests.engines.serving.places import bolt, install, section
from gonogo.tests.stations import PLAIN_FILE, tiny_engine

if TYPE_CHECKING:
    from pathlib import Path

SIDE = """[[view]]
name = "side"
[view.camera]
driver = "synthetic"
width_px = 640
height_px = 480
[view.engine]
model = "side.onnx"
recheck_above = 3.0
reject_above = 4.0
[[recipe]]
number = 7
name = "long bolts"
[[recipe.view]]
name = "top"
[[recipe.view.rule]]
name = "width"
kind = "dimension"
measure = "width"
mm_per_px = 0.1
low = 1.0
high = 50.0
[[recipe.view]]
name = "side"
engine = { model = "long.onnx" }
[records]"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A view with rules alone, and one with an engine in two recipes."""
    tiny_engine(tmp_path / "side.onnx")
    tiny_engine(tmp_path / "long.onnx", 50.0, 32)
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE.replace("[records]", SIDE))
    return path


def test_subject_is_the_only_view_with_an_engine(file: Path) -> None:
    """Its limits are those of the file, and the id is that of the card."""
    found = subject_of(file, None, 1)
    assert str(found.place) == "the engine of view 'side'"
    assert found.in_force[:2] == (3.0, 4.0)
    assert found.engine == f"{read_card(file.parent / 'side.onnx').engine_id:016x}"


def test_subject_of_a_recipe_is_its_own_engine(file: Path) -> None:
    """With the limits of that one's card."""
    found = subject_of(file, "side", 7)
    assert str(found.place) == "the engine of view 'side' in recipe 7"
    assert found.in_force[:2] == (50.0, 50.0)
    assert found.engine_id == read_card(file.parent / "long.onnx").engine_id


@pytest.mark.parametrize(
    ("view", "recipe", "why"),
    [("top", 1, "one of side, got top"), (None, 8, r"no recipe 8, expected one of \[1, 7\]")],
)
def test_subject_that_is_not_there_is_answered_with_those_that_are(
    file: Path, view: str, recipe: int, why: str
) -> None:
    """A view that rules alone judge has no scores."""
    with pytest.raises(PartsToReview, match=why):
        subject_of(file, view, recipe)


def test_subject_of_a_bundle_is_the_version_that_judges(tmp_path: Path) -> None:
    """By the id in its manifest."""
    engines = section(tmp_path)
    install(engines, bolt(tmp_path))
    (key,) = engines.trust
    rules = PLAIN_FILE[PLAIN_FILE.index("[[view.rule]]") : PLAIN_FILE.index("[records]")]
    bundle = f'[view.engine]\nbundle = "bolt"\n[engines]\nfolder = "{engines.folder}"\n'
    path = tmp_path / "cell.toml"
    path.write_text(PLAIN_FILE.replace(rules, f'{bundle}trust = ["{key}"]\n'))
    chosen = choose_installed(["bolt"], engines)["bolt"]
    found = subject_of(path, None, 1)
    assert found.engine_id == chosen.manifest.engine_id
    facts = list(chosen.manifest.backends.values())
    assert found.in_force.reject_above == min(each.reject_above for each in facts)


def test_places_are_wherever_an_engine_judges(file: Path) -> None:
    """Not a view that rules alone judge; what stands in the view itself comes first."""
    assert places_of(load_station(file)) == [Place("side", 1), Place("side", 7)]
