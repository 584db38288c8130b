"""The SQLite file of a station: opened when it can be, one change at a time, wholly or not at all.

It may be held by another program, moved away or damaged while it is open; each of these is a
RecordsError of its own. What is done about it is for the store (gonogo.records.store).
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, Files, settle
from gonogo.base.errors import RecordsBusy, RecordsDamaged, RecordsError
from gonogo.base.log.logger import get_logger
from gonogo.records.rows import ADDED, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

log = get_logger(__name__)

CACHE_KB = 256  # rows are added and hardly read again: a small cache is soon full for good
BUSY_S = 0.1  # a wait within SQLite hears no order to stop: whoever writes tries again instead
CHECK_S = 1.0  # no longer than that at a stop; the rows of a day are read in less
CHECK_OPS = 10_000  # of SQLite's own machine, between two readings of the clock
# by its words: the error code of SQLite comes with Python 3.11 only
_HELD = ("database is locked", "database table is locked", "locking protocol")
_DAMAGED = ("malformed", "file is not a database")


class Means(NamedTuple):
    """What a database is opened, timed and moved with; a test exchanges one of them."""

    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    clock_s: Callable[[], float] = time.monotonic
    files: Files = SYSTEM


MEANS = Means()


class Database:
    """One file, one connection, one thread."""

    def __init__(self, path: Path, means: Means = MEANS) -> None:
        self.path = path
        self._means = means
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of what is open
        self._closed = False

    @property
    def in_place(self) -> bool:
        """Whether it is open, and still the file that lies under its name."""
        return self._db is not None and self._file == _identity(self.path)

    def check_place(self) -> None:
        """RecordsError where no database can ever be; the folder is made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                raise IsADirectoryError("a folder is there")
        except OSError as error:
            raise refusal(self.path, error) from error

    def change(self, do: Callable[[sqlite3.Connection], None]) -> None:
        """One transaction; RecordsError says why there is nothing of it in the database."""
        try:
            db = self._opened()
            # the lock for writing at once: a reading transaction that wants to write later on
            # is refused when somebody else has written meanwhile, and no wait would help
            db.execute("BEGIN IMMEDIATE")
            try:
                do(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has rolled it back by itself
                    db.execute("ROLLBACK")
                raise
        except (OSError, sqlite3.Error) as error:
            raise refusal(self.path, error) from error

    def read_anew(self, queries: Sequence[str], values: Sequence[object]) -> None:
        """Run queries as another program would, for CHECK_S at most; RecordsError if it cannot.

        What SQLite has in its cache looks whole, whatever became of the file beneath: hence a
        new connection, the old one let go before.
        """
        self.let_go()
        try:
            with contextlib.closing(_open(self.path, self._means)) as db:
                clock_s = self._means.clock_s
                end_s = clock_s() + CHECK_S
                # past the time SQLite ends the query as "interrupted", which is no damage
                db.set_progress_handler(lambda: clock_s() > end_s, CHECK_OPS)
                for query in queries:
                    db.execute(query, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise refusal(self.path, error) from error

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("it is closed")
        if self._db is not None and not self.in_place:
            log.warning(
                "records_moved_away",
                text="records database %(path)s was moved away: a new one is begun",
                path=self.path,
            )
            with contextlib.suppress(sqlite3.Error):  # its log has the old name, and is lost there
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.let_go()
        if self._db is None:
            self.check_place()
            self._db = _open(self.path, self._means)
            self._file = _identity(self.path)
        return self._db

    def let_go(self) -> None:
        """Close the connection; the next change opens another one."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def close(self) -> None:
        """Checkpoint and close, for good; idempotent."""
        self._closed = True
        self.let_go()


def _open(path: Path, means: Means) -> sqlite3.Connection:
    # isolation_level=None: Python begins no transaction of its own, BEGIN and COMMIT are ours
    db = means.connect(path, isolation_level=None, timeout=BUSY_S)
    try:
        db.execute("PRAGMA synchronous=FULL")  # whatever the default, and before the first write
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        db.executescript(SCHEMA)
        there = {row[1] for row in db.execute("PRAGMA table_info(part)")}
        for column, kind in ADDED:
            if column not in there:  # made before there were any
                db.execute(f"ALTER TABLE part ADD COLUMN {column} {kind}")
        with contextlib.suppress(OSError):  # not every file system can
            settle(
                path.parent, means.files
            )  # or the journal of its making could come back and undo it
    except sqlite3.Error:
        db.close()
        raise
    return db


def refusal(path: Path, error: OSError | sqlite3.Error) -> RecordsError:
    """What the database said, in words, and as what it is."""
    said = str(error)
    if isinstance(error, sqlite3.Error) and any(words in said for words in _DAMAGED):
        return RecordsDamaged(f"records database {path}: {said}")
    if isinstance(error, sqlite3.Error) and any(words in said for words in _HELD):
        return RecordsBusy(
            f"records database {path}: {said}; another program holds it: end that program, or its "
            "transaction; what is to be written waits meanwhile"
        )
    return RecordsError(
        f"records database {path}: {said}; expected a writable place and either no file "
        "or a database of gonogo there: free some space, or move the file away"
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there; None without one, or where nobody may know."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
