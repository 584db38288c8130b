"""The SQLite file of a station: opened when it can be, one change at a time, wholly or not at all.

It may be held by another program, moved away or damaged while it is open; each of these is a
RecordsError of its own. What is done about it is for the store (gonogo.records.store).
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.base.atomic_file import SYSTEM, Files, settle
from gonogo.base.errors import RecordsBusy, RecordsDamaged, RecordsError, RecordsNewer
from gonogo.base.log.logger import get_logger
from gonogo.records import schema
from gonogo.records.labels import Clock
from gonogo.records.reading import cut_off, known_version, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

log = get_logger(__name__)

CACHE_KB = 256  # rows are added and hardly read again: a small cache is soon full for good
BUSY_S = 0.1  # a wait within SQLite hears no order to stop: whoever writes tries again instead
CHECK_S = 1.0  # no longer than that at a stop; the rows of a day are read in less
WAL_KEPT_BYTES = 8 << 20  # of a log that has been written back: what it grew beyond is given back
CHECK_OPS = 10_000  # of SQLite's own machine, between two readings of the clock
# by its words: the error code of SQLite comes with Python 3.11 only
_HELD = ("database is locked", "database table is locked", "locking protocol")
_DAMAGED = ("malformed", "file is not a database")
_READ_ONLY, _FAULT = "readonly database", "disk I/O error"

Answer = TypeVar("Answer")


class Means(NamedTuple):
    """What a database is opened, timed and moved with; a test exchanges one of them."""

    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    clock_s: Callable[[], float] = time.monotonic
    files: Files = SYSTEM
    now: Callable[[], Clock] = Clock.now


MEANS = Means()


class Database:
    """One file, one connection, one thread."""

    def __init__(self, path: Path, means: Means = MEANS) -> None:
        self.path = path
        self._means = means
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # device and inode of what is open
        self._closed = False
        self._ailing = False  # the disk had a fault in the change before

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
            self._give_up_on(str(error))
            raise refusal(self.path, error) from error
        self._ailing = False

    def _give_up_on(self, said: str) -> None:
        """Close what would stay as it is, whatever becomes of the disk.

        Opened on a read-only file system, a connection is so for good; and one of a disk that
        failed may be of a file that nobody sees any more. Of a fault not at the first time: what
        that change had written is undone by the next one of the same connection alone.
        """
        fault = _FAULT in said
        if _READ_ONLY in said or (fault and self._ailing):
            self.let_go()
        self._ailing = fault

    def ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What it says, without a change; RecordsError."""
        try:
            return question(self._opened())
        except (OSError, sqlite3.Error) as error:
            raise refusal(self.path, error) from error

    @property
    def wal_bytes(self) -> int:
        """Size of its log, 0 without one."""
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        except OSError:
            return 0

    def write_back(self) -> bool:
        """Bring the log into the file and empty it; False while somebody reads an older state."""
        (busy,) = self.ask(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[:1])
        return not busy

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
            with contextlib.suppress(sqlite3.Error):  # its log cannot be written back: it stays
                db.close()

    def close(self) -> None:
        """Checkpoint and close, for good; idempotent."""
        self._closed = True
        self.let_go()


def _open(path: Path, means: Means) -> sqlite3.Connection:
    # isolation_level=None: Python begins no transaction of its own, BEGIN and COMMIT are ours
    db = means.connect(path, isolation_level=None, timeout=BUSY_S)
    try:
        version = _known_version(path, db)  # before anything is changed in what may not be ours
        db.execute("PRAGMA synchronous=FULL")  # whatever the default, and before the first write
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        _make_or_teach(db, version)
        with contextlib.suppress(OSError):  # not every file system can
            settle(
                path.parent, means.files
            )  # or the journal of its making could come back and undo it
    except (RecordsError, sqlite3.Error):
        db.close()
        raise
    return db


def _known_version(path: Path, db: sqlite3.Connection) -> int:
    """The number of its schema, 0 of an empty one; what is not ours is refused."""
    if cut_off(path, db):
        raise RecordsDamaged(
            f"records database {path}: its end is cut off: {path.stat().st_size} bytes, expected "
            "whole pages"
        )
    version = known_version(db)
    if version is None:
        raise RecordsError(
            f"records database {path}: a database of another program; expected a writable place "
            "and either no file or a database of gonogo there: move the file away"
        )
    if version > schema.VERSION:
        raise RecordsNewer(
            f"records database {path}: expected a schema up to {schema.VERSION}, got {version}; a "
            "newer gonogo wrote it: it is left as it is; read it with that one"
        )
    return version


def _make_or_teach(db: sqlite3.Connection, version: int) -> None:
    """The tables of an empty file; tables and words that came since of one that is there."""
    if version == schema.VERSION:
        there = set(db.execute("SELECT kind, code FROM words"))
        if all(word[:2] in there for word in schema.words()):
            return  # a reader of a full disk: nothing is written where nothing is missing
    db.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(db)  # another process may have brought it up before us
        if not version:
            schema.make(db)
        elif version < schema.VERSION:
            schema.raise_to_2(db)
        schema.teach_words(db)
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


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
