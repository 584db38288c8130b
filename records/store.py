"""One SQLite row a part: what was decided, on what grounds, how fast, and what the PLC said.

WAL with synchronous=FULL: a power cut loses no committed row. One file a month
(gonogo.records.volumes), compact, with views that people read in words (gonogo.records.schema).

A file is opened when it can be: one that another program holds is tried again with each
batch, one that is damaged is set aside whole, one that was moved away is begun anew, and
one that a newer gonogo wrote is left as it is, another one begun.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsError
from gonogo.ipc.lots import beside_records
from gonogo.records.database import MEANS, Database
from gonogo.records.lots import Lots
from gonogo.records.rows import Rows, read_entry, serial_of
from gonogo.records.shelf import Shelf, number_of
from gonogo.records.volumes import Volume, month_of
from gonogo.records.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.database import Means
    from gonogo.records.labels import Labels
    from gonogo.records.writer import Change


class Store:
    """The rows of one station, written by one process in whole batches.

    RecordsError at once only where no database can ever be.
    """

    def __init__(
        self, path: Path, labels: Labels, run: str, means: Means = MEANS, shelf: Shelf | None = None
    ) -> None:
        self.path = path
        self.means = means
        self.number_of = partial(number_of, path)
        self.lots = Lots(beside_records(path))
        self.rows = Rows(labels, run, means.now, self.number_of, self.lots.of)
        self.writer = Writer(shelf or Shelf(path, means), self.rows, means)
        Database(path, means).check_place()
        with contextlib.suppress(RecordsError):  # not yet: it is tried again with each batch
            self.open()

    @property
    def asides(self) -> int:
        """Damaged ones set aside: what they held is to be written anew."""
        return self.writer.asides.count

    @property
    def volume(self) -> Volume:
        """Where a part of this moment is recorded."""
        return self.writer.shelf.current(month_of(self.rows.wall_ms()))

    @property
    def database(self) -> Database:
        """What writes there."""
        return self.writer.shelf.database(self.volume)

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
            unread += _bring(self.writer, rows, chosen, into)

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
        self.writer.tidy()

    def commit(self, change: Change, into: Volume | None = None, rows: Rows | None = None) -> None:
        """Make a change wholly or not at all, in the file of this moment or another one."""
        self.writer.commit(change, into or self.volume, rows)

    def check(self, run: str) -> bool:
        """Read the rows of a run as others will; a database that cannot be read is set aside.

        False: it cannot be read, and not even be set aside.
        """
        return self.writer.check(self.volume, run)

    def close(self) -> None:
        """Checkpoint and close; idempotent."""
        self.writer.shelf.close()

    def _placed(
        self, rows: Rows, entries: Iterable[AnyEntry]
    ) -> list[tuple[Volume, list[AnyEntry]]]:
        """Entries by the file that they belong to, in their order."""
        # before the rows: what is in force when a trigger comes can be read by then
        self.lots.look()
        found: dict[Volume, list[AnyEntry]] = {}
        begun: dict[int, Volume] = {}  # parts whose row is on its way
        for entry in entries:
            serial = serial_of(entry)
            into = begun.get(serial) or self.writer.shelf.place(rows, entry, self.writer.begin_anew)
            begun[serial] = into
            found.setdefault(into, []).append(entry)
        return list(found.items())


def _bring(writer: Writer, rows: Rows, entries: Sequence[AnyEntry], into: Volume) -> int:
    """Write them; how many are nonsense."""
    unread = 0

    def insert(db: sqlite3.Connection) -> None:
        nonlocal unread
        unread = sum(not rows.insert_apart(db, entry) for entry in entries)

    writer.commit(insert, into, rows)
    return unread


def _inserting(rows: Rows, entries: Sequence[AnyEntry]) -> Change:
    def insert(db: sqlite3.Connection) -> None:
        for entry in entries:
            rows.insert(db, entry)

    return insert
