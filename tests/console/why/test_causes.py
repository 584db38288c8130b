"""What of a part can be asked, the likeliest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import WhyUnknown
from gonogo.console.why.causes import Cause, causes_of, question_of
from gonogo.records.questions.details import Check, Details, Look, details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_part_id
from gonogo.records.questions.pictures import Picture
from gonogo.tests.records.questions.recorded import write

if TYPE_CHECKING:
    from gonogo.records.questions.part_row import PartRow

LOOK = Look("top", "OK", 1.0, 0.5, "OK", 1.0, 2.0, "abc")
UNSCORED = Look("side", "OK", 1.0, None, "OK", None, None, "")
FAILED = Check("width", "FAIL", 12.5, 10.0, 12.0, "mm")
PASSED = Check("gap", "PASS", 0.5, None, 1.0, "mm")


@pytest.fixture
def row(tmp_path: Path) -> PartRow:
    """A part that a rule rejected."""
    return by_part_id(Files(write(tmp_path / "records.db")), 3)


def about(*pictures: Picture) -> Details:
    """What was measured of it."""
    return Details((LOOK, UNSCORED), (PASSED, FAILED), (), pictures)


def kept(view: str, path: Path, state: str = "KEPT") -> Picture:
    """A picture of a view."""
    return Picture(view, "REJECT", state, "OK", str(path), "", None, None)


def test_causes_are_rules_that_failed_and_views_with_a_score(row: PartRow) -> None:
    """The one first that the verdict's reason names; what passed is none."""
    rule = Cause(rule="width", value=12.5, low=10.0, high=12.0, unit="mm")
    engine = Cause(view="top", engine="abc", value=0.5)
    assert causes_of(row, about()) == [rule, engine]
    assert causes_of(row._replace(reason="ENGINE_DOUBT"), about()) == [engine, rule]


def test_causes_of_a_recorded_part_are_found(tmp_path: Path) -> None:
    """As the records have them."""
    files = Files(write(tmp_path / "records.db"))
    found = by_part_id(files, 3)
    names = [each.rule or each.view for each in causes_of(found, details(files, found))]
    assert names == ["width", "gap", "top", "side"]


def test_question_has_the_pictures_that_are_there(row: PartRow, tmp_path: Path) -> None:
    """Of every view: which one a rule looked at knows the process."""
    (tmp_path / "a.png").touch()
    seen = about(kept("top", tmp_path / "a.png"), kept("side", tmp_path / "gone.png"))
    asked = question_of(Cause(rule="width"), row, seen, 640)
    assert asked.pictures == {"top": tmp_path / "a.png"}
    assert (asked.rule, asked.engine, asked.longest_px) == ("width", "", 640)
    assert question_of(Cause(view="top", engine="abc"), row, seen, 640).engine == "abc"


@pytest.mark.parametrize(
    ("state", "said"),
    [("KEPT", "top is gone"), ("NO_ROOM", "top NO_ROOM"), ("OVERWRITTEN", "top OVERWRITTEN")],
)
def test_question_without_a_picture_says_what_became_of_it(
    row: PartRow, state: str, said: str
) -> None:
    """Evicted, never written, removed by somebody."""
    seen = about(kept("top", Path("/nowhere/a.png"), state))
    with pytest.raises(WhyUnknown, match=said):
        question_of(Cause(view="top", engine="abc"), row, seen, 640)


def test_question_of_a_station_that_keeps_no_pictures_says_so(row: PartRow) -> None:
    """And which key keeps them."""
    with pytest.raises(WhyUnknown, match=r"\[records\.images\]"):
        question_of(Cause(rule="width"), row, about(), 640)
