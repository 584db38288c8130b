"""What the records tell of pictures already, for a process that takes over from another."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, TypeVar

from gonogo.records.lot import AUDIT, Drawn, lot_of
from gonogo.records.picture_words import PictureState
from gonogo.records.reading import read_only
from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK, VIEW_BITS
from gonogo.records.volumes import volumes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Answer = TypeVar("Answer")

RECENT = 3  # files

_TOLD = "SELECT DISTINCT id >> 3 FROM pictures WHERE id >= ? AND id < ?"
# kind 2 is AUDIT: written out, or SQLite would not take the index of those alone
_SAMPLE = """
SELECT DISTINCT r.name, p.id & ? FROM pictures AS c JOIN parts AS p ON p.id = c.id >> 3
  JOIN runs AS r ON r.id = p.id >> ?
WHERE c.kind = 2 AND c.state = ? AND p.wall_ms >= ?
"""


def told_of(base: Path, run: str, since: int = 0) -> set[int]:
    """Serials of the parts of a run, from `since` on, that have a row of a picture."""

    def told(db: sqlite3.Connection) -> set[int]:
        found = set()
        for (number,) in db.execute("SELECT id FROM runs WHERE name=?", (run,)).fetchall():
            first, end = number << SERIAL_BITS | since, (number + 1) << SERIAL_BITS
            within = first << VIEW_BITS, end << VIEW_BITS
            found |= {part & SERIAL_MASK for (part,) in db.execute(_TOLD, within)}
        return found

    return set().union(*_ask(base, told))


def sampled(base: Path, since_ms: int) -> list[Drawn]:
    """The sample as it is, of parts that passed since then."""
    values = SERIAL_MASK, SERIAL_BITS, PictureState.KEPT, since_ms
    found = _ask(base, lambda db: db.execute(_SAMPLE, values).fetchall())
    return [
        Drawn(lot_of(run, AUDIT, serial), run, serial) for some in found for run, serial in some
    ]


def _ask(base: Path, question: Callable[[sqlite3.Connection], Answer]) -> list[Answer]:
    """The newest files; those that cannot be read are as good as empty here."""
    found = []
    for each in volumes(base)[: -RECENT - 1 : -1]:
        with contextlib.suppress(OSError, sqlite3.Error), read_only(each.path) as db:
            found.append(question(db))
    return found
