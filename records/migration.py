"""Migration 1: a file from before schemas had numbers becomes files of today, one a month.

Done by the records process between two polls, a slice of MIGRATE_S each, after what the line has
brought. How far it came stands in the new files, in the transaction that wrote those rows: broken
off anywhere, it goes on there. The old file is not changed; once all of it is taken over it gets
another name (`records.sqlite.migrated-1`). Until then its rest is read where it is.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import RecordsDamaged, RecordsError
from gonogo.base.log.logger import get_logger
from gonogo.base.words import NS_PER_MS, RuleResult, Status
from gonogo.records import schema
from gonogo.records.aside import free_name, move_whole
from gonogo.records.codes import code_of, packed, rule_set_of
from gonogo.records.database import refusal
from gonogo.records.labels import Clock, Labels
from gonogo.records.reading import is_old, read_only
from gonogo.records.rows import Rows
from gonogo.records.volumes import month_of, volumes

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.store import Store

    Row = dict[str, Any]

log = get_logger(__name__)

MIGRATE_S = 0.2  # of each flush: the line's entries wait no longer than that
PATIENCE_S = 10.0  # after a refusal of either file
BATCH = 200  # parts in a transaction
CODES = {(kind, word): code for kind, code, word in schema.words()}
_NAMED = {  # columns of words, and their kind
    "verdict": "verdict", "reason": "reason", "mode": "mode", "rules_alone": "verdict",
    "engine_alone": "verdict", "overrun": "overrun", "delivered_as": "verdict",
    "delivered_reason": "reason", "master_part": "master_part", "master_answer": "master_answer",
}  # fmt: skip
_TIMES = {  # columns of today, and those of then
    "frame": "frame_ns", "rules_done": "rules_ns", "engine_done": "engine_ns",
    "decided": "decided_ns", "reported": "reported_ns", "deadline": "deadline_ns",
    "published": "published_ns", "acked": "acked_ns",
}  # fmt: skip
_PLAIN = ("part_id", "score", "recipe", "trigger_ns", "sequence", "delivered")


class Migration:
    """Of the file at the store's path; nothing is to be done where there is none of that kind."""

    def __init__(self, store: Store, clock_s: Callable[[], float]) -> None:
        self._store = store
        self._clock_s = clock_s
        self._path = store.path
        self._after: tuple[str, int] | None = None
        self._begun = False
        self._not_before_s = clock_s()
        self.done = not self._path.is_file()

    def step(self, within_s: float = MIGRATE_S) -> None:
        """Take over as many parts as there is time for, and no less than a batch."""
        if self.done or self._clock_s() < self._not_before_s:
            return
        try:
            self._step(self._clock_s() + within_s)
        except RecordsDamaged as damage:
            with contextlib.suppress(RecordsError):  # another one was set aside this minute
                self._store.writer.set_aside(self._path, damage)
                self.done = True
        except RecordsError as error:
            log.debug("migration_waits", text="%(error)s", error=error)
            self._not_before_s = self._clock_s() + PATIENCE_S

    def _step(self, end_s: float) -> None:
        try:
            with read_only(self._path) as old:
                old.row_factory = sqlite3.Row
                self.done = not is_old(old)
                while not self.done:
                    self._batch(old)
                    if self._clock_s() > end_s:
                        return
        except (OSError, sqlite3.Error) as error:
            raise refusal(self._path, error) from error

    def _batch(self, old: sqlite3.Connection) -> None:
        if not self._begun:
            self._after, self._begun = self._reached(), True
            log.info(
                "migration_begins",
                text="%(path)s: its rows are taken over into files of a month",
                path=self._path,
            )
        after = self._after or ("", -1)
        query = "SELECT * FROM part WHERE (run, serial) > (?, ?) ORDER BY run, serial LIMIT ?"
        rows: list[Row] = [dict(row) for row in old.execute(query, (*after, BATCH))]
        if not rows:
            self._finish(old)
            return
        # of one run and one month: what stands in a file says how far all of them are
        first = rows[0]
        where = _file_of(first, self._store)
        same = list(takewhile(lambda row: _file_of(row, self._store) == where, rows))
        parts = [_Old(row, *_belongings(old, row)) for row in same]
        run, serial = same[-1]["run"], same[-1]["serial"]
        number_of = self._store.number_of
        writer = Rows(Labels((), (), ()), run, Clock.now, number_of)

        def insert(db: sqlite3.Connection) -> None:
            for part in parts:
                _insert_apart(db, writer, part)
            reached = (self._path.name, run, serial)
            db.execute("INSERT OR REPLACE INTO migrated VALUES (?,?,?)", reached)

        self._store.commit(insert, self._store.writer.shelf.current(where[1]), writer)
        self._after = run, serial

    def _reached(self) -> tuple[str, int] | None:
        found = []
        query = "SELECT run, serial FROM migrated WHERE source=?"
        for each in volumes(self._path):
            with contextlib.suppress(OSError, sqlite3.Error), read_only(each.path) as db:
                found += db.execute(query, (self._path.name,)).fetchall()
        return max(found, default=None)

    def _finish(self, old: sqlite3.Connection) -> None:
        """All parts are there: the losses, and its new name."""
        for row in old.execute("SELECT run, wall, entries, why FROM loss").fetchall():
            self._lose(*row)
        kept = free_name(self._path, "migrated")
        move_whole(self._path, kept, self._store.means.files)
        self.done = True
        log.warning(
            "migration_done",
            text=(
                "%(path)s: all its rows are in files of a month; it is kept as %(kept)s and may be "
                "removed"
            ),
            path=self._path,
            kept=kept.name,
        )

    def _lose(self, run: str, wall: str, entries: int | None, why: str) -> None:
        try:
            at_ms = _wall_ms(wall)
        except (ValueError, TypeError):
            at_ms = self._store.rows.wall_ms()
        clock = Clock(at_ms * NS_PER_MS, 0)
        rows = Rows(Labels((), (), ()), run, lambda: clock, self._store.number_of)
        into = self._store.writer.shelf.current(month_of(at_ms))
        told = f"{why} (told in {self._path.name})"  # told once, though this is broken off
        self._store.commit(lambda db: rows.lose(db, entries, told, once=True), into, rows)


class _Old:
    """A part with what belongs to it."""

    def __init__(self, row: Row, rules: list[Row], views: list[Row], shadows: list[Row]) -> None:
        self.row, self.rules, self.views, self.shadows = row, rules, views, shadows


def _belongings(old: sqlite3.Connection, row: Row) -> tuple[list[Row], ...]:
    identity = (row["run"], row["serial"])
    found: list[list[Row]] = []
    for table, last in (("rule", "rule"), ("view", "view"), ("shadow", "view")):
        there = old.execute("SELECT 1 FROM sqlite_master WHERE name=?", (table,)).fetchone()
        query = f"SELECT * FROM {table} WHERE run=? AND serial=? ORDER BY {last}"  # noqa: S608
        found.append([dict(each) for each in old.execute(query, identity)] if there else [])
    return tuple(found)


def _file_of(row: Row, store: Store) -> tuple[str, str]:
    """Run and month; of a time that cannot be read this one, where that is told."""
    try:
        return row["run"], month_of(_wall_ms(row["wall"]))
    except (ValueError, TypeError, OverflowError):
        return row["run"], store.volume.month


def _wall_ms(wall: str) -> int:
    return round(datetime.fromisoformat(wall).timestamp() * 1000)


def _insert_apart(db: sqlite3.Connection, writer: Rows, part: _Old) -> None:
    """One that cannot be read costs no other, and is told."""
    db.execute("SAVEPOINT part")
    try:
        _insert(db, writer, part)
    except (ValueError, LookupError, TypeError, OverflowError, sqlite3.IntegrityError) as error:
        db.execute("ROLLBACK TO part")
        why = f"serial {part.row['serial']} of a former file cannot be taken over: {error!r}"
        writer.lose(db, 1, why, once=True)
    db.execute("RELEASE part")


def _insert(db: sqlite3.Connection, writer: Rows, part: _Old) -> None:
    row, at = part.row, writer.ids.of(db, part.row["serial"])
    values: Row = {name: row.get(name) for name in _PLAIN}
    values |= {"id": at, "wall_ms": _wall_ms(row["wall"])}
    values |= {name: _code(kind, row.get(name)) for name, kind in _NAMED.items()}
    start_ns = row["trigger_ns"]
    values |= {name: row[then] - start_ns if row[then] else None for name, then in _TIMES.items()}
    if part.rules:
        checks = [_check(each) for each in part.rules]
        names, units = ([each[key] for each in part.rules] for key in ("rule", "unit"))
        values |= {"rule_set": rule_set_of(db, names, units, checks), "rules": packed(checks)}
    columns, marks = ", ".join(values), ",".join("?" * len(values))
    query = f"INSERT INTO parts ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    if db.execute(query, tuple(values.values())).rowcount:
        _insert_views(db, at << schema.VIEW_BITS, part)


def _insert_views(db: sqlite3.Connection, at: int, part: _Old) -> None:
    start_ns = part.row["trigger_ns"]
    names = [each["view"] for each in part.views]
    for k, each in enumerate(part.views):
        row = (
            at | k, code_of(db, "view_names", each["view"]),
            each["frame_ns"] - start_ns if each["frame_ns"] else None,
            _code("reason", each["fault"]), *_scored(db, each, start_ns),
        )  # fmt: skip
        db.execute("INSERT INTO views VALUES (?,?,?,?,?,?,?,?,?)", row)
    for each in part.shadows:
        said = (_code("verdict", each["verdict"]), _code("reason", each["reason"]))
        row = (
            at | names.index(each["view"]), code_of(db, "view_names", each["view"]), *said,
            _code("verdict", each["engine_alone"]), each["score_word"], *_scored(db, each, 0),
        )  # fmt: skip
        db.execute("INSERT INTO shadows VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)


def _scored(db: sqlite3.Connection, row: Row, start_ns: int) -> tuple[Any, ...]:
    """Score, fault, start, done and engine; nothing of them where no score came."""
    if row["start_ns"] is None:
        return (None,) * 5
    times = row["start_ns"] - start_ns, row["done_ns"] - row["start_ns"]
    fault = _code("reason", row["score_fault"])
    return row["score"], fault, *times, code_of(db, "engines", row["engine_id"])


def _check(row: Row) -> RuleResult:
    value, low, high = (math.nan if row[key] is None else row[key] for key in
                        ("value", "low", "high"))  # fmt: skip
    return RuleResult(Status(CODES["status", row["status"]]), value, low, high)


def _code(kind: str, word: str | None) -> int | None:
    """KeyError for a word of another program."""
    return None if word is None else CODES[kind, word]
