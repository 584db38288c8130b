"""From journal entries to rows: one row a part, and what belongs to it.

Nothing is ever replaced. An entry that is read a second time (records was started anew)
finds its row and changes nothing; another part under the same number is kept out, and that
is told in `loss`.
"""

from __future__ import annotations

import math
import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING

from gonogo.base.words import MasterAnswer, MasterPart
from gonogo.ipc.journal_records import DeliveryEntry, ShadowEntry, UnfinishedEntry, decode, overrun
from gonogo.records.labels import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part
    from gonogo.ipc.journal_records import AnyEntry, Mastered, VerdictEntry
    from gonogo.records.labels import Labels

# read by people and by programs of others: columns are added, never renamed or removed, and a
# database of an earlier version is taken over (gonogo.records.database)
SCHEMA = """
CREATE TABLE IF NOT EXISTS part (
  run TEXT, serial INTEGER, part_id INTEGER, wall TEXT,
  verdict TEXT, reason TEXT, mode TEXT, score INTEGER, rules_alone TEXT, engine_alone TEXT,
  trigger_ns INTEGER, frame_ns INTEGER, rules_ns INTEGER, engine_ns INTEGER,
  decided_ns INTEGER, reported_ns INTEGER, deadline_ns INTEGER, overrun TEXT,
  sequence INTEGER, published_ns INTEGER, acked_ns INTEGER, delivered INTEGER,
  delivered_as TEXT, delivered_reason TEXT, recipe INTEGER,
  master_part TEXT, master_answer TEXT,
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
ADDED = (  # columns of `part` that a database of an earlier version lacks
    ("recipe", "INTEGER"),
    ("master_part", "TEXT"),
    ("master_answer", "TEXT"),
)
# of a damaged record only: what the database itself refuses must come through, or a full disk would
# count as nonsense
_NO_ENTRY = (  # what nonsense leads to
    ValueError, LookupError, TypeError, OverflowError, sqlite3.IntegrityError,
)  # fmt: skip
NOT_KNOWN, LINE_ENDED = "NOT_KNOWN", "LINE_ENDED"  # verdict and reason of an unfinished part


class Rows:
    """Writes the entries of one run; `clock` is that of the boot in which it was."""

    def __init__(self, labels: Labels, run: str, clock: Callable[[], Clock] = Clock.now) -> None:
        self._labels = labels
        self._run = run
        self._clock = clock

    def insert(self, db: sqlite3.Connection, entry: AnyEntry) -> None:
        """Write one entry; whoever calls has begun a transaction."""
        if isinstance(entry, DeliveryEntry):
            self._deliver(db, entry)
        elif isinstance(entry, ShadowEntry):
            self._shade(db, entry)
        elif isinstance(entry, UnfinishedEntry):
            self._unfinished(db, entry)
        else:
            self._judge(db, entry)

    def insert_raw(self, db: sqlite3.Connection, raw: bytes) -> bool:
        """Write one record of the journal; False, and nothing is written, where it is no entry."""
        # within the batch's transaction: one record that is none must not take 499 others with it
        db.execute("SAVEPOINT entry")
        try:
            self.insert(db, decode(raw))
        except _NO_ENTRY:
            db.execute("ROLLBACK TO entry")
            return False
        finally:
            if db.in_transaction:  # an error of the database may have ended it
                db.execute("RELEASE entry")
        return True

    def lose(
        self, db: sqlite3.Connection, entries: int | None, why: str, *, once: bool = False
    ) -> None:
        """Tell that entries never became rows; None: nobody knows how many. `once` for a reason."""
        # the moment of the loss is not known; this is when it was told
        now = self._clock()
        row = (self._run, now.wall(now.monotonic_ns), entries, why)
        # the words of `why` are the identity of a loss that is told once
        told = "SELECT 1 FROM loss WHERE run=? AND why=?"
        if not (once and db.execute(told, (self._run, why)).fetchone()):
            db.execute("INSERT INTO loss VALUES (?,?,?,?)", row)

    def _judge(self, db: sqlite3.Connection, entry: VerdictEntry) -> None:
        # in the order of the columns named below; `sequence` and what follows it come with the
        # delivery, which the PLC may acknowledge much later
        part, stamps = entry.part, entry.stamps
        done = db.execute(
            "INSERT INTO part (run, serial, part_id, wall, verdict, reason, mode, score,"
            " rules_alone, engine_alone, trigger_ns, frame_ns, rules_ns, engine_ns, decided_ns,"
            " reported_ns, deadline_ns, overrun, recipe, master_part, master_answer)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (
                self._run, part.serial, part.part_id, self._clock().wall(part.trigger_ns),
                entry.kind.name, entry.reason.name, entry.mode.name, entry.score,
                entry.rules.name, entry.engine.name,
                part.trigger_ns, *stamps, part.deadline_ns, overrun(part, stamps), entry.recipe,
                *_known(entry.master),
            ),
        )  # fmt: skip
        # else there is a row of that number, whose views and rules are not touched
        if done.rowcount:
            self._views(db, entry)
            self._rules(db, entry)
        else:
            self._met(db, part)

    def _unfinished(self, db: sqlite3.Connection, entry: UnfinishedEntry) -> None:
        part = entry.part
        done = db.execute(
            "INSERT INTO part (run, serial, part_id, wall, verdict, reason, trigger_ns,"
            " deadline_ns, recipe, master_part, master_answer)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (
                self._run, part.serial, part.part_id, self._clock().wall(part.trigger_ns),
                NOT_KNOWN, LINE_ENDED, part.trigger_ns, part.deadline_ns, entry.recipe,
                *_known(entry.master),
            ),
        )  # fmt: skip
        if not done.rowcount:
            self._met(db, part)

    def _met(self, db: sqlite3.Connection, part: Part) -> None:
        """There is a row of that number: of this very part, or else one of them is kept out."""
        # a serial names one part of a run: a second one under it must show, and cost no row
        (met,) = db.execute(
            "SELECT part_id, trigger_ns FROM part WHERE run=? AND serial=?",
            (self._run, part.serial),
        )
        if met != (part.part_id, part.trigger_ns):
            why = (
                f"serial {part.serial} is that of part id {met[0]}: "
                f"part id {part.part_id}, triggered at {part.trigger_ns} ns, has no row"
            )
            self.lose(db, 1, why, once=True)

    def _views(self, db: sqlite3.Connection, entry: VerdictEntry) -> None:
        for look, score in zip(entry.looks, entry.scores, strict=True):
            engine: tuple[float | str | None, ...] = (None,) * 5
            if score is not None:
                engine = (
                    score.value if math.isfinite(score.value) else None,
                    score.fault.name, score.start_ns, score.done_ns, f"{score.engine_id:016x}",
                )  # fmt: skip
            # a number beyond the station's views: LookupError, so the record is none (_NO_ENTRY)
            view = self._labels.views[look.view]
            row = (self._run, entry.part.serial, view, look.frame_ns, look.fault.name, *engine)
            db.execute("INSERT INTO view VALUES (?,?,?,?,?,?,?,?,?,?)", row)

    def _rules(self, db: sqlite3.Connection, entry: VerdictEntry) -> None:
        names, units = self._labels.rules_of(entry.recipe)
        # a part that no rule saw (a lost frame) has no checks at all; any other number of them is
        # another station file's
        labels = zip(distinct(names), units, strict=True)
        for (rule, unit), check in zip(labels, entry.checks, strict=bool(entry.checks)):
            limits = (_finite(check.value), _finite(check.low), _finite(check.high))
            row = (self._run, entry.part.serial, rule, check.status.name, *limits, unit)
            db.execute("INSERT INTO rule VALUES (?,?,?,?,?,?,?,?)", row)

    def _shade(self, db: sqlite3.Connection, entry: ShadowEntry) -> None:
        """One row a view that the other engine place scored; the verdict is of the whole part."""
        said = (entry.kind.name, entry.reason.name, entry.engine.name, entry.score)
        for view, score in zip(self._labels.views, entry.scores, strict=True):
            if score is not None:
                row = (
                    self._run, entry.serial, view, *said,
                    _finite(score.value), score.fault.name, score.start_ns, score.done_ns,
                    f"{score.engine_id:016x}",
                )  # fmt: skip
                db.execute(
                    "INSERT INTO shadow VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                    row,
                )

    def _deliver(self, db: sqlite3.Connection, entry: DeliveryEntry) -> None:
        db.execute(
            # part_id, too: of a part that was kept out the delivery must not complete the row of
            # another
            "UPDATE part SET sequence=?, published_ns=?, acked_ns=?, delivered=?, delivered_as=?,"
            " delivered_reason=? WHERE run=? AND serial=? AND part_id=?",
            (
                entry.sequence, entry.published_ns, entry.acked_ns, entry.delivered,
                entry.kind.name, entry.reason.name, self._run, entry.serial, entry.part_id,
            ),
        )  # fmt: skip


# asked for every part; a station has as many sets of names as recipes
@lru_cache(maxsize=64)
def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """A name of its own for each: a second `gap` is `gap (2)`."""
    given = [names[: k + 1].count(name) for k, name in enumerate(names)]
    return tuple(
        name if count == 1 else f"{name} ({count})"
        for name, count in zip(names, given, strict=True)
    )


def _known(master: Mastered) -> tuple[str | None, str | None]:
    """What was known of a part, and what came of that; NULL of every other part."""
    if master.part is MasterPart.NONE:
        return None, None
    # whose line ended before there was an answer
    answer = master.answer or MasterAnswer.VOID
    return master.part.name, answer.name


def _finite(value: float) -> float | None:
    """SQLite keeps NULL where a limit or a value does not exist."""
    return value if math.isfinite(value) else None
