"""One SQLite row a part: what was decided, on what grounds, how fast, and what the PLC said.

WAL with synchronous=FULL: a power cut loses no committed row. One file a month
(gonogo.records.volumes), compact, with views that people read in words (gonogo.records.schema).

A file is opened when it can be: one that another program holds is tried again with each
batch, one that is damaged is set aside whole, one that was moved away is begun anew, and
one that a newer gonogo wrote is left as it is, another one begun.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsDamaged, RecordsError, RecordsNewer
from gonogo.records.aside import Asides
from gonogo.records.database import MEANS, Database, refusal
from gonogo.records.rows import Rows, read_entry, serial_of
from gonogo.records.schema import SERIAL_BITS, VIEW_BITS
from gonogo.records.shelf import Shelf
from gonogo.records.volumes import Volume, month_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.database import Means
    from gonogo.records.labels import Labels

    Change = Callable[[sqlite3.Connection], None]

log = logging.getLogger(__name__)

# the rows of a run and what came after it; read at a stop, as their reader will
_READ_BACK = tuple(
    f"SELECT COUNT(*), {column} FROM {table}"  # noqa: S608 - our own words
    f" WHERE id >= (SELECT id FROM runs WHERE name=?) << {bits}"
    for table, column, bits in (
        ("parts", "sum(length(rules))", SERIAL_BITS),
        ("views", "sum(view)", SERIAL_BITS + VIEW_BITS),
    )
)


class Store:
    """The rows of one station, written by one process in whole batches.

    RecordsError at once only where no database can ever be.
    """

    def __init__(
        self, path: Path, labels: Labels, run: str, means: Means = MEANS, shelf: Shelf | None = None
    ) -> None:
        self.path = path
        self.means = means
        self.shelf = shelf or Shelf(path, means)
        self.rows = Rows(labels, run, means.now, self.shelf.number_of)
        self._asides = Asides(means.files, means.clock_s)
        self._untold: list[str] = []  # what the next database must be told of the last one
        Database(path, means).check_place()
        with contextlib.suppress(RecordsError):  # not yet: it is tried again with each batch
            self.open()

    @property
    def asides(self) -> int:
        """Damaged ones set aside: what they held is to be written anew."""
        return self._asides.count

    @property
    def volume(self) -> Volume:
        """Where a part of this moment is recorded."""
        return self.shelf.current(month_of(self.rows.wall_ms()))

    @property
    def database(self) -> Database:
        """What writes there."""
        return self.shelf.database(self.volume)

    def write(self, entries: Sequence[AnyEntry]) -> None:
        """Commit all entries, or none of a file; RecordsError says why not (a full disk, say)."""
        for into, chosen in self._placed(self.rows, entries):
            self.commit(_inserting(self.rows, chosen), into)

    def take(
        self, raws: Sequence[bytes], lost: int = 0, rows: Rows | None = None, of: str = ""
    ) -> None:
        """The same with records of the journal; one that is no entry is told as a loss.

        `lost`: how many more never became rows; `rows`: those of another run, which lay in
        the file `of`.
        """
        rows = rows or self.rows
        said = f"{of}: " if of else ""
        # a file may be read twice, if its removal failed: its losses are told once. Losses of a
        # run that goes on are told as often as they happen, in the same words
        once = bool(of)
        found = [read_entry(raw) for raw in raws]
        entries = [entry for entry in found if entry is not None]
        *former, (last, rest) = self._placed(rows, entries) or [(self.volume, [])]
        unread = len(found) - len(entries)
        for into, chosen in former:
            unread += self._bring(rows, chosen, into)

        def insert(db: sqlite3.Connection) -> None:
            # with the last file: told in a transaction of their own they could be told twice
            bad = unread + sum(not rows.insert_apart(db, entry) for entry in rest)
            if bad:
                rows.lose(db, bad, f"{said}entries that cannot be read", once=once)
            if lost:
                why = f"{said}journal overwritten or database not writable"
                rows.lose(db, lost, why, once=once)

        self.commit(insert, last, rows)

    def lost(self, entries: int | None, why: str) -> None:
        """Record that some entries never became rows, once; None: nobody knows how many."""
        self.commit(lambda db: self.rows.lose(db, entries, why, once=True))

    def open(self) -> None:
        """See that there is a database, before anything has to be written; RecordsError if not."""
        if not self.database.in_place:
            self.commit(lambda _: None)
        self._tidy()

    def commit(self, change: Change, into: Volume | None = None, rows: Rows | None = None) -> None:
        """Make a change wholly or not at all; a damaged database is set aside on the way.

        `into`: the file of this moment where none is given; `rows`: those that it writes.
        """
        into = into or self.volume
        try:
            self._attempt(change, into)
        except RecordsDamaged as error:
            self._begin_anew(into, error)
            self._attempt(change, into)
        except RecordsNewer as error:
            into = self._instead(into, error)
            self._attempt(change, into)
        self.shelf.wrote(rows or self.rows, into)

    def check(self, run: str) -> bool:
        """Read the rows of a run as others will; a database that cannot be read is set aside.

        False: it cannot be read, and not even be set aside.
        """
        try:
            self.database.read_anew(_READ_BACK, (run,))
        except RecordsDamaged as damage:
            return self._tried_anew(damage)
        except RecordsError:  # held, or longer than its time: no word against its rows
            return True
        return True

    def set_aside(self, damaged: Path, damage: RecordsDamaged) -> None:
        """Keep a file under another name, log and all; RecordsError where that is not possible."""
        if not self._asides.claim():
            raise damage
        try:
            aside = self._asides.put(damaged)
        except OSError as error:
            raise refusal(damaged, error) from error
        why = f"the database before is damaged; it lies in {aside.name}, with its rows"
        self._untold.append(why)
        log.error(
            "%s; set aside as %s, a new one is begun; `sqlite3 %s .recover` reads what is left",
            damage, aside, aside,
        )  # fmt: skip

    def close(self) -> None:
        """Checkpoint and close; idempotent."""
        self.shelf.close()

    # -- one file -----------------------------------------------------------------------------

    def _placed(
        self, rows: Rows, entries: Iterable[AnyEntry]
    ) -> list[tuple[Volume, list[AnyEntry]]]:
        """Entries by the file that they belong to, in their order."""
        found: dict[Volume, list[AnyEntry]] = {}
        begun: dict[int, Volume] = {}  # parts whose row is on its way
        for entry in entries:
            serial = serial_of(entry)
            into = begun.get(serial) or self.shelf.place(rows, entry, self._begin_anew)
            begun[serial] = into
            found.setdefault(into, []).append(entry)
        return list(found.items())

    def _bring(self, rows: Rows, entries: Sequence[AnyEntry], into: Volume) -> int:
        """Write them; how many are nonsense."""
        unread = 0

        def insert(db: sqlite3.Connection) -> None:
            nonlocal unread
            unread = sum(not rows.insert_apart(db, entry) for entry in entries)

        self.commit(insert, into, rows)
        return unread

    def _attempt(self, change: Change, into: Volume) -> None:
        def tell_and_change(db: sqlite3.Connection) -> None:
            for why in self._untold:
                self.rows.lose(db, None, why, once=True)
            change(db)

        self.shelf.database(into).change(tell_and_change)
        # only now: a commit that failed may have happened all the same, and is told once
        self._untold.clear()

    def _begin_anew(self, damaged: Volume, damage: RecordsDamaged) -> None:
        """Keep what is damaged under another name, and let a new one be made."""
        self.shelf.database(damaged).let_go()
        self.set_aside(damaged.path, damage)
        self.shelf.forget(damaged)

    def _instead(self, newer: Volume, refused: RecordsNewer) -> Volume:
        """Leave it as it is, and say where rows go on."""
        fresh = self.shelf.refuse(newer)
        self._untold.append(f"{newer.path.name} is of a newer gonogo, and was left as it is")
        log.error("%s; rows go on in %s", refused, fresh.path.name)
        return fresh

    def _tidy(self) -> None:
        for idle in self.shelf.idle():
            self._settle(idle)

    def _settle(self, idle: Volume) -> None:
        try:
            self.shelf.settle(idle)
        except RecordsDamaged as damage:
            with contextlib.suppress(RecordsError):  # another one was, this minute
                self._begin_anew(idle, damage)
        except RecordsError as error:  # of a newer gonogo, or held: it is not written now
            log.debug("%s", error)

    def _tried_anew(self, damage: RecordsDamaged) -> bool:
        try:
            self._begin_anew(self.volume, damage)
        except RecordsError:
            return False
        return True


def _inserting(rows: Rows, entries: Sequence[AnyEntry]) -> Change:
    def insert(db: sqlite3.Connection) -> None:
        for entry in entries:
            rows.insert(db, entry)

    return insert
