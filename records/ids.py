"""Which row a part has: the number of its run in all files, and its serial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def first(_: str) -> int:
    """The number of a run where there is no other file."""
    return 1


class Ids:
    """Those of one run; `number_of` gives the number of one that a file does not know yet."""

    def __init__(self, run: str, number_of: Callable[[str], int]) -> None:
        self._run = run
        self._number_of = number_of

    def of(self, db: sqlite3.Connection, serial: int) -> int:
        """Of the row of a part; ValueError."""
        if not 0 <= serial <= SERIAL_MASK:
            raise ValueError(f"a serial of 0 to {SERIAL_MASK} was expected, got {serial}")
        return self.run(db) << SERIAL_BITS | serial

    def held(self, db: sqlite3.Connection, serial: int) -> bool:
        """Whether the row of a part is in this file."""
        found = db.execute(
            "SELECT 1 FROM parts WHERE id = ((SELECT id FROM runs WHERE name=?) << ?) | ?",
            (self._run, SERIAL_BITS, serial),
        )
        return found.fetchone() is not None

    def last(self, db: sqlite3.Connection) -> int:
        """The highest serial in this file; -1 without any."""
        query = "SELECT max(id) FROM parts WHERE id BETWEEN ? AND ?"
        known = db.execute("SELECT id << ? FROM runs WHERE name=?", (SERIAL_BITS, self._run))
        for (start,) in known.fetchall():
            (highest,) = db.execute(query, (start, start | SERIAL_MASK)).fetchone()
            return -1 if highest is None else int(highest) & SERIAL_MASK
        return -1

    def run(self, db: sqlite3.Connection) -> int:
        """The number of the run, which is written down where it is new."""
        known = db.execute("SELECT id FROM runs WHERE name=?", (self._run,)).fetchone()
        if known:
            return int(known[0])
        number = self._number_of(self._run)
        # a month that was archived and brought back may have taken it
        if db.execute("SELECT 1 FROM runs WHERE id=?", (number,)).fetchone():
            (number,) = db.execute("SELECT max(id) + 1 FROM runs").fetchone()
        db.execute("INSERT INTO runs VALUES (?,?)", (number, self._run))
        return number
