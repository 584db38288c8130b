"""The files that are asked: opened one after the other, each for one question, none held."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gonogo.base.errors import RecordsUnreadable
from gonogo.records.questions.old_file import read_as_new
from gonogo.records.reading import is_old, read_only, version_of
from gonogo.records.schema import VERSION
from gonogo.records.volumes import volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Answer = TypeVar("Answer")


class File(NamedTuple):
    """One that is open for reading; its words by kind and code, its runs by number."""

    path: Path
    db: sqlite3.Connection
    words: dict[tuple[str, int], str]
    runs: dict[int, str]
    old: bool

    def word(self, kind: str, code: int | None) -> str:
        """What a code says in this file; '' of none."""
        return "" if code is None else self.words.get((kind, code), str(code))


class Files:
    """All files of a station's records. `notes`: which could not be read, and why.

    `path` is that of the station file, or any one file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: dict[Path, str] = {}

    @property
    def paths(self) -> list[Path]:
        """Newest first; the last may be one from before there was one a month."""
        found = [each.path for each in reversed(volumes(self.path))]
        return found + ([self.path] if self.path.is_file() else [])

    def ask(self, question: Callable[[File], Answer]) -> list[Answer]:
        """The answer of each; RecordsUnreadable where none can be read."""
        paths, answers = self.paths, []
        self.notes.clear()
        for path in paths:
            with contextlib.suppress(_Unread):
                answers.append(self.ask_one(path, question))
        if not answers:
            why = "; ".join(self.notes.values()) or "no such file, nor one of a month beside it"
            raise RecordsUnreadable(f"{self.path}: {why}; expected the `path` of [records]")
        return answers

    def ask_one(self, path: Path, question: Callable[[File], Answer]) -> Answer:
        """The same of one of them; RecordsUnreadable, which is noted."""
        try:
            with opened(path, self._migrated() if path == self.path else None) as file:
                return question(file)
        except RecordsUnreadable as error:
            self.notes[path] = str(error.args[0])
            raise _Unread(error.args[0]) from error

    def _migrated(self) -> tuple[str, int] | None:
        """How far the old file has been taken over: those rows are read where they are now."""
        found = []
        for each in volumes(self.path):
            with contextlib.suppress(OSError, sqlite3.Error), read_only(each.path) as db:
                query = "SELECT run, serial FROM migrated WHERE source=?"
                found += db.execute(query, (self.path.name,)).fetchall()
        return max(found, default=None)


class _Unread(RecordsUnreadable):
    """One file of several; it is noted."""


@contextmanager
def opened(path: Path, after: tuple[str, int] | None = None) -> Iterator[File]:
    """Read-only; RecordsUnreadable says what is there instead. `after` as in read_as_new."""
    try:
        with read_only(path) as db:
            old = is_old(db)
            _check(path, db, old=old)
            if old:
                read_as_new(db, after)
            _without_texts(db)
            words = {(kind, code): word for kind, code, word in db.execute(_WORDS)}
            runs = dict(db.execute("SELECT id, name FROM runs").fetchall())
            yield File(path, db, words, runs, old)
    except (OSError, sqlite3.Error) as error:
        raise RecordsUnreadable(
            f"{path.name}: expected a records database of gonogo that this user may read, got: "
            f"{error}; copy it with its -wal file, while no station writes to it"
        ) from error


def _without_texts(db: sqlite3.Connection) -> None:
    """A file from before rules read texts is asked as one in which none did."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name='texts'").fetchone():
        db.execute("CREATE TEMP TABLE texts (part INTEGER, position INTEGER, text TEXT)")


_WORDS = "SELECT kind, code, word FROM words"


def _check(path: Path, db: sqlite3.Connection, *, old: bool) -> None:
    version = version_of(db)
    if version > VERSION:
        raise RecordsUnreadable(
            f"{path.name}: of a newer gonogo (schema {version}, known up to {VERSION}): read it "
            "with that one"
        )
    if not version and not old:
        raise RecordsUnreadable(f"{path.name}: a database, but not one of gonogo's records")
