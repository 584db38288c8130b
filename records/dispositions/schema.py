"""The tables of the file of dispositions: rows that are only ever appended.

Triggers refuse every change of a row that is there, by whatever program. They do not stop somebody
who drops them: that each row was written is in the audit trail as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.plain_text import LONGEST
from gonogo.base.words import Reason, VerdictKind
from gonogo.records.dispositions.words import Origin, Word

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

VERSION = 1  # PRAGMA user_version

_TABLES = f"""
CREATE TABLE words (kind TEXT NOT NULL, code INTEGER NOT NULL, word TEXT NOT NULL,
  PRIMARY KEY (kind, code)) STRICT, WITHOUT ROWID;
CREATE TABLE dispositions (
  number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE,
  run TEXT NOT NULL, serial INTEGER NOT NULL, word INTEGER NOT NULL CHECK (word BETWEEN 1 AND 4),
  code TEXT NOT NULL, means TEXT, note TEXT NOT NULL CHECK (length(note) <= {LONGEST}),
  who TEXT NOT NULL, origin INTEGER NOT NULL, decides INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL, part_id INTEGER NOT NULL, part_wall_ms INTEGER NOT NULL,
  verdict INTEGER NOT NULL, reason INTEGER NOT NULL, score INTEGER, engine TEXT NOT NULL,
  recipe INTEGER, lot TEXT, seen INTEGER NOT NULL) STRICT;
CREATE INDEX dispositions_by_part ON dispositions (run, serial, number);
CREATE INDEX dispositions_by_time ON dispositions (wall_ms);
"""
# INSERT OR REPLACE removes the row that it replaces, and asks no trigger for DELETE: hence `append`
_TRIGGERS = """
CREATE TRIGGER append BEFORE INSERT ON dispositions
  WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM dispositions)
    OR EXISTS (SELECT 1 FROM dispositions WHERE request_id = NEW.request_id)
  BEGIN SELECT RAISE(ABORT, 'dispositions are only appended, each with the next number'); END;
CREATE TRIGGER no_update BEFORE UPDATE ON dispositions
  BEGIN SELECT RAISE(ABORT, 'dispositions are never changed'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON dispositions
  BEGIN SELECT RAISE(ABORT, 'dispositions are never removed'); END;
"""
_VIEW = """
CREATE VIEW disposition AS SELECT
  number, run, serial, part_id, {said} AS said, who, {word} AS word, code, means, note,
  {origin} AS origin, decides, {passed} AS passed, {verdict} AS verdict, {reason} AS reason, score,
  engine, recipe, lot FROM dispositions
"""


def make(db: sqlite3.Connection) -> None:
    """All of an empty file; whoever calls has begun a transaction."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for trigger in _TRIGGERS.split("END;\n"):
        if trigger.strip():
            db.execute(f"{trigger} END")
    db.execute(_VIEW.format(**_expressions()))
    db.executemany("INSERT INTO words VALUES (?,?,?)", _words())
    db.execute(f"PRAGMA user_version={VERSION}")


def _words() -> Iterator[tuple[str, int, str]]:
    """Kind, code and word of each, for programs of others."""
    kinds = (("word", Word), ("origin", Origin), ("verdict", VerdictKind), ("reason", Reason))
    for kind, enum in kinds:
        yield from ((kind, each.value, each.name) for each in enum)


def _expressions() -> dict[str, str]:
    found = {
        kind: f"(SELECT w.word FROM words AS w WHERE w.kind = '{kind}' AND w.code = {kind})"  # noqa: S608
        for kind in ("origin", "verdict", "reason")
    }
    # the column has the name of one of the table of words
    found["word"] = (
        "(SELECT w.word FROM words AS w WHERE w.kind = 'word' AND w.code = dispositions.word)"
    )
    for name, column in (("said", "wall_ms"), ("passed", "part_wall_ms")):
        seconds = f"strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000, 'unixepoch')"
        found[name] = f"{seconds} || printf('.%03d+00:00', {column} % 1000)"
    return found
