"""The plan of an export: the same after it was kept, and refused where there is nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import ExportError
from gonogo.records.export.finding import NO_ROW
from gonogo.records.export.plan import TEACHES, as_text, of_text, plan
from gonogo.records.export.wanted import Wanted
from gonogo.records.questions.files import Files
from gonogo.records.volumes import volumes
from gonogo.tests.records.export.exported import planned
from gonogo.tests.records.export.labelled import Said, spoken, usual, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three lots; nothing here changes them."""
    return write(tmp_path_factory.mktemp("station"), usual(3))


def test_plan_is_read_back_as_it_was(base: Path) -> None:
    """With its splits in their order; and it is the same text then."""
    made = planned(base, "coco", classes=("good", "dent"), limit=12, seed=4)
    again = of_text(as_text(made))
    assert again == made
    assert list(again.splits) == ["train", "val", "test"]
    assert as_text(again) == as_text(made)


def test_plan_is_what_was_wanted(base: Path) -> None:
    """Limited, balanced, and without a val for mvtec; the good class comes first."""
    assert planned(base, limit=5).pictures == 10
    balanced = planned(base, balanced=True)
    assert balanced.classes == ("good", "dent", "scratch")
    assert sum(len(some) for some in balanced.splits.values()) == 9
    apart = planned(base, "mvtec")
    assert list(apart.splits) == ["train", "test"]
    assert {one.why for one in apart.missing} == {TEACHES}
    held = [(item.serial, "") for item in apart.splits["train"]]
    assert all(item.cls == "good" for item in apart.splits["train"])
    assert not {(one.serial, "") for one in apart.missing} & set(held)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"lot": "no such"}, "of 12 labelled parts none fits"),
        ({"balanced": True, "limit": 2}, "leaves none of each class"),
        ({"test": 1.5}, "expected shares of 0 to 1"),
    ],
)
def test_plan_of_nothing_says_what_there_is(base: Path, wishes: dict[str, Any], words: str) -> None:
    """With a number."""
    with pytest.raises(ExportError, match=words):
        planned(base, **wishes)


def test_plan_of_one_month_does_not_miss_the_others(tmp_path: Path) -> None:
    """Its file alone was named; of the station's path every labelled part must be somewhere."""
    base = write(tmp_path, [Said(1), Said(2), Said(9, at_s=9)])
    month = volumes(base)[0].path
    made = plan(Files(month), spoken(base), Wanted("coco"))
    assert sorted(item.serial for some in made.splits.values() for item in some) == [1, 2]
    assert made.missing == []
    month.unlink()
    assert {one.why for one in planned(base).missing} == {NO_ROW}


def test_plan_without_a_picture_says_what_became_of_them(tmp_path: Path) -> None:
    """The reason that most of them have."""
    base = write(tmp_path, [Said(1), Said(2)])
    for each in volumes(base):
        with closing(sqlite3.connect(each.path)) as db, db:
            db.execute("UPDATE pictures SET state=11")
    with pytest.raises(ExportError, match="2 labelled parts fit, and none has a picture: evicted"):
        planned(base)
    with pytest.raises(ExportError, match="no part has a label yet"):
        planned(write(tmp_path / "other", []))
