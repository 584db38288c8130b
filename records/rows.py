"""From journal entries to rows: one row a part, and what belongs to it.

Nothing is ever replaced. An entry that is read a second time (records was started anew)
finds its row and changes nothing; another part under the same number is kept out, and that
is told in `loss`.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING

from gonogo.base.words import MasterAnswer, MasterPart
from gonogo.ipc.journal_records import DeliveryEntry, ShadowEntry, UnfinishedEntry, decode, overrun
from gonogo.records.codes import code_of, finite, packed, rule_set_of
from gonogo.records.ids import Ids, first
from gonogo.records.labels import Clock
from gonogo.records.lots import of_no_lot
from gonogo.records.schema import OVERRUNS, UNKNOWN_CODE, VIEW_BITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.words import Part, Score, ViewCapture
    from gonogo.ipc.journal_records import AnyEntry, Mastered, VerdictEntry
    from gonogo.records.labels import Labels

    LotOf = Callable[[str, int, int], str | None]

# of a damaged record only: what the database itself refuses must come through, or a full disk would
# count as nonsense
_NO_ENTRY = (  # what nonsense leads to
    ValueError, LookupError, TypeError, OverflowError, sqlite3.IntegrityError,
)  # fmt: skip


class Rows:
    """Writes the entries of one run; `clock` is that of the boot in which it was.

    `number_of` gives the number of a run that a file does not know yet: the same in all files.
    `lot_of` says which lot a part is of, by its run, its trigger (ns) and the wall clock (UTC ms).
    """

    def __init__(
        self,
        labels: Labels,
        run: str,
        clock: Callable[[], Clock] = Clock.now,
        number_of: Callable[[str], int] = first,
        lot_of: LotOf = of_no_lot,
    ) -> None:
        self.run = run
        self._labels = labels
        self._clock = clock
        self._lot_of = lot_of
        self.ids = Ids(run, number_of)

    def wall_ms(self, entry: AnyEntry | None = None) -> int:
        """UTC of the trigger, by the clock as it stands now; of this moment where there is none."""
        now = self._clock()
        judged = None if isinstance(entry, DeliveryEntry | ShadowEntry) else entry
        return now.wall_ms(now.monotonic_ns if judged is None else judged.part.trigger_ns)

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

    def insert_apart(self, db: sqlite3.Connection, entry: AnyEntry) -> bool:
        """Write one entry; False, and nothing is written, where it is nonsense."""
        # within the batch's transaction: one record that is none must not take 499 others with it
        db.execute("SAVEPOINT entry")
        try:
            self.insert(db, entry)
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
        run = self.ids.run(db)
        # the words of `why` are the identity of a loss that is told once
        told = "SELECT 1 FROM losses WHERE run=? AND why=?"
        if not (once and db.execute(told, (run, why)).fetchone()):
            row = (run, self.wall_ms(), entries, why)
            db.execute("INSERT INTO losses (run, wall_ms, entries, why) VALUES (?,?,?,?)", row)

    def _judge(self, db: sqlite3.Connection, entry: VerdictEntry) -> None:
        part, at = entry.part, self.ids.of(db, entry.part.serial)
        # what follows the delivery comes with it, which the PLC may acknowledge much later
        done = db.execute(
            "INSERT INTO parts (id, part_id, wall_ms, verdict, reason, mode, score, rules_alone,"
            " engine_alone, overrun, recipe, master_part, master_answer, trigger_ns, deadline,"
            " frame, rules_done, engine_done, decided, reported, rule_set, rules,"
            " lot) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (
                at, part.part_id, self.wall_ms(entry), entry.kind, entry.reason, entry.mode,
                entry.score, entry.rules, entry.engine,
                OVERRUNS.index(overrun(part, entry.stamps)), entry.recipe,
                *_known(entry.master), part.trigger_ns, part.deadline_ns - part.trigger_ns,
                *(_after(part, stamp_ns) for stamp_ns in entry.stamps), *self._rules(db, entry),
                _lot(db, self._lot_of(self.run, part.trigger_ns, self.wall_ms(entry))),
            ),
        )  # fmt: skip
        # else there is a row of that number, whose views are not touched
        if done.rowcount:
            for look, score in zip(entry.looks, entry.scores, strict=True):
                self._look(db, entry.part, look, score)
            said = [(at, k, check.text) for k, check in enumerate(entry.checks) if check.text]
            db.executemany("INSERT INTO texts VALUES (?,?,?)", said)
        else:
            self._met(db, at, part)

    def _unfinished(self, db: sqlite3.Connection, entry: UnfinishedEntry) -> None:
        part, at = entry.part, self.ids.of(db, entry.part.serial)
        done = db.execute(
            "INSERT INTO parts (id, part_id, wall_ms, verdict, reason, trigger_ns, deadline,"
            " recipe, master_part, master_answer, lot)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (
                at, part.part_id, self.wall_ms(entry), UNKNOWN_CODE, UNKNOWN_CODE, part.trigger_ns,
                part.deadline_ns - part.trigger_ns, entry.recipe, *_known(entry.master),
                _lot(db, self._lot_of(self.run, part.trigger_ns, self.wall_ms(entry))),
            ),
        )  # fmt: skip
        if not done.rowcount:
            self._met(db, at, part)

    def _met(self, db: sqlite3.Connection, at: int, part: Part) -> None:
        """There is a row of that number: of this very part, or else one of them is kept out."""
        # a serial names one part of a run: a second one under it must show, and cost no row
        (met,) = db.execute("SELECT part_id, trigger_ns FROM parts WHERE id=?", (at,))
        if met != (part.part_id, part.trigger_ns):
            why = (
                f"serial {part.serial} is that of part id {met[0]}: "
                f"part id {part.part_id}, triggered at {part.trigger_ns} ns, has no row"
            )
            self.lose(db, 1, why, once=True)

    def _look(
        self, db: sqlite3.Connection, part: Part, look: ViewCapture, score: Score | None
    ) -> None:
        engine: tuple[float | None, ...] = (None,) * 5
        if score is not None:
            engine = (
                finite(score.value), score.fault, score.start_ns - part.trigger_ns,
                score.done_ns - score.start_ns, _engine(db, score),
            )  # fmt: skip
        # a number beyond the station's views: LookupError, so the record is none (_NO_ENTRY)
        view = code_of(db, "view_names", self._labels.views[look.view])
        at = self.ids.of(db, part.serial) << VIEW_BITS | look.view
        row = (at, view, _after(part, look.frame_ns), look.fault, *engine)
        db.execute("INSERT INTO views VALUES (?,?,?,?,?,?,?,?,?)", row)

    def _rules(
        self, db: sqlite3.Connection, entry: VerdictEntry
    ) -> tuple[int | None, bytes | None]:
        names, units = self._labels.rules_of(entry.recipe)
        if len(names) != len(units):
            raise ValueError("zip() of names and units: one of them is shorter")
        # a part that no rule saw (a lost frame) has no checks at all; any other number of them is
        # another station file's
        if not entry.checks:
            return None, None
        return rule_set_of(db, distinct(names), units, entry.checks), packed(entry.checks)

    def _shade(self, db: sqlite3.Connection, entry: ShadowEntry) -> None:
        """One row a view that the other engine place scored; the verdict is of the whole part."""
        said = (entry.kind, entry.reason, entry.engine, entry.score)
        at = self.ids.of(db, entry.serial) << VIEW_BITS
        for k, (name, score) in enumerate(zip(self._labels.views, entry.scores, strict=True)):
            if score is not None:
                row = (
                    at | k, code_of(db, "view_names", name), *said,
                    finite(score.value), score.fault, score.start_ns,
                    score.done_ns - score.start_ns, _engine(db, score),
                )  # fmt: skip
                db.execute(
                    "INSERT INTO shadows VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                    row,
                )

    def _deliver(self, db: sqlite3.Connection, entry: DeliveryEntry) -> None:
        db.execute(
            # part_id, too: of a part that was kept out the delivery must not complete the row of
            # another
            "UPDATE parts SET sequence=?, published=nullif(?,0)-trigger_ns,"
            " acked=nullif(?,0)-trigger_ns, delivered=?, delivered_as=?, delivered_reason=?,"
            " undelivered=nullif(?,0) WHERE id=? AND part_id=?",
            (
                entry.sequence, *_told(entry), entry.why, self.ids.of(db, entry.serial),
                entry.part_id,
            ),
        )  # fmt: skip


def _told(entry: DeliveryEntry) -> tuple[int | None, ...]:
    """When it was at the PLC, and as what; nothing of that where the PLC acknowledged nothing."""
    if not entry.delivered:
        return None, None, 0, None, None
    return entry.published_ns, entry.acked_ns, 1, entry.kind, entry.reason


def read_entry(raw: bytes) -> AnyEntry | None:
    """One record of the journal; None where it is no entry."""
    try:
        return decode(raw)
    except _NO_ENTRY:
        return None


def serial_of(entry: AnyEntry) -> int:
    """Of which part of the run it is."""
    return entry.serial if isinstance(entry, DeliveryEntry | ShadowEntry) else entry.part.serial


# asked for every part; a station has as many sets of names as recipes
@lru_cache(maxsize=64)
def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """A name of its own for each: a second `gap` is `gap (2)`."""
    given = [names[: k + 1].count(name) for k, name in enumerate(names)]
    return tuple(
        name if count == 1 else f"{name} ({count})"
        for name, count in zip(names, given, strict=True)
    )


def _known(master: Mastered) -> tuple[int | None, int | None]:
    """What was known of a part, and what came of that; NULL of every other part."""
    if master.part is MasterPart.NONE:
        return None, None
    # whose line ended before there was an answer
    return master.part, master.answer or MasterAnswer.VOID


def _lot(db: sqlite3.Connection, name: str | None) -> int | None:
    return None if name is None else code_of(db, "lots", name)


def _after(part: Part, at_ns: int) -> int | None:
    """Ns after the trigger: a few bytes where a time of the box's clock has eight."""
    return at_ns - part.trigger_ns if at_ns else None


def _engine(db: sqlite3.Connection, score: Score) -> int:
    return code_of(db, "engines", f"{score.engine_id:016x}")
