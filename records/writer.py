"""One change in one file; what is done about a file that cannot take it.

A damaged one is set aside whole and begun anew, one of a newer gonogo is left as it is and
another one begun, and what became of them is told in the file that comes after.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsDamaged, RecordsError, RecordsNewer
from gonogo.records.aside import Asides
from gonogo.records.database import refusal
from gonogo.records.schema import SERIAL_BITS, VIEW_BITS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.records.database import Means
    from gonogo.records.rows import Rows
    from gonogo.records.shelf import Shelf
    from gonogo.records.volumes import Volume

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


class Writer:
    """Writes into the files of a shelf; `rows` are those of the run that goes on."""

    def __init__(self, shelf: Shelf, rows: Rows, means: Means) -> None:
        self.shelf = shelf
        self.asides = Asides(means.files, means.clock_s)
        self._rows = rows
        self._untold: list[str] = []  # what the next database must be told of the last one

    def commit(self, change: Change, into: Volume, rows: Rows | None = None) -> None:
        """Make a change wholly or not at all; a damaged database is set aside on the way.

        `rows`: those that it writes.
        """
        try:
            self._attempt(change, into)
        except RecordsDamaged as error:
            self.begin_anew(into, error)
            self._attempt(change, into)
        except RecordsNewer as error:
            into = self._instead(into, error)
            self._attempt(change, into)
        self.shelf.wrote(rows or self._rows, into)

    def check(self, written: Volume, run: str) -> bool:
        """Read the rows of a run as others will; a database that cannot be read is set aside.

        False: it cannot be read, and not even be set aside.
        """
        try:
            self.shelf.database(written).read_anew(_READ_BACK, (run,))
        except RecordsDamaged as damage:
            return self._tried_anew(written, damage)
        except RecordsError:  # held, or longer than its time: no word against its rows
            return True
        return True

    def set_aside(self, damaged: Path, damage: RecordsDamaged) -> None:
        """Keep a file under another name, log and all; RecordsError where that is not possible."""
        if not self.asides.claim():
            raise damage
        try:
            aside = self.asides.put(damaged)
        except OSError as error:
            raise refusal(damaged, error) from error
        why = f"the database before is damaged; it lies in {aside.name}, with its rows"
        self._untold.append(why)
        log.error(
            "%s; set aside as %s, a new one is begun; `sqlite3 %s .recover` reads what is left",
            damage, aside, aside,
        )  # fmt: skip

    def begin_anew(self, damaged: Volume, damage: RecordsDamaged) -> None:
        """Keep what is damaged under another name, and let a new one be made."""
        self.shelf.database(damaged).let_go()
        self.set_aside(damaged.path, damage)
        self.shelf.forget(damaged)

    def _attempt(self, change: Change, into: Volume) -> None:
        def tell_and_change(db: sqlite3.Connection) -> None:
            for why in self._untold:
                self._rows.lose(db, None, why, once=True)
            change(db)

        self.shelf.database(into).change(tell_and_change)
        # only now: a commit that failed may have happened all the same, and is told once
        self._untold.clear()

    def _instead(self, newer: Volume, refused: RecordsNewer) -> Volume:
        """Leave it as it is, and say where rows go on."""
        fresh = self.shelf.refuse(newer)
        self._untold.append(f"{newer.path.name} is of a newer gonogo, and was left as it is")
        log.error("%s; rows go on in %s", refused, fresh.path.name)
        return fresh

    def tidy(self) -> None:
        """Look at files that are no longer written, seldom."""
        for idle in self.shelf.idle():
            self._settle(idle)

    def _settle(self, idle: Volume) -> None:
        try:
            self.shelf.settle(idle)
        except RecordsDamaged as damage:
            with contextlib.suppress(RecordsError):  # another one was, this minute
                self.begin_anew(idle, damage)
        except RecordsError as error:  # of a newer gonogo, or held: it is not written now
            log.debug("%s", error)

    def _tried_anew(self, written: Volume, damage: RecordsDamaged) -> bool:
        try:
            self.begin_anew(written, damage)
        except RecordsError:
            return False
        return True
