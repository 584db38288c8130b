"""A file from before schemas had numbers, with the tables of today laid over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.questions.old_file import read_as_new
from gonogo.records.reading import read_only
from gonogo.tests.records import formerly

if TYPE_CHECKING:
    from pathlib import Path


def test_read_as_new_lays_todays_tables_over_it(tmp_path: Path) -> None:
    """Codes, ids and times; parts that another file has already are left out."""
    path = formerly.make(tmp_path / "records.db", ("run0", "run1"))
    with read_only(path) as db:
        read_as_new(db)
        found = db.execute("SELECT id & 255, verdict, reason, frame, engine_done FROM parts")
        assert found.fetchall() == [(k, 2, 20, 1, None) for k in (1, 2, 3, 1, 2, 3)]
        assert db.execute("SELECT count(*) FROM views").fetchone() == (12,)
        assert db.execute("SELECT run, entries FROM losses").fetchall() == [(1, 7)]
    with read_only(path) as db:
        read_as_new(db, ("run0", 2))
        found = db.execute("SELECT id >> 40, id & 255 FROM parts ORDER BY id")
        assert found.fetchall() == [(1, 3), (2, 1), (2, 2), (2, 3)]
