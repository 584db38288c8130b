"""The database's edges: what is told once, what is read again at a stop, what is set aside when."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from gonogo.base.errors import RecordsDamaged, RecordsError
from gonogo.records import aside, database
from gonogo.records.labels import Labels
from gonogo.records.rows import Rows
from gonogo.records.section import RecordsSection
from gonogo.records.store import Store
from gonogo.tests.fakes import entry_of, raws_of
from gonogo.tests.records.doubles import Clock, Connections, FullDisk
from gonogo.tests.records.months import CLOCK, THEN, ask, then

if TYPE_CHECKING:
    from collections.abc import Iterator

LABELS = Labels((), (), ())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database goes."""
    return tmp_path / "records.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An open store."""
    opened = Store(path, LABELS, "run1", THEN)
    yield opened
    opened.close()


def losses(path: Path) -> list[tuple[Any, ...]]:
    """Run, entries and reason of each."""
    return ask(path, "SELECT run, entries, why FROM loss")


def scribble(path: Path) -> None:
    """Every byte of it is another."""
    file = then(path)
    file.write_bytes(bytes(byte ^ 0x5A for byte in file.read_bytes()))


def scribble_tables(path: Path) -> None:
    """Its head is whole, what follows is not."""
    content = bytearray(then(path).read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    then(path).write_bytes(bytes(content))


def asides(path: Path) -> int:
    """How many damaged ones lie beside it."""
    return len(list(path.parent.glob("*.damaged-*")))


def test_store_has_the_times_and_sizes_that_are_promised() -> None:
    """Written down once more: whoever changes one of them must mean it."""
    assert (database.CACHE_KB, database.BUSY_S, aside.ASIDE_EVERY_S) == (256, 0.1, 60.0)
    assert (database.CHECK_S, database.CHECK_OPS) == (1.0, 10_000)
    assert RecordsSection(path=Path("r.db")).poll_ms == 50
    for poll_ms in (4, 5001):
        with pytest.raises(ValidationError, match="poll_ms"):
            RecordsSection(path=Path("r.db"), poll_ms=poll_ms)


def test_store_keeps_a_small_cache(path: Path) -> None:
    """Rows are hardly looked at again."""
    made = Connections()
    with closing(Store(path, LABELS, "run1", THEN._replace(connect=made))):
        assert made.all[-1].execute("PRAGMA cache_size").fetchone() == (-256,)


def test_store_is_there_from_its_beginning(path: Path) -> None:
    """Before anything is written: whoever looks finds tables, in folders that were made."""
    deep = path.parent / "a" / "b" / "records.db"
    store = Store(deep, LABELS, "run1", THEN)
    assert ask(deep, "SELECT COUNT(*) FROM part") == [(0,)]
    store.close()


# -- records of the journal --------------------------------------------------------------


def test_take_tells_of_nothing_where_nothing_was_lost(store: Store, path: Path) -> None:
    """As of most batches."""
    store.take(raws_of([entry_of(1), entry_of(2)]))
    assert ask(path, "SELECT run, serial FROM part") == [("run1", 1), ("run1", 2)]
    assert losses(path) == []


def test_take_tells_each_time_what_was_lost_of_this_run(store: Store, path: Path) -> None:
    """Unreadable and overwritten ones apart; the same may happen again, and counts again."""
    broken = bytes(8 * 256)
    for _ in range(2):
        store.take([broken, *raws_of([entry_of(1)]), broken], lost=3)
    assert ask(path, "SELECT serial FROM part") == [(1,)]
    assert losses(path) == 2 * [
        ("run1", 2, "entries that cannot be read"),
        ("run1", 3, "journal overwritten or database not writable"),
    ]


def test_take_of_a_file_tells_once_what_was_lost_in_it(store: Store, path: Path) -> None:
    """A start that was broken off reads it again; rows and losses are of the run that left it."""
    rows = Rows(LABELS, "run0", lambda: CLOCK)
    for _ in range(2):
        store.take([bytes(8 * 256), *raws_of([entry_of(1)])], 3, rows, "left.bin")
    assert ask(path, "SELECT run, serial FROM part") == [("run0", 1)]
    assert losses(path) == [
        ("run0", 1, "left.bin: entries that cannot be read"),
        ("run0", 3, "left.bin: journal overwritten or database not writable"),
    ]


def test_lost_is_told_once_for_a_reason(store: Store, path: Path) -> None:
    """Whoever is not sure that it was told tells it again."""
    for why in ("because", "because", "else"):
        store.lost(None, why)
    assert losses(path) == [("run1", None, "because"), ("run1", None, "else")]


# -- open, check, set aside ----------------------------------------------------------------


def test_open_sees_that_the_database_has_gone(path: Path) -> None:
    """And makes a new one; one that is there is left alone."""
    made = Connections()
    store = Store(path, LABELS, "run1", THEN._replace(connect=made))
    store.open()
    assert len(made.all) == 1
    then(path).unlink()
    store.open()
    assert len(made.all) == 2
    assert ask(path, "SELECT COUNT(*) FROM part") == [(0,)]
    store.close()


def test_open_makes_the_folder_again_that_went_with_the_database(path: Path) -> None:
    """Somebody tidied up; rows go on."""
    store = Store(path.parent / "var" / "records.db", LABELS, "run1", THEN)
    store.write([entry_of(1)])
    for file in (path.parent / "var").iterdir():
        file.unlink()
    (path.parent / "var").rmdir()
    store.write([entry_of(2)])
    store.close()
    assert ask(path.parent / "var" / "records.db", "SELECT serial FROM part") == [(2,)]


def test_check_reads_what_is_on_the_disk_and_not_in_the_cache(store: Store, path: Path) -> None:
    """Damaged beneath an open database: noticed at a stop, while the rows can be written anew."""
    store.write([entry_of(k) for k in range(3000)])
    with closing(sqlite3.connect(then(path))) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert store.check("run1")
    assert (store.asides, asides(path)) == (0, 0)
    scribble_tables(path)
    assert store.check("run1")
    assert (store.asides, asides(path)) == (1, 1)
    store.write([entry_of(1)])
    assert ask(path, "SELECT serial FROM part") == [(1,)]


def test_check_tells_when_a_damaged_database_stays_where_it_is(store: Store, path: Path) -> None:
    """A second one within the minute: its rows are to be kept elsewhere by whoever asks."""
    for _ in range(2):
        store.write([entry_of(k) for k in range(3000)])
        with closing(sqlite3.connect(then(path))) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        scribble_tables(path)
        whole = store.check("run1")
    assert not whole
    assert (store.asides, asides(path)) == (1, 1)


def test_check_takes_no_longer_than_its_time(path: Path) -> None:
    """A database of years is not read to its end at a stop; that is no damage."""
    handlers: list[tuple[Any, int]] = []

    class Connection(sqlite3.Connection):
        """Notes its progress handler."""

        def set_progress_handler(self, handler: Any, n: int, /) -> None:  # noqa: ANN401 - as sqlite3's
            """Noted."""
            handlers.append((handler, n))

    clock = Clock()
    means = THEN._replace(connect=Connections(Connection), clock_s=clock)
    store = Store(path, LABELS, "run1", means)
    store.check("run1")
    ((over, every),) = handlers
    assert every == 10_000
    stopped = []
    for now_s in (1000.0, 1001.0, 1001.1):
        clock.now_s = now_s
        stopped.append(over())
    assert stopped == [False, False, True]
    store.close()


def test_check_of_a_database_that_cannot_be_read_now_sets_nothing_aside(path: Path) -> None:
    """A refusal of the disk is not a damage."""
    made = Connections()
    store = Store(path, LABELS, "run1", THEN._replace(connect=made))
    made.error = sqlite3.OperationalError("unable to open database file")
    assert store.check("run1")
    assert (store.asides, asides(path)) == (0, 0)
    store.close()


@pytest.mark.parametrize(("after_s", "again"), [(59.9, False), (60.0, True)])
def test_store_sets_one_aside_in_a_minute(path: Path, after_s: float, *, again: bool) -> None:
    """The very first at once, even just after the box was switched on."""
    clock = Clock(now_s=1.0)
    store = Store(path, LABELS, "run1", THEN._replace(clock_s=clock))
    for _ in range(2):
        store.write([entry_of(1)])
        store.database.let_go()
        scribble(path)
    clock.now_s += after_s
    if again:
        store.write([entry_of(1)])
    else:
        with pytest.raises(RecordsDamaged):
            store.write([entry_of(1)])
    assert asides(path) == store.asides == 1 + again
    store.close()


def test_new_database_is_told_once_of_the_one_before(path: Path) -> None:
    """With its first batch, and not with the next ones; of the second one by its own name."""
    clock = Clock()
    store = Store(path, LABELS, "run1", THEN._replace(clock_s=clock))
    for number in (1, 2):
        store.write([entry_of(1)])
        store.database.let_go()
        scribble(path)
        clock.now_s += 100
        store.write([entry_of(1)])
        store.write([entry_of(2)])
        ((_, entries, why),) = losses(path)
        assert entries is None
        assert f"records-2023-11.db.damaged-{number}" in why
    store.close()


def test_new_database_is_told_once_though_the_disk_failed_after_the_commit(path: Path) -> None:
    """It is in the database and called a failure: the next try finds it there."""

    class Connection(sqlite3.Connection):
        """Fails once it has committed, once."""

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as sqlite3's
            """As sqlite3 does."""
            cursor = super().execute(sql, *values)
            if sql == "COMMIT" and failing:
                raise sqlite3.OperationalError(failing.pop())
            return cursor

    failing: list[str] = []
    means = THEN._replace(connect=Connections(Connection), clock_s=Clock())
    store = Store(path, LABELS, "run1", means)
    store.database.let_go()
    scribble(path)
    failing.append("disk I/O error")
    with pytest.raises(RecordsError, match="disk I/O error"):
        store.write([entry_of(1)])
    store.write([entry_of(2)])
    assert [entries for _, entries, _ in losses(path)] == [None]
    store.close()


def test_store_that_cannot_set_aside_says_so(path: Path) -> None:
    """A folder that may not be written: the damaged one stays where it is, whole."""
    store = Store(path, LABELS, "run1", THEN._replace(files=FullDisk(rename=False)))
    store.write([entry_of(1)])
    store.database.let_go()
    scribble(path)
    damaged = then(path).read_bytes()
    with pytest.raises(RecordsError, match="no space left on device; expected a writable place"):
        store.write([entry_of(1)])
    assert (then(path).read_bytes(), store.asides) == (damaged, 0)
    store.close()


def test_store_leaves_no_descriptor_of_what_it_could_not_open(path: Path) -> None:
    """It is tried again with each batch, for as long as it takes."""
    made = Connections()
    then(path).write_bytes(os.urandom(8192))
    then(path).chmod(0o600)
    with closing(Store(path, LABELS, "run1", THEN._replace(connect=made))):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            made.all[0].execute("SELECT 1")
        assert len(made.all) == 2, "the damaged one, and the new one"


@pytest.mark.parametrize("said", ["file is not a database", "database is locked"])
def test_error_of_the_system_is_no_word_of_sqlite(path: Path, said: str) -> None:
    """Whatever its text: nothing is set aside, and nobody is told to end a program."""
    made = Connections()
    store = Store(path, LABELS, "run1", THEN._replace(connect=made))
    store.database.let_go()
    made.error = OSError(said)
    with pytest.raises(RecordsError, match=said) as caught:
        store.write([entry_of(1)])
    assert type(caught.value) is RecordsError
    store.close()
