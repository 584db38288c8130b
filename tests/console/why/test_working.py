"""A kept picture and a question in, drawn pictures out."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from gonogo.base.errors import WhyUnknown
from gonogo.config.station import load_station
from gonogo.console.why.asked import (
    QUESTION_MAX,
    Answer,
    EngineWhy,
    Question,
    Refusal,
    RuleWhy,
    picture_of,
)
from gonogo.console.why.causes import Cause
from gonogo.console.why.drawing import PATCH_PX, jpeg_of, pixels_of, shrunk, side_by_side
from gonogo.console.why.lines import Lines
from gonogo.console.why.plan import WhyPlan, WhyView
from gonogo.console.why.planned import why_plan
from gonogo.console.why.process import answer_of, serve
from gonogo.console.why.sheet import lines_of, sheet_of
from gonogo.console.why.working import Working, read_picture
from gonogo.engines.card import read_card
from gonogo.rules.dimension import DimensionSection
from gonogo.tests.engines.patches.made import SIDE, bad, engine
from gonogo.tests.stations import DEMO

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = DimensionSection(kind="dimension", name="width", measure="width", high=30.0)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> WhyPlan:
    """One view with an engine in a file, and a rule."""
    model = engine(tmp_path_factory.mktemp("engine") / "nut.onnx")
    return WhyPlan(engines=None, recipes={0: (WhyView(name="top", model=model, rule=(WIDTH,)),)})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A part with a spot in the cell (2, 5), and dark on the left."""
    frame = bad(50, (2, 5))
    frame[8:24, 2:10] = 10
    cv2.imwrite(str(tmp_path / "kept.png"), frame)
    return tmp_path / "kept.png"


def engine_of(plan: WhyPlan) -> str:
    """Its id in hex."""
    model = plan.recipes[0][0].model
    assert model is not None
    return f"{read_card(model).engine_id:016x}"


def test_working_shows_an_engines_worst_patch(plan: WhyPlan, picture: Path) -> None:
    """Where it is, both patches of one size, and the picture as large as was asked for."""
    asked = Question(pictures={"top": picture}, view="top", engine=engine_of(plan))
    found = Working(plan).answer(asked)
    assert isinstance(found, EngineWhy)
    top, left, bottom, right = found.place_px
    assert 0 <= top < bottom <= SIDE
    assert 0 <= left < right <= SIDE
    assert found.good_of.startswith("good ")
    assert all(0 <= share <= 100 for share in found.good_at_pct)
    for each in (found.worst, found.good):
        assert pixels_of(each.data).shape == (PATCH_PX, PATCH_PX, 3)
    assert pixels_of(found.whole.data).shape == (SIDE, SIDE, 3)
    sheet = sheet_of(found)
    assert sheet.shape[0] == PATCH_PX
    assert sheet.shape[1] > 2 * PATCH_PX + SIDE
    lines = lines_of(Cause(view="top", engine=engine_of(plan)), found)
    assert f"the nearest good patch is of {found.good_of}" in lines[1]


def test_working_draws_what_a_rule_measured(plan: WhyPlan, picture: Path) -> None:
    """Measured anew, in its unit; drawn on the picture of its view."""
    found = Working(plan).answer(Question(pictures={"top": picture}, rule="width"))
    assert isinstance(found, RuleWhy)
    assert (found.view, found.value, found.unit) == ("top", 8.0, "px")
    plain = read_picture(picture)
    assert np.abs(pixels_of(found.whole.data).astype(int) - plain).max() > 100
    assert np.array_equal(sheet_of(found), pixels_of(found.whole.data))
    cause = Cause(rule="width", value=40.0, low=None, high=30.0, unit="px")
    assert lines_of(cause, found) == [
        "rule width, view top: 40 px, limits none to 30 px",
        "  measured anew on the picture that was kept: 8 px",
    ]
    read = lines_of(cause._replace(text="SN-42"), found)[0]
    assert read == 'rule width, view top: 40 px, limits none to 30 px, read "SN-42"'


def test_working_says_what_cannot_be_shown(plan: WhyPlan, picture: Path, tmp_path: Path) -> None:
    """No such rule, no picture of the view, a picture that is none."""
    working = Working(plan)
    with pytest.raises(WhyUnknown, match="no rule 'gone' any more"):
        working.answer(Question(pictures={"top": picture}, rule="gone"))
    with pytest.raises(WhyUnknown, match="no picture of view 'top'"):
        working.answer(Question(pictures={"side": picture}, rule="width"))
    with pytest.raises(WhyUnknown, match="cannot be read"):
        read_picture(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(WhyUnknown, match="expected a picture"):
        read_picture(tmp_path / "text.png")


def test_working_takes_the_rules_of_the_parts_recipe(plan: WhyPlan, picture: Path) -> None:
    """The first one's for a recipe that is there no more."""
    height = DimensionSection(kind="dimension", name="width", measure="height", high=30.0)
    other = {**plan.recipes, 4: (WhyView(name="top", rule=(height,)),)}
    working = Working(plan.model_copy(update={"recipes": other}))
    values = {}
    for recipe in (0, 4, 9):
        found = working.answer(Question(pictures={"top": picture}, rule="width", recipe=recipe))
        assert isinstance(found, RuleWhy)
        values[recipe] = found.value
    assert values == {0: 8.0, 4: 16.0, 9: 8.0}


def test_process_answers_line_by_line_and_says_what_is_no_question(
    plan: WhyPlan, picture: Path
) -> None:
    """One that goes wrong does not end it."""
    working, said = Working(plan), io.StringIO()
    read, write = os.pipe()
    good = Question(pictures={"top": picture}, rule="width").model_dump_json()
    bad_one = Question(pictures={"top": picture}, rule="gone").model_dump_json()
    os.write(write, f"nonsense\n{bad_one}\n{good}\n".encode())
    os.close(write)
    serve(working, Lines(read, QUESTION_MAX), said, 60.0)
    os.close(read)
    kinds = [Answer.model_validate_json(line).said for line in said.getvalue().splitlines()]
    assert isinstance(kinds[0], Refusal)
    assert isinstance(kinds[1], Refusal)
    assert (kinds[0].error, kinds[1].error) == ("WhyUnknown", "WhyUnknown")
    assert isinstance(kinds[2], RuleWhy)


def test_answer_of_engine_that_is_gone_is_a_refusal(plan: WhyPlan, picture: Path) -> None:
    """With the error's own class, which whoever asked raises again."""
    asked = Question(pictures={"top": picture}, view="top", engine="1")
    found = answer_of(Working(plan), asked.model_dump_json()).said
    assert isinstance(found, Refusal)
    assert found.error == "WhyUnknown"
    assert "not on this box any more" in found.text


def test_why_plan_of_a_station_is_read_back() -> None:
    """Rules of every kind travel as JSON."""
    plan = why_plan(load_station(DEMO))
    again = WhyPlan.model_validate_json(plan.model_dump_json())
    assert again == plan
    assert [view.rule for views in again.recipes.values() for view in views if view.rule]


def test_drawing_makes_pictures_smaller_and_never_larger() -> None:
    """With the scale at which lines are drawn."""
    small, scale = shrunk(np.zeros((300, 600), np.uint8), 200)
    assert small.shape == (100, 200, 3)
    assert scale == pytest.approx(1 / 3)
    same, scale = shrunk(np.zeros((30, 60, 3), np.uint8), 200)
    assert (same.shape, scale) == ((30, 60, 3), 1.0)
    low, high = np.zeros((4, 5, 3), np.uint8), np.zeros((9, 7, 3), np.uint8)
    assert side_by_side([low, high]).shape == (9, 5 + 16 + 7, 3)


def test_picture_travels_as_text() -> None:
    """The bytes that were sent come back."""
    data = jpeg_of(np.zeros((8, 8, 3), np.uint8))
    assert picture_of(data).data == data
    with pytest.raises(ValueError, match="expected a JPEG"):
        pixels_of(b"none")
