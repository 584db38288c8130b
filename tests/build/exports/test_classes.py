"""Which classes are defects: as asked, by their names, or all."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.base.errors import ClassesUnsaid, ModelError
from gonogo.build.exports.classes import defect_classes, place_of, shown, told
from gonogo.build.exports.options import Options

NAMES = {0: "scratch", 1: "dent", 2: "hole"}


@pytest.mark.parametrize(
    ("options", "count", "names", "found"),
    [
        ({}, 3, NAMES, (0, 1, 2)),
        ({}, 3, {}, (0, 1, 2)),
        ({}, 0, {}, ()),
        ({"defect_classes": ("hole", "0")}, 3, NAMES, (0, 2)),
        ({"defect_classes": ("7",)}, 0, {}, (7,)),
        ({"good_class": "dent"}, 3, NAMES, (0, 2)),
        ({}, 3, {0: "background", 1: "dent", 2: "hole"}, (1, 2)),
        ({"good_class": "ok"}, 2, {0: "ok", 1: "dent"}, (1,)),
        ({"defect_classes": ("ok",)}, 2, {0: "ok", 1: "dent"}, (0,)),
    ],
)
def test_defect_classes_are_those_that_count(
    options: dict[str, Any], count: int, names: dict[int, str], found: tuple[int, ...]
) -> None:
    """Empty stands for all of them, however many there are."""
    assert defect_classes(Options(**options), count, names) == found


@pytest.mark.parametrize(
    ("options", "count", "names", "message"),
    [
        ({}, 2, {0: "Normal", 1: "dent"}, "'Normal' seems to be no defect"),
        ({"good_class": "0"}, 1, {}, "no class is left that could be a defect"),
        ({"good_class": "1"}, 0, {}, "no class is left that could be a defect"),
    ],
)
def test_defect_classes_asks_what_nothing_tells(
    options: dict[str, Any], count: int, names: dict[int, str], message: str
) -> None:
    """GN306."""
    with pytest.raises(ClassesUnsaid, match=f"GN306.*{message}"):
        defect_classes(Options(**options), count, names)


def test_place_of_prefers_a_name_to_a_number() -> None:
    """A class may be called by a number of another one."""
    assert place_of("--good-class", "1", 2, {0: "1", 1: "2"}) == 0
    assert place_of("--good-class", "1", 2, {0: "a", 1: "b"}) == 1
    with pytest.raises(ModelError, match=r"--good-class 2: expected one of 0 \.\. 1, no names"):
        place_of("--good-class", "2", 2, {})


def test_shown_names_ten_at_most() -> None:
    """A model of eighty classes fills no screen; names that are numbers are said once."""
    assert shown({k: f"c{k}" for k in range(80)}).endswith("9 c9 and 70 more")
    assert shown({0: "0", 1: "rust"}) == "0, 1 rust"


def test_told_says_which_classes_count() -> None:
    """All, some by their names, or by numbers."""
    assert told((), NAMES, 0) == "every class counts as a defect"
    assert told((0, 2), NAMES, 3) == "classes that count as defects: 0 scratch, 2 hole"
    assert told((1, 2), {}, 3) == "classes that count as defects: 1, 2"
