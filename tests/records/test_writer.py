"""One change in one file: begun anew where it is damaged, elsewhere where it is of a newer one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from gonogo.records.labels import Labels
from gonogo.records.rows import Rows
from gonogo.records.shelf import Shelf
from gonogo.records.volumes import volume
from gonogo.records.writer import Writer
from gonogo.tests.records.months import CLOCK, THEN, ask

if TYPE_CHECKING:
    from pathlib import Path


def test_commit_tells_what_became_of_files_with_the_next_change(tmp_path: Path) -> None:
    """A damaged one, then one of a newer gonogo: both in the file that takes the change, once."""
    base = tmp_path / "records.db"
    damaged, newer = volume(base, "2023-10"), volume(base, "2023-11")
    damaged.path.write_bytes(b"\x5a" * 9000)
    with closing(sqlite3.connect(newer.path)) as db:
        db.execute("PRAGMA user_version=99")
    rows = Rows(Labels((), (), ()), "run1", lambda: CLOCK)
    writer = Writer(Shelf(base, THEN), rows, THEN)
    for into in (damaged, newer):
        writer.commit(lambda db: rows.lose(db, 1, "because"), into)
    writer.shelf.close()
    newer.path.unlink()
    assert writer.asides.count == 1
    assert damaged.path.with_name("records-2023-10.db.damaged-1").exists()
    whys = [why for (why,) in ask(base, "SELECT why FROM loss")]
    assert whys == [
        "the database before is damaged; it lies in records-2023-10.db.damaged-1, with its rows",
        "because",
        "records-2023-11.db is of a newer gonogo, and was left as it is",
        "because",
    ]
