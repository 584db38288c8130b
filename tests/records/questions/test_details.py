"""What a part was judged on, from files of today and of before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from gonogo.records.questions.details import Check, Look, Shadow, details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import by_part_id, by_serial
from gonogo.tests.records import formerly
from gonogo.tests.records.formerly import back_to_version_1
from gonogo.tests.records.questions.recorded import write

if TYPE_CHECKING:
    from pathlib import Path


def test_details_are_those_of_the_part(tmp_path: Path) -> None:
    """Views with score and engine, rules with value, limits and unit, the engine in shadow."""
    files = Files(write(tmp_path / "records.db"))
    found = details(files, by_serial(files, "a", 3))
    assert found.looks == (
        Look("top", "OK", 9.0, 0.25, "OK", 11.0, 19.0, "0000000000000abc"),
        Look("side", "OK", 10.0, 1.25, "OK", 11.0, 19.0, "0000000000000abd"),
    )
    assert found.checks == (
        Check("width", "FAIL", 12.5, 10.0, 12.0, "mm"),
        Check("gap", "CANNOT_TELL", None, None, 1.0, "mm"),
    )
    assert found.shadows == (Shadow("top", "ACCEPT", "OK", 100, 0.125, "0000000000000def"),)
    assert details(files, by_serial(files, "b", 1)).shadows == ()


def test_details_of_a_former_file_are_the_same(tmp_path: Path) -> None:
    """It holds words; a view without a score says that there is none."""
    files = Files(formerly.make(tmp_path / "records.db"))
    found = details(files, by_part_id(files, 2))
    back, top = sorted(found.looks)
    assert back == ("back", "FRAME", None, None, "", None, None, "")
    assert (top.frame_ms, top.score, top.engine_id) == (1e-6, 0.25, "0000000000000abc")
    assert found.checks == (Check("gap", "FAIL", 12.5, None, 12.0, "mm"),)
    assert found.shadows == (Shadow("top", "ACCEPT", "OK", 100, 0.1, "def"),)


def test_details_say_what_a_rule_has_read(tmp_path: Path) -> None:
    """Of the rule that read it; in a file from before there were texts no rule has read any."""
    path = write(tmp_path / "records.db")
    files = Files(path)
    part = by_serial(files, "a", 3)
    with closing(sqlite3.connect(part.place.path)) as db, db:
        db.execute("INSERT INTO texts VALUES (?, 1, 'SN-42')", (part.place.id,))
    found = details(files, by_serial(files, "a", 3))
    assert [check.text for check in found.checks] == ["", "SN-42"]
    with closing(sqlite3.connect(part.place.path)) as db, db:
        back_to_version_1(db)
    assert details(files, part).checks == tuple(each._replace(text="") for each in found.checks)
