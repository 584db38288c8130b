"""A file from before schemas had numbers becomes files of a month: whole, and once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gonogo.base.errors import RecordsError
from gonogo.records.labels import Labels
from gonogo.records.migration import BATCH, PATIENCE_S, Migration
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of
from gonogo.tests.records import formerly
from gonogo.tests.records.doubles import Clock
from gonogo.tests.records.months import THEN, VIEWS, ask, then

if TYPE_CHECKING:
    from pathlib import Path

ORDERED = "SELECT * FROM {} ORDER BY 1, 2, 3"
LABELS = Labels((), (), ())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the station file says the records are."""
    return tmp_path / "records.db"


def whole(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a former file, as people read them."""
    with closing(sqlite3.connect(path)) as db:
        return {view: db.execute(ORDERED.format(view)).fetchall() for view in VIEWS}


def taken_over(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The same of the files of a month, without what came with them."""
    found = {view: ask(path, ORDERED.format(view)) for view in VIEWS}
    return found | {"part": [row[:-2] for row in found["part"]]}


def migrate(path: Path, clock: Clock | None = None) -> Store:
    """Begin a store there, and take over all there is."""
    store = Store(path, LABELS, "run9", THEN)
    migration = Migration(store, clock or Clock())
    for _ in range(1000):
        migration.step()
        if migration.done:
            break
    assert migration.done
    return store


def test_migration_takes_over_every_row_in_the_same_words(path: Path) -> None:
    """Into the file of its month; the old one is kept, whole, under another name."""
    before = whole(formerly.make(path, ("run0", "run1")))
    content = path.read_bytes()
    migrate(path).close()
    after = taken_over(path)
    for view in ("part", "view", "rule", "shadow"):
        assert after[view] == before[view], view
    assert [row[2:] for row in after["loss"]] == [(7, "because (told in records.db)")]
    assert not path.exists()
    assert path.with_name("records.db.migrated-1").read_bytes() == content
    months = {each.name for each in path.parent.glob("records-*.db")}
    assert months == {"records-2023-10.db", "records-2023-11.db"}


def test_migration_numbers_former_runs_before_the_one_that_goes_on(path: Path) -> None:
    """Although that one has rows first: parts are told in the order in which they passed."""
    formerly.make(path, ("run0", "run1"))
    store = Store(path, LABELS, "run9", THEN)
    store.write([entry_of(1)])
    store.close()
    migrate(path).close()
    with closing(sqlite3.connect(then(path))) as db:
        assert db.execute("SELECT name FROM runs ORDER BY id").fetchall() == [
            ("run0",), ("run1",), ("run9",),
        ]  # fmt: skip


def test_migration_that_is_broken_off_goes_on_where_it_was(path: Path) -> None:
    """Wherever: each slice is a transaction, and says itself how far it came."""
    parts = 2 * BATCH + 5
    before = whole(formerly.make(path, parts=parts))["part"]
    counts = []
    for _ in range(20):
        store = Store(path, LABELS, "run9", THEN)
        migration = Migration(store, Clock(step_s=1.0))  # time for one batch
        migration.step()
        store.close()
        counts.append(ask(path, "SELECT COUNT(*) FROM part")[0][0])
        if migration.done:
            break
    assert counts == [1, BATCH + 1, 2 * BATCH + 1, parts, parts]
    assert taken_over(path)["part"] == before


def test_migration_takes_over_a_file_from_before_there_were_recipes(path: Path) -> None:
    """What it does not know stays unknown."""
    first = formerly.SCHEMA.replace("recipe INTEGER,\n  master_part TEXT, master_answer TEXT,", "")
    assert first != formerly.SCHEMA
    formerly.make(path, schema=first)
    migrate(path).close()
    found = ask(path, "SELECT DISTINCT recipe, master_part, verdict FROM part")
    assert found == [(None, None, "REJECT")]


@pytest.mark.parametrize(
    "change", ["verdict='MAYBE'", "wall='noon'", "wall=NULL", "trigger_ns=NULL"]
)
def test_migration_tells_of_a_row_that_it_cannot_read(path: Path, change: str) -> None:
    """It costs no other."""
    formerly.make(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE part SET {change} WHERE serial=2")  # noqa: S608 - of the parameters
        db.execute("INSERT INTO loss VALUES ('run0', NULL, NULL, 'told by nobody')")
    migrate(path).close()
    assert ask(path, "SELECT serial FROM part ORDER BY serial") == [(1,), (3,)]
    assert len(ask(path, "SELECT * FROM loss WHERE why LIKE 'told by nobody%'")) == 1
    assert len(ask(path, "SELECT * FROM loss WHERE why LIKE 'serial 2 of a former file%'")) == 1


def test_migration_sets_what_is_no_database_aside(path: Path) -> None:
    """Somebody's notes under that name: whole, and told in the file of this month."""
    path.write_text("not a database, but somebody's notes\n" * 20, encoding="ascii")
    store = migrate(path)
    store.write([entry_of(1)])
    store.close()
    assert path.with_name("records.db.damaged-1").exists()
    assert len(ask(path, "SELECT * FROM loss WHERE why LIKE '%damaged-1%'")) == 1


def test_migration_leaves_files_of_others_alone(path: Path) -> None:
    """A database with other tables is nothing to take over."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE songs (name TEXT)")
    content = path.read_bytes()
    migrate(path).close()
    assert path.read_bytes() == content


def test_migration_waits_while_the_new_file_takes_nothing(path: Path) -> None:
    """It is tried again a while later; the line's own rows have waited no longer for it."""
    formerly.make(path)
    clock = Clock()
    store = Store(path, LABELS, "run9", THEN)
    store.close()
    migration = Migration(store, clock)
    migration.step()
    with pytest.raises(RecordsError, match="closed"):
        store.write([entry_of(1)])
    assert not migration.done
    fresh = Store(path, LABELS, "run9", THEN)
    again = Migration(fresh, clock)
    again._not_before_s = clock.now_s + PATIENCE_S
    again.step()
    assert not again.done
    clock.now_s += PATIENCE_S
    again.step()
    fresh.close()
    assert again.done
