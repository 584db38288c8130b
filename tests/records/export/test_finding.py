"""From labels to items: what fits, what has a picture, and what has none with its reason."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsUnreadable
from gonogo.records.export.finding import MASTER, NO_PICTURE, NO_ROW, Found, find
from gonogo.records.export.wanted import Wanted
from gonogo.records.questions.files import Files
from gonogo.records.volumes import volumes
from gonogo.tests.records.export.labelled import Said, speak, spoken, write
from gonogo.tests.records.questions.recorded import START_MS

if TYPE_CHECKING:
    from pathlib import Path

PARTS = [
    Said(1), Said(2, "scratch", "L1"), Said(3, "dent", "L1", 2), Said(4, "", "L2"),
    Said(5, "scratch", "L2"), Said(6, "", views=0),
]  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six parts over the end of a month; nothing here changes them."""
    return write(tmp_path_factory.mktemp("station"), PARTS)


def found(base: Path, **wishes: object) -> Found:
    """What is chosen."""
    return find(Files(base), spoken(base), Wanted("coco", **wishes))  # type: ignore[arg-type]


def serials(base: Path, **wishes: object) -> list[int]:
    """Of what is chosen."""
    return [item.serial for item in found(base, **wishes).items]


def test_find_gives_every_labelled_part_that_has_a_picture(base: Path) -> None:
    """Over the files of two months; the part without a picture is listed."""
    assert len(volumes(base)) == 2
    chosen = found(base)
    assert [item.serial for item in chosen.items] == [1, 2, 3, 4, 5]
    assert [len(item.shots) for item in chosen.items] == [1, 1, 2, 1, 1]
    assert [(one.serial, one.view, one.why) for one in chosen.missing] == [(6, "", NO_PICTURE)]
    part = chosen.items[1]
    assert (part.cls, part.lot, part.reason, part.verdict) == ("scratch", "L1", "ENGINE", "REJECT")
    assert (part.part_id, part.wall_ms, part.origin) == (102, START_MS + 2000, "REVIEW")


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"classes": ("good",)}, [1, 4]),
        ({"classes": ("scratch", "dent")}, [2, 3, 5]),
        ({"parts": ("103", "run-a/5")}, [3, 5]),
        ({"parts": ("run-b/5",)}, []),
        ({"lot": "L1"}, [2, 3]),
        ({"reason": "scratch"}, [2, 5]),
        ({"reason": "engine"}, [2, 3, 5]),
        ({"reason": "RULE"}, []),
        ({"since_ms": START_MS + 2000, "until_ms": START_MS + 4000}, [2, 3]),
        ({"classes": ("scratch",), "lot": "L2"}, [5]),
    ],
)
def test_find_takes_what_fits(base: Path, wishes: dict[str, object], expected: list[int]) -> None:
    """By class, part, lot, reason of a person or of the verdict, time, and all of them together."""
    assert serials(base, **wishes) == expected


def alter(base: Path, statement: str) -> None:
    """As some other program or process changes the records."""
    for each in volumes(base):
        with closing(sqlite3.connect(each.path)) as db, db:
            db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE pictures SET state=10", "evicted: older than max_age_days"),
        ("UPDATE pictures SET state=2", "its frame was overwritten before it was copied"),
        ("UPDATE pictures SET state=12", "out of its audit sample"),
        ("UPDATE views SET fault=31", "its frame was not trusted (FRAME)"),
        ("UPDATE folders SET name='/etc'", "somebody removed it"),
        (
            "UPDATE pictures SET path='../../etc/passwd'",
            "its row names no file of a folder of pictures",
        ),
        ("UPDATE parts SET master_part=2", MASTER),
        ("DELETE FROM pictures", NO_PICTURE),
        ("DELETE FROM parts", NO_ROW),
    ],
)
def test_find_says_why_a_part_has_no_picture(tmp_path: Path, statement: str, why: str) -> None:
    """It is counted with its reason, and the others stay."""
    base = write(tmp_path, [Said(1)])
    alter(base, statement)
    chosen = found(base)
    assert chosen.items == []
    assert [(one.serial, one.cls, one.why) for one in chosen.missing] == [(1, "good", why)]


def test_find_takes_a_picture_whose_map_has_gone(tmp_path: Path) -> None:
    """The picture counts, a map is an extra."""
    base = write(tmp_path, [Said(1)])
    (its_map,) = (tmp_path / "pictures").rglob("*.map.png")
    its_map.unlink()
    chosen = found(base)
    assert [item.serial for item in chosen.items] == [1]
    assert chosen.nbytes == next((tmp_path / "pictures").rglob("*.png")).stat().st_size


def test_find_of_records_that_are_not_there_says_so(tmp_path: Path) -> None:
    """Words of people alone are no pictures."""
    base = tmp_path / "records.sqlite"
    speak(base, [Said(1)])
    with pytest.raises(RecordsUnreadable):
        found(base)
