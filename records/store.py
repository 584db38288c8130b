"""One SQLite row a part: what was decided, on what grounds, how fast, and what the PLC said.

WAL with synchronous=FULL: a power cut loses no committed row. Table `part` holds the
verdict and what became of it at the PLC, `view` one row a view of it, `rule` one row a rule;
`shadow` one row a view that an engine in shadow judged, with what the verdict of the whole
part would have been; `loss` what never became rows. Times are CLOCK_MONOTONIC ns; `wall` is
UTC, for people.

The database is opened when it can be: one that another program holds is tried again with
each batch, one that is damaged is set aside whole, one that was moved away is begun anew.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsDamaged, RecordsError
from gonogo.base.log.logger import get_logger
from gonogo.records.aside import Asides
from gonogo.records.database import MEANS, Database, refusal
from gonogo.records.rows import Rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.database import Means
    from gonogo.records.labels import Labels

log = get_logger(__name__)

# the tables that a run's rows can be told from; read at a stop, as their reader will
_READ_BACK = tuple(
    f"SELECT COUNT(*) FROM {table} WHERE run=?"  # noqa: S608 - our own words
    for table in ("part", "view", "rule")
)


class Store:
    """The rows of one station, written by one process in whole batches.

    RecordsError at once only where no database can ever be.
    """

    def __init__(self, path: Path, labels: Labels, run: str, means: Means = MEANS) -> None:
        self.path = path
        self.rows = Rows(labels, run)
        self.database = Database(path, means)
        self._asides = Asides(path, means.files, means.clock_s)
        self._untold: list[str] = []  # what the next database must be told of the last one
        self.database.check_place()
        with contextlib.suppress(RecordsError):  # not yet: it is tried again with each batch
            self.open()

    @property
    def asides(self) -> int:
        """Damaged ones set aside: what they held is to be written anew."""
        return self._asides.count

    def write(self, entries: Sequence[AnyEntry]) -> None:
        """Commit all entries or none; RecordsError says why not (a full disk, say)."""

        def insert(db: sqlite3.Connection) -> None:
            for entry in entries:
                self.rows.insert(db, entry)

        self.commit(insert)

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

        def insert(db: sqlite3.Connection) -> None:
            unread = sum(not rows.insert_raw(db, raw) for raw in raws)
            if unread:
                rows.lose(db, unread, f"{said}entries that cannot be read", once=once)
            if lost:
                why = f"{said}journal overwritten or database not writable"
                rows.lose(db, lost, why, once=once)

        self.commit(insert)

    def lost(self, entries: int | None, why: str) -> None:
        """Record that some entries never became rows, once; None: nobody knows how many."""
        self.commit(lambda db: self.rows.lose(db, entries, why, once=True))

    def open(self) -> None:
        """See that there is a database, before anything has to be written; RecordsError if not."""
        if not self.database.in_place:
            self.commit(lambda _: None)

    def commit(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Make a change wholly or not at all; a damaged database is set aside on the way."""
        try:
            self._attempt(change)
        except RecordsDamaged as error:
            self._begin_anew(error)
            self._attempt(change)

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

    def _tried_anew(self, damage: RecordsDamaged) -> bool:
        try:
            self._begin_anew(damage)
        except RecordsError:
            return False
        return True

    def _attempt(self, change: Callable[[sqlite3.Connection], None]) -> None:
        def tell_and_change(db: sqlite3.Connection) -> None:
            for why in self._untold:
                self.rows.lose(db, None, why, once=True)
            change(db)

        self.database.change(tell_and_change)
        # only now: a commit that failed may have happened all the same, and is told once
        self._untold.clear()

    def _begin_anew(self, damage: RecordsDamaged) -> None:
        """Keep what is damaged under another name, log and all, and let a new one be made."""
        if not self._asides.claim():
            raise damage
        self.database.let_go()
        try:
            aside = self._asides.put()
        except OSError as error:
            raise refusal(self.path, error) from error
        why = f"the database before is damaged; it lies in {aside.name}, with its rows"
        self._untold.append(why)
        log.error(
            "records_damaged",
            text=(
                "%(error)s; set aside as %(aside)s, a new one is begun; `sqlite3 %(aside)s "
                ".recover` reads what is left"
            ),
            error=damage,
            aside=aside,
        )

    def close(self) -> None:
        """Checkpoint and close; idempotent."""
        self.database.close()
