"""One file, one change at a time; what is wrong with it is told apart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import RecordsBusy, RecordsDamaged, RecordsError
from gonogo.records.database import Database, Means, refusal
from gonogo.tests.records.doubles import Connections

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database goes."""
    return tmp_path / "records.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """One that nothing was written to."""
    made = Database(path)
    yield made
    made.close()


def lose(db: sqlite3.Connection) -> None:
    """A row in its smallest table."""
    db.execute("INSERT INTO losses (run, wall_ms, entries, why) VALUES (1, 0, 1, 'because')")


def count(path: Path) -> int:
    """Rows of that table, as another program sees them."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT COUNT(*) FROM losses").fetchone()[0])


def test_change_is_wholly_there_or_not_at_all(database: Database, path: Path) -> None:
    """Whatever is raised in the middle of it, also by us."""

    def half(db: sqlite3.Connection) -> None:
        lose(db)
        raise KeyError

    with pytest.raises(KeyError):
        database.change(half)
    assert count(path) == 0
    database.change(lose)
    assert count(path) == 1


def test_change_keeps_one_connection_as_long_as_the_file_is_the_same(path: Path) -> None:
    """And says whether it is."""
    made = Connections()
    database = Database(path, Means(made))
    assert not database.in_place
    for _ in range(3):
        database.change(lose)
    assert (len(made.all), database.in_place) == (1, True)
    path.rename(path.with_name("moved.db"))
    assert not database.in_place
    database.change(lose)
    assert (len(made.all), count(path)) == (2, 1)
    database.close()


def test_change_of_a_closed_database_is_refused(database: Database) -> None:
    """For good, unlike one that was only let go."""
    database.change(lose)
    database.let_go()
    database.change(lose)
    database.close()
    database.close()
    with pytest.raises(RecordsError, match="it is closed"):
        database.change(lose)


def test_check_place_makes_the_folder_and_refuses_what_can_be_none(path: Path) -> None:
    """A folder in the place of the file."""
    deep = path.parent / "a" / "records.db"
    Database(deep).check_place()
    assert deep.parent.is_dir()
    with pytest.raises(RecordsError, match="a folder is there"):
        Database(deep.parent).check_place()


def test_read_anew_runs_each_query_over_a_connection_of_its_own(path: Path) -> None:
    """The one that writes is let go before: its log is written back, and its cache forgotten."""
    made = Connections()
    database = Database(path, Means(made))
    database.change(lose)
    database.read_anew(["SELECT * FROM losses WHERE run=?"], [1])
    assert (len(made.all), database.in_place) == (2, False)
    for each in made.all:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            each.execute("SELECT 1")
    with pytest.raises(RecordsError, match="no such table"):
        database.read_anew(["SELECT * FROM elsewhere WHERE run=?"], ["run1"])
    database.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite3.DatabaseError("database disk image is malformed"), RecordsDamaged),
        (sqlite3.DatabaseError("file is not a database"), RecordsDamaged),
        (sqlite3.OperationalError("database is locked"), RecordsBusy),
        (sqlite3.OperationalError("database table is locked: part"), RecordsBusy),
        (sqlite3.OperationalError("locking protocol"), RecordsBusy),
        (sqlite3.OperationalError("disk I/O error"), RecordsError),
        (OSError("database is locked"), RecordsError),
    ],
)
def test_refusal_is_what_sqlite_says(path: Path, error: OSError, kind: type[RecordsError]) -> None:
    """Damage, a held file and all the rest ask for different things of whoever hears of them."""
    found = refusal(path, error)
    assert type(found) is kind
    assert f"records database {path}: {error}" in str(found)
