"""A reader makes nothing, changes nothing, and knows what a file is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.records import schema
from gonogo.records.reading import cut_off, is_old, known_version, read_only, runs_of, version_of
from gonogo.tests.records import formerly
from gonogo.tests.records.months import then
from gonogo.tests.records.questions.recorded import write

if TYPE_CHECKING:
    from pathlib import Path


def test_read_only_makes_no_file_and_changes_none(tmp_path: Path) -> None:
    """Whatever its name."""
    with pytest.raises(sqlite3.OperationalError), read_only(tmp_path / "none.db"):
        pass
    assert list(tmp_path.iterdir()) == []
    path = formerly.make(tmp_path / "odd ? 100%.db")
    with read_only(path) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM part")


def test_runs_have_their_numbers_in_files_of_both_kinds(tmp_path: Path) -> None:
    """Those of a former file by their names, which begin with their time."""
    with read_only(formerly.make(tmp_path / "old.db", ("run2", "run0", "run1"))) as db:
        assert is_old(db)
        assert version_of(db) == 0
        assert runs_of(db) == {"run0": 1, "run1": 2, "run2": 3}
    with read_only(then(write(tmp_path / "records.db"))) as db:
        assert not is_old(db)
        assert (version_of(db), runs_of(db)) == (schema.VERSION, {"a": 1})


class Raced(sqlite3.Connection):
    """Another process makes the file between two questions."""

    asked = 0

    def execute(self, *args: Any, **keys: Any) -> sqlite3.Cursor:  # noqa: ANN401 - of sqlite3
        """The second one sees what it made."""
        self.asked += 1
        if self.asked == 2:
            (_, _, path) = super().execute("PRAGMA database_list").fetchone()
            with closing(sqlite3.connect(path, isolation_level=None)) as db:
                db.execute("BEGIN")
                schema.make(db)
                db.execute("COMMIT")
        return super().execute(*args, **keys)


def test_file_that_is_made_meanwhile_is_one_of_ours(tmp_path: Path) -> None:
    """Its tables and its number are there at once, whenever it is asked for them."""
    with closing(sqlite3.connect(tmp_path / "records.db", factory=Raced)) as db:
        assert known_version(db) == schema.VERSION
        assert not cut_off(tmp_path / "records.db", db)


def test_files_of_others_are_not_old_ones(tmp_path: Path) -> None:
    """And have no runs."""
    with closing(sqlite3.connect(tmp_path / "songs.db")) as db:
        db.execute("CREATE TABLE part (name TEXT)")
    with read_only(tmp_path / "songs.db") as db:
        assert not is_old(db)
        assert known_version(db) is None
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            runs_of(db)
