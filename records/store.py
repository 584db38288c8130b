"""One SQLite row a part: what was decided, on what grounds, how fast, and what the PLC said.

WAL with synchronous=FULL: a power cut loses no committed row. Table `part` holds the
verdict, `view` one row a view of it, `rule` one row a rule; `delivery` what became of the
verdict at the PLC; `shadow` one row a view that an engine in shadow judged, with what the
verdict of the whole part would have been. Times are CLOCK_MONOTONIC ns; `wall` is UTC, for
people.

The database is opened when it can be: one that another program holds is tried again with
each batch, one that is damaged is set aside whole, one that was moved away is begun anew.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import move, settle
from gonogo.base.errors import RecordsBusy, RecordsDamaged, RecordsError
from gonogo.records.rows import SCHEMA, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.labels import Labels

log = logging.getLogger(__name__)

CACHE_KB = 256  # rows are added and hardly looked at again: a small cache is soon full for good
BUSY_S = 0.1  # a wait within SQLite hears no order to stop: whoever writes tries again instead
ASIDE_EVERY_S = 60.0  # a disk that damages whatever is written must not be filled with it
CHECK_S = 1.0  # no longer than that at a stop; the rows of a day are read in less
CHECK_OPS = 10_000  # of SQLite's own machine, between two looks at the time
_BESIDE = ("-wal", "-shm", "")  # the log first: what is left beside a new database is deleted
_HELD = ("database is locked", "database table is locked", "locking protocol")
_DAMAGED = ("malformed", "file is not a database")


class Store:
    """The database of one station, written by one process in whole batches.

    `connect` is for tests. RecordsError at once only where no database can ever be.
    """

    def __init__(
        self,
        path: Path,
        labels: Labels,
        run: str,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
    ) -> None:
        self.path = path
        self.rows = Rows(labels, run)
        self._connect = connect
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of what is open
        self._untold: list[str] = []  # what the next database must be told of the last one
        self.asides = 0  # damaged ones set aside: what they held is to be written anew
        self._aside_s = -ASIDE_EVERY_S
        self._closed = False
        self._check_place()
        with contextlib.suppress(RecordsError):  # not yet: it is tried again with each batch
            self.open()

    def write(self, entries: Sequence[AnyEntry]) -> None:
        """Commit all entries or none; RecordsError says why not (a full disk, say)."""

        def insert(db: sqlite3.Connection) -> None:
            for entry in entries:
                self.rows.insert(db, entry)

        self.commit(insert)

    def take(
        self, raws: Sequence[bytes], lost: int = 0, rows: Rows | None = None, of: str = ""
    ) -> None:
        """The same with records of the journal; one that is no entry is told as a loss.

        `lost`: how many more never became rows; `rows`: those of another run, which lay in
        the file `of`.
        """
        rows = rows or self.rows
        said = f"{of}: " if of else ""

        def insert(db: sqlite3.Connection) -> None:
            unread = sum(not rows.insert_raw(db, raw) for raw in raws)
            if unread:
                rows.lose(db, unread, f"{said}entries that cannot be read", once=bool(of))
            if lost:
                why = f"{said}journal overwritten or database not writable"
                rows.lose(db, lost, why, once=bool(of))

        self.commit(insert)

    def lost(self, entries: int | None, why: str) -> None:
        """Record that some entries never became rows, once; None: nobody knows how many."""
        self.commit(lambda db: self.rows.lose(db, entries, why, once=True))

    def open(self) -> None:
        """See that there is a database, before anything has to be written; RecordsError if not."""
        if self._db is None or self._file != _identity(self.path):
            self.commit(lambda _: None)

    def commit(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Make a change wholly or not at all; a damaged database is set aside on the way."""
        try:
            self._attempt(change)
        except RecordsDamaged as error:
            self._set_aside(error)
            self._attempt(change)

    def check(self, run: str) -> bool:
        """Read the rows of a run as others will; a database that cannot be read is set aside.

        What SQLite has in its cache looks whole, whatever became of the file beneath. False:
        it cannot be read, and not even be set aside.
        """
        self._let_go()
        try:
            with contextlib.closing(_open(self.path, self._connect)) as db:
                end_s = time.monotonic() + CHECK_S
                db.set_progress_handler(lambda: time.monotonic() > end_s, CHECK_OPS)
                for table in ("part", "view", "rule"):
                    db.execute(f"SELECT COUNT(*) FROM {table} WHERE run=?", (run,)).fetchall()  # noqa: S608
        except sqlite3.Error as error:
            found = _refusal(self.path, error)
            if isinstance(found, RecordsDamaged):
                return self._tried(found)
        return True

    def _tried(self, damage: RecordsDamaged) -> bool:
        try:
            self._set_aside(damage)
        except RecordsError:
            return False
        return True

    def _attempt(self, change: Callable[[sqlite3.Connection], None]) -> None:
        try:
            db = self._opened()
            db.execute("BEGIN IMMEDIATE")
            try:
                for why in self._untold:
                    self.rows.lose(db, None, why, once=True)
                change(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except (OSError, sqlite3.Error) as error:
            raise _refusal(self.path, error) from error
        self._untold.clear()

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("it is closed")
        if self._db is not None and self._file != _identity(self.path):
            log.warning("records database %s was moved away: a new one is begun", self.path)
            with contextlib.suppress(sqlite3.Error):  # its log has the old name, and is lost there
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._let_go()
        if self._db is None:
            self._check_place()
            self._db = _open(self.path, self._connect)
            self._file = _identity(self.path)
        return self._db

    def _check_place(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                raise IsADirectoryError("a folder is there")
        except OSError as error:
            raise _refusal(self.path, error) from error

    def _set_aside(self, damage: RecordsDamaged) -> None:
        """Keep what is damaged under another name, log and all, and begin anew."""
        now_s = time.monotonic()
        if now_s - self._aside_s < ASIDE_EVERY_S:
            raise damage
        self._aside_s = now_s
        self._let_go()
        aside = free_name(self.path)
        try:
            for end in _BESIDE:
                old = self.path.with_name(self.path.name + end)
                if old.exists():
                    move(old, aside.with_name(aside.name + end))
        except OSError as error:
            raise _refusal(self.path, error) from error
        why = f"the database before is damaged; it lies in {aside.name}, with its rows"
        self._untold.append(why)
        self.asides += 1
        log.error(
            "%s; set aside as %s, a new one is begun; `sqlite3 %s .recover` reads what is left",
            damage, aside, aside,
        )  # fmt: skip

    def _let_go(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def close(self) -> None:
        """Checkpoint and close; idempotent."""
        self._closed = True
        self._let_go()


def _open(path: Path, connect: Callable[..., sqlite3.Connection]) -> sqlite3.Connection:
    db = connect(path, isolation_level=None, timeout=BUSY_S)
    try:
        db.execute("PRAGMA synchronous=FULL")  # whatever the default, and before the first write
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        db.executescript(SCHEMA)
        if "recipe" not in {row[1] for row in db.execute("PRAGMA table_info(part)")}:
            db.execute("ALTER TABLE part ADD COLUMN recipe INTEGER")  # made before there were any
        with contextlib.suppress(OSError):  # not every file system can
            settle(path.parent)  # or the journal of its making could come back and undo it
    except sqlite3.Error:
        db.close()
        raise
    return db


def _refusal(path: Path, error: OSError | sqlite3.Error) -> RecordsError:
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


def free_name(path: Path) -> Path:
    """Where something damaged can be kept."""
    names = (path.with_name(f"{path.name}.damaged-{k}") for k in itertools.count(1))
    return next(name for name in names if not name.exists())
