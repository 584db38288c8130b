"""One SQLite row a part: what was decided, on what grounds, how fast, and what the PLC said.

WAL with synchronous=FULL: a power cut loses no committed row. Table `part` holds the
verdict, `view` one row a view of it, `rule` one row a rule; `delivery` what became of the
verdict at the PLC; `shadow` one row a view that an engine in shadow judged, with what the
verdict of the whole part would have been. Times are CLOCK_MONOTONIC ns; `wall` is UTC, for
people.
"""

from __future__ import annotations

import math
import sqlite3
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from gonogo.runtime.budget import overrun
from gonogo.runtime.entries import DeliveryEntry, ShadowEntry
from gonogo.runtime.errors import RecordsError
from gonogo.runtime.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.runtime.entries import AnyEntry, VerdictEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS part (
  run TEXT, serial INTEGER, part_id INTEGER, wall TEXT,
  verdict TEXT, reason TEXT, mode TEXT, score INTEGER, rules_alone TEXT, engine_alone TEXT,
  trigger_ns INTEGER, frame_ns INTEGER, rules_ns INTEGER, engine_ns INTEGER,
  decided_ns INTEGER, reported_ns INTEGER, deadline_ns INTEGER, overrun TEXT,
  sequence INTEGER, published_ns INTEGER, acked_ns INTEGER, delivered INTEGER,
  delivered_as TEXT, delivered_reason TEXT, recipe INTEGER,
  PRIMARY KEY (run, serial)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view (
  run TEXT, serial INTEGER, view TEXT, frame_ns INTEGER, fault TEXT,
  score REAL, score_fault TEXT, start_ns INTEGER, done_ns INTEGER, engine_id TEXT,
  PRIMARY KEY (run, serial, view)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (
  run TEXT, serial INTEGER, rule TEXT, status TEXT, value REAL, low REAL, high REAL, unit TEXT,
  PRIMARY KEY (run, serial, rule)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shadow (
  run TEXT, serial INTEGER, view TEXT, verdict TEXT, reason TEXT, engine_alone TEXT,
  score_word INTEGER, score REAL, score_fault TEXT, start_ns INTEGER, done_ns INTEGER,
  engine_id TEXT,
  PRIMARY KEY (run, serial, view)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loss (run TEXT, wall TEXT, entries INTEGER, why TEXT);
"""


CACHE_KB = 256  # rows are added and hardly looked at again: a small cache is soon full for good


class RecordsSection(Section):
    """Where the rows go; one file a station."""

    path: Path
    poll_ms: Annotated[int, Field(ge=5, le=5000)] = 50


class Labels(NamedTuple):
    """What the numbers in the journal are called at this station.

    `recipes`: names and units of the rules in recipes other than the first.
    """

    views: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]
    recipes: Mapping[int, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType({})

    def rules_of(self, recipe: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names and units of the rules in a recipe."""
        return self.recipes.get(recipe, (self.rules, self.units))


class Store:
    """The database of one station, written by one process in whole batches."""

    def __init__(self, path: Path, labels: Labels, run: str) -> None:
        self._labels = labels
        self._run = run
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _open(path)
        except (OSError, sqlite3.Error) as error:
            raise RecordsError(
                f"records database {path}: {error}; expected a writable place and either no file "
                "or a database of gonogo there: free some space, or move the file away"
            ) from error

    def write(self, entries: Sequence[AnyEntry]) -> None:
        """Commit all entries or none; RecordsError says why not (a full disk, say)."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for entry in entries:
                    self._insert(entry)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise RecordsError(f"records database {self._path}: {error}") from error

    def lost(self, entries: int, why: str) -> None:
        """Record that some entries never became rows; RecordsError when not even that fits."""
        row = (self._run, _wall(time.monotonic_ns()), entries, why)
        try:
            self._db.execute("INSERT INTO loss VALUES (?,?,?,?)", row)
        except sqlite3.Error as error:
            raise RecordsError(f"records database {self._path}: {error}") from error

    def _insert(self, entry: AnyEntry) -> None:
        if isinstance(entry, DeliveryEntry):
            self._deliver(entry)
        elif isinstance(entry, ShadowEntry):
            self._shade(entry)
        else:
            self._judge(entry)

    def _judge(self, entry: VerdictEntry) -> None:
        part, stamps = entry.part, entry.stamps
        self._db.execute(
            "INSERT OR REPLACE INTO part (run, serial, part_id, wall, verdict, reason, mode, score,"
            " rules_alone, engine_alone, trigger_ns, frame_ns, rules_ns, engine_ns, decided_ns,"
            " reported_ns, deadline_ns, overrun, recipe)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                self._run, part.serial, part.part_id, _wall(part.trigger_ns),
                entry.kind.name, entry.reason.name, entry.mode.name, entry.score,
                entry.rules.name, entry.engine.name,
                part.trigger_ns, *stamps, part.deadline_ns, overrun(part, stamps), entry.recipe,
            ),
        )  # fmt: skip
        self._views(entry)
        self._rules(entry)

    def _views(self, entry: VerdictEntry) -> None:
        for look, score in zip(entry.looks, entry.scores, strict=True):
            engine: tuple[float | str | None, ...] = (None,) * 5
            if score is not None:
                engine = (
                    score.value if math.isfinite(score.value) else None,
                    score.fault.name, score.start_ns, score.done_ns, f"{score.engine_id:016x}",
                )  # fmt: skip
            view = self._labels.views[look.view]
            row = (self._run, entry.part.serial, view, look.frame_ns, look.fault.name, *engine)
            self._db.execute("INSERT OR REPLACE INTO view VALUES (?,?,?,?,?,?,?,?,?,?)", row)

    def _rules(self, entry: VerdictEntry) -> None:
        labels = zip(*self._labels.rules_of(entry.recipe), strict=True)
        for (rule, unit), check in zip(labels, entry.checks, strict=bool(entry.checks)):
            limits = (_finite(check.value), _finite(check.low), _finite(check.high))
            row = (self._run, entry.part.serial, rule, check.status.name, *limits, unit)
            self._db.execute("INSERT OR REPLACE INTO rule VALUES (?,?,?,?,?,?,?,?)", row)

    def _shade(self, entry: ShadowEntry) -> None:
        """One row a view that the other engine place scored; the verdict is of the whole part."""
        said = (entry.kind.name, entry.reason.name, entry.engine.name, entry.score)
        for view, score in zip(self._labels.views, entry.scores, strict=True):
            if score is not None:
                row = (
                    self._run, entry.serial, view, *said,
                    _finite(score.value), score.fault.name, score.start_ns, score.done_ns,
                    f"{score.engine_id:016x}",
                )  # fmt: skip
                self._db.execute(
                    "INSERT OR REPLACE INTO shadow VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row
                )

    def _deliver(self, entry: DeliveryEntry) -> None:
        self._db.execute(
            "UPDATE part SET sequence=?, published_ns=?, acked_ns=?, delivered=?, delivered_as=?,"
            " delivered_reason=? WHERE run=? AND serial=?",
            (
                entry.sequence, entry.published_ns, entry.acked_ns, entry.delivered,
                entry.kind.name, entry.reason.name, self._run, entry.serial,
            ),
        )  # fmt: skip

    def close(self) -> None:
        """Checkpoint and close; idempotent."""
        self._db.close()


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        db.executescript(SCHEMA)
        if "recipe" not in {row[1] for row in db.execute("PRAGMA table_info(part)")}:
            db.execute("ALTER TABLE part ADD COLUMN recipe INTEGER")  # made before there were any
    except sqlite3.Error:
        db.close()
        raise
    return db


def _finite(value: float) -> float | None:
    """SQLite keeps NULL where a limit or a value does not exist."""
    return value if math.isfinite(value) else None


def _wall(at_ns: int) -> str:
    """UTC of a monotonic time, by both clocks of this moment: rows may be written much later."""
    ago = timedelta(microseconds=(time.monotonic_ns() - at_ns) / 1000)
    return (datetime.now(timezone.utc) - ago).isoformat(timespec="milliseconds")
