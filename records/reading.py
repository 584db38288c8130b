"""A records file opened as a reader opens it: it is never made, never changed, never waited for."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# of a file from before there were numbers; from one run to the next by the key: without that all
# of its rows would be looked at
_OLD_RUNS = """
WITH RECURSIVE found (name) AS (
  SELECT min(run) FROM part UNION ALL
  SELECT (SELECT min(run) FROM part WHERE run > name) FROM found WHERE name IS NOT NULL)
SELECT name, row_number() OVER (ORDER BY name) FROM found WHERE name IS NOT NULL
"""


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write; OSError, sqlite3.Error."""
    # mode=ro: sqlite would make a file that is not there; quote: a ? in a path would begin
    # parameters
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as db:
        yield db


def version_of(db: sqlite3.Connection) -> int:
    """The number of its schema; 0 of one from before there were numbers, or of other programs."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def known_version(db: sqlite3.Connection) -> int | None:
    """The number of its schema, 0 of an empty one; None of one of another program."""
    # tables first: a process that makes the file meanwhile brings them and the number at once
    filled = db.execute("SELECT 1 FROM sqlite_master").fetchone()
    version = version_of(db)
    return version if version or not filled else None


def cut_off(path: Path, db: sqlite3.Connection) -> bool:
    """SQLite takes zeros for what is missing of the last page, and notices it much later."""
    (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
    log_file = path.with_name(f"{path.name}-wal")
    in_log = log_file.exists() and log_file.stat().st_size  # that may hold the page whole
    return not in_log and path.stat().st_size % page_bytes != 0


def is_old(db: sqlite3.Connection) -> bool:
    """Whether a gonogo from before there were numbers wrote it."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    return not version_of(db) and {"part", "view", "loss"} <= tables


def runs_of(db: sqlite3.Connection) -> dict[str, int]:
    """Numbers of the runs in a file, by name; sqlite3.Error where it is none of ours."""
    query = _OLD_RUNS if is_old(db) else "SELECT name, id FROM runs"
    return dict(db.execute(query).fetchall())
