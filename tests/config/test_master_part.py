"""[master_part] of a station file: what it may say, and what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import StationFileError
from gonogo.base.words import MasterPart
from gonogo.config.master_part import MasterPartSection
from gonogo.config.station import load_station
from gonogo.tests.stations import DIAMETER, PLAIN_FILE, small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DUE = ", as it is due in every recipe"


def of(text: str, folder: Path) -> MasterPartSection:
    """The section of a station file."""
    path = folder / "cell.toml"
    path.write_text(f"{PLAIN_FILE}\n{text}\n")
    return load_station(path).master_part


def wrong(text: str, folder: Path) -> str:
    """The first thing that is wrong with it."""
    with pytest.raises(StationFileError) as caught:
        of(text, folder)
    return str(caught.value.args[0]).splitlines()[0]


def test_section_that_is_left_out_has_nothing_due(tmp_path: Path) -> None:
    """Known parts can be shown all the same."""
    found = of("", tmp_path)
    assert found.due == ()
    assert found.within_s == 60.0


@pytest.mark.parametrize(
    ("keys", "due"),
    [
        ({"required": ["bad"]}, ()),
        ({"every_h": 8}, (MasterPart.GOOD, MasterPart.BAD)),
        ({"every_h": 8, "required": ["bad"]}, (MasterPart.BAD,)),
        ({"every_h": 8, "required": ["bad", "good", "bad"]}, (MasterPart.BAD, MasterPart.GOOD)),
    ],
)
def test_due_are_those_that_are_required_each_shift(
    keys: dict[str, Any], due: tuple[MasterPart, ...]
) -> None:
    """Each once, however often it is named."""
    assert MasterPartSection.model_validate(keys).due == due


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, ""),
        ({"every_h": 8}, "the known good and bad part is due every 8 h; not shown: said"),
        (
            {"every_h": 0.5, "required": ["bad"], "overdue": "stop", "grace_h": 0.25},
            "the known bad part is due every 0.5 h; not shown: no part passes 0.25 h after that",
        ),
    ],
)
def test_section_says_what_is_due(keys: dict[str, Any], said: str) -> None:
    """As `gonogo check` tells it."""
    assert MasterPartSection.model_validate(keys).in_words() == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[master_part]\nevery_h = 8\nrequired = []", "required: expected 'good', 'bad' or both"),
        ("[master_part]\nevery_h = 0", "every_h: expected more than 0 and at most 168 h, got 0"),
        ("[master_part]\nwithin_s = 601", "within_s: expected 5 to 600 s, got 601"),
        ('[master_part]\nrequired = ["ugly"]', "expected one of 'good', 'bad'"),
        ('[master_part]\noverdue = "halt"', "overdue: expected one of 'warn', 'stop'"),
        ('[master_part]\nbad_reason = "hole"', "one of 'width'; got 'hole'"),
        ('[master_part]\nbad_reason = "engine"', "one of 'width'; got 'engine'"),
    ],
)
def test_section_says_what_is_expected(tmp_path: Path, text: str, said: str) -> None:
    """With its range and unit, and the names that there are."""
    assert said in wrong(text, tmp_path)


def two_recipes(folder: Path) -> Callable[..., MasterPartSection]:
    """Rules "diameter" and "both" in [[view]], "slot" and "both" in recipe 2; with a section."""
    both, slot = DIAMETER | {"name": "both"}, DIAMETER | {"name": "slot"}
    recipe = {"number": 2, "name": "nuts", "view": ({"name": "top", "rule": (slot, both)},)}
    view = {"name": "top", "camera": synthetic(), "rule": (DIAMETER, both)}
    station = small_station(folder, view, recipe=(recipe,))

    def checked(**section: Any) -> MasterPartSection:  # noqa: ANN401 - of the section
        fields = station.model_dump() | {"master_part": section}
        return type(station).model_validate(fields).master_part

    return checked


@pytest.mark.parametrize("due", [{}, {"every_h": 8, "required": ["good"]}])
def test_bad_reason_is_the_name_of_a_rule_in_any_view_or_recipe(
    tmp_path: Path, due: dict[str, Any]
) -> None:
    """In a recipe without it nobody can show the bad part, which is told then; it is not due."""
    checked = two_recipes(tmp_path)
    for name in ("diameter", "slot", "both"):
        assert checked(bad_reason=name, **due).bad_reason == name
    with pytest.raises(ValueError, match="one of 'diameter', 'both', 'slot'; got 'hole'"):
        checked(bad_reason="hole", **due)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("diameter", f" in recipe 2 ('nuts') too{DUE}, one of 'slot', 'both'"),
        ("slot", f" in [[view]] too{DUE}, one of 'diameter', 'both'"),
        ("hole", ", one of 'diameter', 'both', 'slot'"),
    ],
)
@pytest.mark.parametrize("overdue", ["warn", "stop"])
def test_bad_reason_of_a_part_that_is_due_is_in_every_recipe(
    tmp_path: Path, name: str, said: str, overdue: str
) -> None:
    """Where one lacks it the bad part is refused for good, and in the end no part passes."""
    checked = two_recipes(tmp_path)
    assert checked(bad_reason="both", every_h=8, overdue=overdue).bad_reason == "both"
    with pytest.raises(ValueError, match=re.escape(f"the known bad part{said}; got '{name}'")):
        checked(bad_reason=name, every_h=8, overdue=overdue)
