"""The rows of pictures, in the file of the month that has the row of their part.

A picture's row follows its file and the row of its part, which another process writes: until that
one is there, it waits. Here nothing is made, set aside or begun anew; that is for the records
process, whose transactions and ours take turns by SQLite's own lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.codes import code_of
from gonogo.records.database import MEANS, Database, Means
from gonogo.records.picture_words import PictureKind, PictureState
from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK, VIEW_BITS
from gonogo.records.volumes import volumes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from gonogo.records.pictures.choice import Replaced
    from gonogo.records.volumes import Volume

    Held = Callable[[str, int], bool]

RECENT = 3  # files in which a part that has just passed may be
NEAR = timedelta(days=2)  # a part's row may be in the month before or after the hour of its picture


class Row(NamedTuple):
    """Of a view of a part; `path` and `map` from the folder of pictures on."""

    run: str
    serial: int
    view: int
    name: str
    kind: PictureKind
    state: PictureState
    path: str | None = None
    map: str | None = None
    low: float | None = None
    high: float | None = None


class PictureRows:
    """Of the files beside the path in the station file; all calls may raise RecordsError."""

    def __init__(self, base: Path, folder: Path, means: Means = MEANS) -> None:
        self._base, self._means = base, means
        self._folder = str(folder.absolute())
        self._open: dict[Volume, Database] = {}

    def write(self, rows: Sequence[Row]) -> list[Row]:
        """Write those whose part has a row; the others, in their order."""
        left = list(rows)
        for each in self._recent():
            if left:
                left = self._write(each, left)
        self._let_go()
        return left

    def replace(self, out: Replaced) -> list[str] | None:
        """A part is out of its sample: the pictures that no part has any more.

        None: its part has no row of a picture yet; [] also of one whose pictures are gone already.
        """
        for each in self._recent():
            found = self._database(each).ask(lambda db: _sampled(db, out.run, out.serial))
            if found is None:
                continue
            if found:
                self._database(each).change(lambda db, ids=found: _take_out(db, ids, out))  # type: ignore[misc]
            paths = {path for _, path in found}
            # parts that look alike to the bit share a picture
            return [] if out.nth else [path for path in paths if not self._holders(path)]
        return None

    def evict(self, paths: Iterable[str], state: PictureState, held: Held) -> list[str]:
        """Tell in their rows that they go; those that may, now that it is told."""
        free: dict[Volume, list[str]] = {}
        told = []
        for path in paths:
            there = self._holders(path)
            if any(held(*name) for each in there for name in self._names(each, path)):
                continue
            told.append(path)
            for each in there:
                free.setdefault(each, []).append(path)
        for each, some in free.items():
            marked = [(state, path, PictureState.KEPT) for path in some]
            self._database(each).change(lambda db, marked=marked: _mark(db, marked))  # type: ignore[misc]
        self._let_go()
        return told

    def close(self) -> None:
        """Let go of all files; idempotent."""
        for database in self._open.values():
            database.close()
        self._open.clear()

    def _write(self, into: Volume, rows: list[Row]) -> list[Row]:
        # asked before: whoever only waits takes no turn of those who write
        ready = self._database(into).ask(
            lambda db: [row for row in rows if _part(db, row.run, row.serial) is not None]
        )
        if not ready:
            return rows

        def insert(db: sqlite3.Connection) -> None:
            for row in ready:
                _insert(db, row, self._folder)

        self._database(into).change(insert)
        there = set(ready)
        return [row for row in rows if row not in there]

    def _holders(self, path: str) -> list[Volume]:
        """The files that have rows of it."""
        near = self._near(path)
        found = [each for each in near if self._names(each, path)]
        # else the clock was set between the two: looked for everywhere before it goes
        others = [] if found else [each for each in volumes(self._base) if each not in near]
        return found or [each for each in others if self._names(each, path)]

    def _names(self, of: Volume, path: str) -> list[tuple[str, int]]:
        """Run and serial of the parts that have it."""
        return self._database(of).ask(lambda db: _having(db, path))

    def _recent(self) -> list[Volume]:
        return volumes(self._base)[: -RECENT - 1 : -1]

    def _near(self, path: str) -> list[Volume]:
        hour = datetime.strptime(path[:13], "%Y/%m/%d/%H").replace(tzinfo=timezone.utc)
        months = {(hour + by).strftime("%Y-%m") for by in (-NEAR, timedelta(), NEAR)}
        return [each for each in volumes(self._base) if each.month in months]

    def _database(self, of: Volume) -> Database:
        if of not in self._open:
            self._open[of] = Database(of.path, self._means)
        return self._open[of]

    def _let_go(self) -> None:
        """Of all but the newest: a month that is over can be archived once it has no log."""
        for each in set(self._open) - set(self._recent()[:1]):
            self._open.pop(each).close()


def _insert(db: sqlite3.Connection, row: Row, folder: str) -> None:
    part = _part(db, row.run, row.serial)
    if part is None:  # set aside between the two, and begun anew: the part is not in there
        return
    where = None if row.path is None else code_of(db, "folders", folder)
    db.execute(
        "INSERT INTO pictures VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (
            part << VIEW_BITS | row.view, code_of(db, "view_names", row.name), row.kind, row.state,
            where, row.path, row.map, row.low, row.high,
        ),
    )  # fmt: skip


def _part(db: sqlite3.Connection, run: str, serial: int) -> int | None:
    known = db.execute("SELECT id FROM runs WHERE name=?", (run,)).fetchone()
    if known is None:
        return None
    part = int(known[0]) << SERIAL_BITS | serial
    there = db.execute("SELECT 1 FROM parts WHERE id=?", (part,)).fetchone()
    return part if there else None


def _sampled(db: sqlite3.Connection, run: str, serial: int) -> list[tuple[int, str]] | None:
    """Ids and paths of a part's pictures in the sample; None where it has no row of any."""
    part = _part(db, run, serial)
    if part is None:
        return None
    first = part << VIEW_BITS
    query = "SELECT id, path, kind, state FROM pictures WHERE id BETWEEN ? AND ?"
    there = db.execute(query, (first, first + (1 << VIEW_BITS) - 1)).fetchall()
    drawn = PictureKind.AUDIT, PictureState.KEPT
    return [(at, path) for at, path, *what in there if tuple(what) == drawn] if there else None


def _take_out(db: sqlite3.Connection, found: list[tuple[int, str]], out: Replaced) -> None:
    change = ("kind", PictureKind.NTH) if out.nth else ("state", PictureState.REPLACED)
    query = f"UPDATE pictures SET {change[0]}=? WHERE id=?"  # noqa: S608 - our own words
    db.executemany(query, [(change[1], at) for at, _ in found])


def _mark(db: sqlite3.Connection, marked: list[tuple[PictureState, str, PictureState]]) -> None:
    db.executemany("UPDATE pictures SET state=? WHERE path=? AND state=?", marked)


def _having(db: sqlite3.Connection, path: str) -> list[tuple[str, int]]:
    query = (
        "SELECT r.name, (c.id >> ?) & ? FROM pictures AS c JOIN runs AS r ON r.id = c.id >> ?"
        " WHERE c.path=? AND c.state=?"
    )
    values = (
        VIEW_BITS, SERIAL_MASK, SERIAL_BITS + VIEW_BITS, path, PictureState.KEPT,
    )  # fmt: skip
    return db.execute(query, values).fetchall()
