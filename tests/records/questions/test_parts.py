"""Asking for parts: one by its number and a time, or a choice, over files, runs and clocks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import NoSuchPart, RecordsUnreadable
from gonogo.records.questions.files import Files
from gonogo.records.questions.part_row import Stages
from gonogo.records.questions.parts import (
    Choice,
    by_part_id,
    by_serial,
    by_serial_number,
    parts,
    span,
)
from gonogo.records.volumes import volumes
from gonogo.tests.records import formerly
from gonogo.tests.records.questions.recorded import START_MS, write

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.records.questions.part_row import PartRow


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Two runs, over the end of a month."""
    return Files(write(tmp_path / "records.db"))


def identities(found: list[PartRow]) -> str:
    """Run and serial of each, in their order."""
    return " ".join(f"{part.run}{part.serial}" for part in found)


def chosen(files: Files, **wishes: object) -> str:
    """The same of a choice."""
    return identities(list(parts(files, Choice(**wishes))))  # type: ignore[arg-type]


def test_parts_come_in_the_order_in_which_they_passed(files: Files) -> None:
    """Over two files and two runs."""
    assert len(files.paths) == 2
    assert chosen(files) == "a1 a2 a3 a6 a7 a8 a9 b1 b2 b3"
    assert chosen(files, last=4) == "a9 b1 b2 b3"
    assert chosen(files, last=100) == chosen(files)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"verdict": "REJECT"}, "a3 a6 a9 b3"),
        ({"verdict": "REJECT", "last": 2}, "a9 b3"),
        ({"reason": "RULE"}, "a3 a6 a9 b3"),
        ({"verdict": "MAYBE"}, ""),
        ({"since_ms": START_MS + 3000, "until_ms": START_MS + 8000}, "a3 a6 a7"),
        ({"since_ms": START_MS + 21_000}, "b1 b2 b3"),
        ({"until_ms": START_MS + 2000, "last": 5}, "a1"),
        ({"since_ms": START_MS + 10**9}, ""),
        ({"engine": "0000000000000abd"}, "a1 a2 a3 a6 a7 a8 a9 b1 b2 b3"),
        ({"engine": "ffff"}, ""),
        ({"view": "top", "engine": "0000000000000abd"}, ""),
        ({"view": "bottom"}, ""),
        ({"recipe": 1, "last": 1}, "b3"),
        ({"recipe": 2}, ""),
        ({"lot": "L7"}, ""),
    ],
)
def test_parts_fit_the_choice(files: Files, wishes: dict[str, object], expected: str) -> None:
    """Of each wish, alone and with another."""
    assert chosen(files, **wishes) == expected


def test_parts_are_found_by_lot_and_serial_number(files: Files) -> None:
    """Both came from outside."""
    with closing(sqlite3.connect(volumes(files.path)[1].path)) as db, db:
        db.execute("INSERT INTO lots VALUES (1, 'L7')")
        db.execute("UPDATE parts SET lot=1, serial_number='S/' || (id & 255) WHERE id & 255 > 7")
    found = list(parts(files, Choice(lot="L7")))
    assert [(part.serial, part.lot) for part in found] == [(8, "L7"), (9, "L7")]
    assert [part.serial for part in by_serial_number(files, "S/9")] == [9]
    assert by_serial_number(files, "S/1") == []


def test_parts_are_found_by_what_a_rule_has_read(files: Files) -> None:
    """The whole text; several of one part are told in the order of the rules."""
    place = by_serial(files, "a", 8).place
    with closing(sqlite3.connect(place.path)) as db, db:
        for position, text in ((1, "LOT 7"), (0, "SN-42")):
            db.execute("INSERT INTO texts VALUES (?,?,?)", (place.id, position, text))
    for text in ("SN-42", "LOT 7"):
        found = list(parts(files, Choice(text=text)))
        assert [(part.run, part.serial, part.text) for part in found] == [("a", 8, "SN-42 | LOT 7")]
    assert list(parts(files, Choice(text="SN"))) == []
    assert by_serial(files, "a", 9).text == ""


def test_parts_come_page_by_page(files: Files) -> None:
    """Each page is a look of its own: nothing is left out between two of them, or told twice."""
    whole = chosen(files)
    for page in (1, 2, 3, 7):
        assert identities(list(parts(files, Choice(), page))) == whole


def test_part_says_all_of_itself(files: Files) -> None:
    """Words, times after the trigger in ms, what the PLC made of it."""
    part = by_serial(files, "a", 3)
    assert (part.verdict, part.reason, part.score, part.recipe) == ("REJECT", "RULE", 1003, 1)
    assert part.stages == Stages(10.0, 15.0, 20.0, 21.0, 22.0, 200.0, 25.0, 30.0)
    assert part.delivery == (True, "REJECT", "RULE", 3)
    assert part.wall == "2023-11-30T23:59:58.000+00:00"
    last = by_serial(files, "a", 9)
    assert last.delivery == (None, "", "", None)
    assert last.stages.published_ms is last.stages.acked_ms is None


def test_part_id_is_the_newest_or_the_nearest_to_a_time(files: Files) -> None:
    """The PLC's number comes round again: a time says which one is meant."""
    assert identities([by_part_id(files, 3)]) == "b3"
    for at_ms, which in ((START_MS, "a3"), (START_MS + 12_000, "a3"), (START_MS + 14_000, "b3")):
        assert identities([by_part_id(files, 3, at_ms)]) == which


def test_part_that_is_not_there_is_refused_with_what_is(files: Files) -> None:
    """From when to when there are any."""
    there = "there are parts of 2023-11-30T23:59:56.000.* to 2023-12-01T00:00:18.000"
    with pytest.raises(NoSuchPart, match=f"GN606: .*no part has the id 99; {there}"):
        by_part_id(files, 99)
    with pytest.raises(NoSuchPart, match=f"no part 4 in run a; {there}"):
        by_serial(files, "a", 4)
    assert span(files).startswith("there are parts of")


def test_parts_of_a_month_that_cannot_be_read_are_noted(files: Files) -> None:
    """The others are told all the same; where none can be read there is no answer."""
    old, new = files.paths[1], files.paths[0]
    old.write_bytes(b"\x5a" * 9000)
    assert chosen(files) == "a6 a7 a8 a9 b1 b2 b3"
    assert "records-2023-11.db: expected a records database" in files.notes[old]
    new.unlink()
    with pytest.raises(RecordsUnreadable, match=r"GN601: .*file is not a database"):
        chosen(files)
    old.unlink()
    with pytest.raises(RecordsUnreadable, match="no such file"):
        chosen(files)


def test_parts_of_a_former_file_are_read_where_they_are(tmp_path: Path) -> None:
    """With all questions, before a start has taken it over."""
    files = Files(formerly.make(tmp_path / "records.db", ("run0", "run1")))
    assert [part.serial for part in parts(files, Choice())] == [1, 2, 3, 1, 2, 3]
    assert [part.run for part in parts(files, Choice(last=4))] == ["run0", "run1", "run1", "run1"]
    part = by_part_id(files, 2)
    assert (part.run, part.verdict, part.reason) == ("run1", "REJECT", "RULE")
    assert part.wall == formerly.WALLS[1]
    assert part.stages.engine_ms is None
    assert part.delivery == (False, "REJECT", "DEADLINE", 2)
    assert len(list(parts(files, Choice(verdict="REJECT", view="top", engine="0000")))) == 6
    assert list(parts(files, Choice(since_ms=part.wall_ms + 1))) == []
    assert len(list(parts(files, Choice(until_ms=part.wall_ms)))) == 2
