"""The files that a store writes into: which one an entry belongs to, and when another is begun.

A part's row goes into the file of its month, and what comes after it (a delivery, a shadow) into
the file that has its row. A second file of a month is begun where the first cannot be written on:
a newer gonogo wrote it, or its log cannot be written back because somebody reads an older state.
"""

from __future__ import annotations

import contextlib
import sqlite3
from functools import partial
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsDamaged, RecordsNewer
from gonogo.base.log.logger import get_logger
from gonogo.records.database import Database
from gonogo.records.reading import read_only, runs_of
from gonogo.records.rows import serial_of
from gonogo.records.volumes import Volume, month_of, volume, volumes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.ipc.journal_records import AnyEntry
    from gonogo.records.database import Means
    from gonogo.records.rows import Rows

    OnDamage = Callable[[Volume, RecordsDamaged], None]

log = get_logger(__name__)

WAL_MAX_BYTES = 64 << 20  # of one log: then another file is begun
TIDY_EVERY_S = 60.0  # logs of files that are no longer written


class Shelf:
    """Databases by their volume; one is opened when something goes into it."""

    def __init__(self, base: Path, means: Means, wal_max_bytes: int = WAL_MAX_BYTES) -> None:
        self._base = base
        self._means = means
        self._wal_max_bytes = wal_max_bytes
        self._databases: dict[Volume, Database] = {}
        self._newest: dict[str, Volume] = {}  # by month
        self._holding: dict[str, set[Volume]] = {}  # by run: where its rows may be
        self._last: dict[tuple[str, Path], int] = {}
        self._used: set[Volume] = set()
        self._seen: set[Volume] = set()
        self._tidied_s = -TIDY_EVERY_S  # at the start at once
        self._closed = False

    def current(self, month: str) -> Volume:
        """The newest file of a month."""
        if month not in self._newest:
            there = [each for each in volumes(self._base) if each.month == month]
            self._newest[month] = there[-1] if there else volume(self._base, month)
        return self._newest[month]

    def database(self, of: Volume) -> Database:
        """What writes into it."""
        self._used.add(of)
        if of not in self._databases:
            self._databases[of] = Database(of.path, self._means)
            if self._closed:
                self._databases[of].close()
        return self._databases[of]

    def place(self, rows: Rows, entry: AnyEntry, on_damage: OnDamage) -> Volume:
        """Where an entry belongs; RecordsError: a file does not say now whether it has its part."""
        target = self.current(month_of(rows.wall_ms(entry)))
        # most runs lie in one file: then nobody is asked. Another one has the part where the month
        # has changed since, or the clock was set
        for other in sorted(self._holders(rows.run) - {target}, reverse=True):
            known = self._last.get((rows.run, other.path))
            if known is not None and serial_of(entry) > known:
                continue  # a month that has passed is let go, and may be moved
            if not other.path.exists():  # archived meanwhile
                self.forget(other)
                continue
            damaged = partial(on_damage, other)
            if _holds(self.database(other), rows, entry, self._last, damaged):
                return other
        return target

    def wrote(self, rows: Rows, into: Volume) -> None:
        """Rows of a run were committed there."""
        self._holders(rows.run).add(into)
        self._last.pop((rows.run, into.path), None)
        database = self.database(into)
        if into != self._newest.get(into.month):
            return  # a delivery that came late: new rows go elsewhere already
        # a reader who has just gone needs no new file
        if database.wal_bytes > self._wal_max_bytes and not database.write_back():
            fresh = self._follow(into)
            log.warning(
                "records_log_held",
                text=(
                    "%(path)s: its log has %(log_mb)d MB and cannot be written back while another "
                    "program reads an older state of it; rows go on in %(fresh)s"
                ),
                path=into.path,
                log_mb=database.wal_bytes >> 20,
                fresh=fresh.path.name,
            )

    def refuse(self, newer: Volume) -> Volume:
        """It cannot be written into, and stays as it is; the file that takes its place."""
        self._databases.pop(newer, None)
        return self._follow(newer)

    def forget(self, aside: Volume) -> None:
        """It was set aside: no row is looked for in it."""
        for holders in self._holding.values():
            holders.discard(aside)

    def idle(self) -> list[Volume]:
        """Once in TIDY_EVERY_S: files that nobody has looked at yet, or whose log waits.

        What was not used since the last time is closed.
        """
        now_s = self._means.clock_s()
        if now_s - self._tidied_s < TIDY_EVERY_S:
            return []
        self._tidied_s = now_s
        for each in set(self._databases) - self._used:
            self._databases.pop(each).close()
        self._used.clear()
        others = [each for each in volumes(self._base) if each not in self._databases]
        return [
            each
            for each in others
            if each not in self._seen or Database(each.path, self._means).wal_bytes
        ]

    def settle(self, idle: Volume) -> None:
        """See that it can be read, and write its log back; RecordsError."""
        with contextlib.closing(Database(idle.path, self._means)) as database:
            self._seen.add(idle)
            database.ask(runs_of)
            database.write_back()

    def close(self) -> None:
        """Checkpoint and close all, for good; idempotent."""
        self._closed = True
        for database in self._databases.values():
            database.close()

    def _holders(self, run: str) -> set[Volume]:
        if run not in self._holding:
            found = {each for each in volumes(self._base) if run in _runs(each.path)}
            self._holding[run] = found
        return self._holding[run]

    def _follow(self, former: Volume) -> Volume:
        """The next number of its month."""
        there = [each.number for each in volumes(self._base) if each.month == former.month]
        fresh = volume(self._base, former.month, max([former.number, *there]) + 1)
        self._newest[former.month] = fresh
        return fresh


def number_of(base: Path, run: str) -> int:
    """The number of a run, the same in all files; a new one is the next."""
    last = 0
    for path in [base, *(each.path for each in volumes(base))]:
        numbers = _runs(path)
        if run in numbers:
            return numbers[run]
        last = max([last, *numbers.values()])
    return last + 1


def _holds(
    database: Database, rows: Rows, entry: AnyEntry, last: dict[tuple[str, Path], int],
    on_damage: Callable[[RecordsDamaged], None],
) -> bool:  # fmt: skip
    """Whether a part is there. `last`: the highest serials by run and file, which are noted."""
    key, serial = (rows.run, database.path), serial_of(entry)
    try:
        if key not in last:
            last[key] = database.ask(rows.ids.last)
        return serial <= last[key] and database.ask(lambda db: rows.ids.held(db, serial))
    except RecordsDamaged as damage:
        on_damage(damage)
    except RecordsNewer:  # none of ours was written there
        pass
    return False


def _runs(path: Path) -> dict[str, int]:
    """The runs in a file, by name; none where it cannot be read."""
    if not path.is_file():
        return {}
    with contextlib.suppress(OSError, sqlite3.Error), read_only(path) as db:
        return runs_of(db)
    return {}
