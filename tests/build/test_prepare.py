"""An engine is made when it must be, and only then."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import Bounds
from gonogo.build.int8 import Trial
from gonogo.build.prepare import prepare_view, recipe_of
from gonogo.build.teaching.recipes import METHODS
from gonogo.build.teaching.weights import installed
from gonogo.engines.card import card_path, read_card, sha256_of
from gonogo.engines.section import EngineSection, PrepareSection
from gonogo.tests.build.parts import SIDE_PX, good_part, quiet, save_good
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.card import Card

GEOMETRY = FrameShape(SIDE_PX, SIDE_PX, 3)


class View:
    """A view whose engine is quantized from a small network; counts the stages of making it."""

    def __init__(self, folder: Path) -> None:
        self.good = save_good(folder / "good", 8)
        self.source = tiny.filters(folder / "fp32.onnx")
        prepare = PrepareSection(method="quantize", source=self.source)
        self.section = EngineSection(model=folder / "engines" / "e.onnx", prepare=prepare)
        self.stages = 0

    def prepare(self, geometry: FrameShape = GEOMETRY) -> Card:
        """Prepare the view's engine."""
        return prepare_view(self.section, geometry, self.good, self._count)

    def _count(self, *_: object) -> None:
        self.stages += 1


@pytest.fixture
def view(tmp_path: Path) -> View:
    """A view whose engine is not there yet."""
    return View(tmp_path)


def test_prepare_makes_what_is_missing_and_then_leaves_it(view: View) -> None:
    """The second time nothing is made: same card, same bytes, no stage reported."""
    card = view.prepare()
    before, view.stages = view.section.file.read_bytes(), 0
    assert view.prepare() == card == read_card(view.section.file)
    assert view.stages == 0
    assert view.section.file.read_bytes() == before


def test_prepare_makes_it_again_when_an_input_changed(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another source, another good image or another geometry is another engine."""
    # how well a network of drawn numbers ranks parts is not what is tried here
    bounds = Bounds(loss_max=1.0, limit_shift_max=math.inf, map_min=0.0, rank_min=-1.0)
    monkeypatch.setattr("gonogo.build.quantize.Trial", partial(Trial, bounds=bounds))
    recipes = [view.prepare().recipe]
    tiny.filters(view.source, seed=12)
    recipes.append(view.prepare().recipe)
    min(view.good.iterdir()).unlink()
    recipes.append(view.prepare().recipe)
    recipes.append(view.prepare(FrameShape(80, 90, 3)).recipe)
    assert len(set(recipes)) == 4


@pytest.mark.parametrize("harm", ["model", "card", "both gone"])
def test_prepare_mends_what_was_left_half(view: View, harm: str) -> None:
    """A torn model, a torn card or neither: the engine is made again."""
    card = view.prepare()
    model = view.section.file
    if harm == "model":
        model.write_bytes(model.read_bytes()[:-20])
    elif harm == "card":
        card_path(model).write_text("{", encoding="utf-8")
    else:
        model.unlink()
        card_path(model).unlink()
    made = view.prepare()
    assert made.recipe == card.recipe
    # not the same bytes: of two forms the one that was measured faster is taken, and on a busy box
    # that may be the other
    assert made.engine_id == read_card(model).engine_id
    assert made.sha256 == sha256_of(model)
    assert view.prepare() == made


def test_recipe_of_a_taught_engine_knows_its_eyes() -> None:
    """Other eyes are another engine; auto is the one of the two that is installed."""
    frames = [good_part(k) for k in range(2)]
    recipes = {
        eyes: recipe_of(PrepareSection(method="teach", eyes=eyes), GEOMETRY, frames)
        for eyes in METHODS
    }
    assert recipes["pretrained"] != recipes["filters"]
    assert recipes["auto"] == recipes["pretrained" if installed() else "filters"]


def test_prepare_says_what_the_engine_is(view: View, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever starts a station reads by which recipe its engine was made, made now or before."""
    with caplog.at_level(logging.INFO):
        view.prepare()
        view.prepare()
    said = [text for text in caplog.messages if text.startswith("engine e: INT8 in ")]
    assert len(said) == 2


def test_prepare_names_a_source_that_is_not_there(view: View) -> None:
    """The path of the missing FP32 file is in the message."""
    view.source.unlink()
    with pytest.raises(ModelError, match=r"fp32\.onnx"):
        view.prepare()


def test_prepare_without_a_recipe_reads_the_engine_that_is_there(view: View) -> None:
    """A view that says nothing of how its engine is made must have one."""
    bare = view.section.model_copy(update={"prepare": None})
    with pytest.raises(ModelError, match="missing"):
        prepare_view(bare, GEOMETRY, view.good, quiet)
    card = view.prepare()
    assert prepare_view(bare, GEOMETRY, view.good, quiet) == card


def test_prepare_leaves_no_scratch_files(view: View) -> None:
    """Beside the engine lies its card, and nothing else."""
    view.prepare()
    names = {path.name for path in view.section.file.parent.iterdir()}
    assert names == {"e.onnx", "e.json"}
