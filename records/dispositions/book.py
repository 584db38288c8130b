"""The dispositions of a station: one file, rows that are appended and never changed.

Opened by who asks, or acts for a person; the line does not know that it exists.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import DispositionRefused, DispositionsError, DispositionUnfit
from gonogo.records.dispositions.fit import check, typed, written
from gonogo.records.dispositions.reading import open_to_read, open_to_write, refusal
from gonogo.records.dispositions.said import (
    COLUMNS,
    Disposition,
    KnownPart,
    Request,
    made,
    row_of,
    said_of,
)
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from gonogo.records.dispositions.reading import Connect
    from gonogo.records.dispositions.words import Means, PartKey

__all__ = ["Book", "Disposition", "KnownPart", "Request"]

PAGE = 2000  # rows that are read at a time; between two times nothing is held
_SELECT = f"SELECT {COLUMNS} FROM dispositions"  # noqa: S608 - our own words


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Book:
    """Of one file; made by `open` or `read`. One thread."""

    def __init__(
        self,
        path: Path,
        db: sqlite3.Connection | None,
        codes: Mapping[str, Means],
        supervisors: Collection[str],
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self.path = path
        self._db, self._codes, self._supervisors, self._now_ms = db, codes, supervisors, now_ms

    @classmethod
    def open(
        cls,
        path: Path,
        codes: Mapping[str, Means],
        supervisors: Collection[str] = (),
        now_ms: Callable[[], int] = _now_ms,
        connect: Connect = sqlite3.connect,
    ) -> Book:
        """For writing; the file is made. DispositionsError where it cannot be used."""
        return cls(path, open_to_write(path, connect), codes, supervisors, now_ms)

    @classmethod
    def read(cls, path: Path) -> Book:
        """For reading; a file that is not there reads as empty. DispositionsError."""
        return cls(path, open_to_read(path), {}, ())

    def add(self, request: Request, known: KnownPart) -> Disposition:
        """Write it down, once; it is on the disk when this returns.

        DispositionRefused: another one came since the one that was seen, or another request had
        that id. DispositionUnfit says what would fit. DispositionsHeld: full, read-only or held.
        """
        asked = written(request)
        db = self._connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                said = self._added(db, asked, known)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has rolled it back by itself
                    db.execute("ROLLBACK")
                raise
        except (OSError, sqlite3.Error) as error:
            raise refusal(self.path, error) from error
        return said

    def of(self, part: PartKey) -> list[Disposition]:
        """All of one part, by number."""
        return self._ask(f"{_SELECT} WHERE run=? AND serial=? ORDER BY number", [*part])

    def all(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> Iterator[Disposition]:
        """All that were said in a time (UTC ms, the second excluded), by number."""
        query = f"{_SELECT} WHERE number>? AND wall_ms>=? AND wall_ms<? ORDER BY number LIMIT ?"
        last = 0
        while True:
            until = 1 << 62 if until_ms is None else until_ms
            some = self._ask(query, [last, since_ms or 0, until, PAGE])
            yield from some
            if len(some) < PAGE:
                return
            last = some[-1].number

    def close(self) -> None:
        """Let go of the file; idempotent, and it reads as empty then."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise DispositionsError(f"dispositions {self.path}: closed, or opened to be read alone")
        return self._db

    def _added(self, db: sqlite3.Connection, asked: Request, known: KnownPart) -> Disposition:
        earlier = self._ask(f"{_SELECT} WHERE request_id=?", [asked.request_id])
        if earlier:
            return _again(asked, earlier[0])
        _check_seen(asked, self.of(asked.part))
        check(asked, known, self._codes, self._supervisors)
        (newest,) = db.execute("SELECT coalesce(max(number), 0) FROM dispositions").fetchone()
        said = made(asked, known, self._codes, newest + 1, self._now_ms())
        marks = ",".join("?" * (COLUMNS.count(",") + 1))
        db.execute(f"INSERT INTO dispositions ({COLUMNS}) VALUES ({marks})", row_of(said))  # noqa: S608
        return said

    def _ask(self, query: str, values: Sequence[Any]) -> list[Disposition]:
        if self._db is None:
            return []
        try:
            return [said_of(row) for row in self._db.execute(query, values).fetchall()]
        except (OSError, sqlite3.Error) as error:
            raise refusal(self.path, error) from error
        except ValueError as error:  # a code that no gonogo of this version writes
            raise DispositionsError(
                f"dispositions {self.path}: {error}; expected rows of this gonogo"
            ) from error


def _again(asked: Request, earlier: Disposition) -> Disposition:
    """The same one was sent twice: it counts once."""
    if asked != earlier.request:
        raise DispositionRefused(
            f"request {asked.request_id} was written down already, and said something else: "
            f"{in_words(earlier)}; expected an id of its own for each request"
        )
    return earlier


def _check_seen(asked: Request, there: Sequence[Disposition]) -> None:
    numbers = [each.number for each in there]
    if asked.seen and asked.seen not in numbers:
        raise DispositionUnfit(
            f"number {asked.seen} is none of that part: expected "
            f"{', '.join(map(str, numbers)) or 'none, for nothing was said of it yet'}"
        )
    if there and asked.seen != numbers[-1]:
        raise DispositionRefused(
            f"part {there[-1].part_id}: {in_words(there[-1])}; that was not seen: look at it, then "
            f"say it again with {numbers[-1]} as the number that was seen: both will stand"
        )


def in_words(said: Disposition) -> str:
    """Who said what, and when."""
    code = f" ({said.code})" if said.code else ""
    return f"{said.who} said {typed(said.word)}{code} at {utc(said.wall_ms)}, number {said.number}"
