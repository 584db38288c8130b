"""What other programs read in a station's records: all of its files as one.

Import as `gonogo.tests.records.months`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gonogo.records.database import Means
from gonogo.records.labels import Clock
from gonogo.records.volumes import month_of, volume, volumes

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = ("part", "view", "rule", "shadow", "loss")  # those of the first version, too
CLOCK = Clock(1_700_000_000_000_000_000, 1000)  # of November 2023: 1 us after its box began
THEN = Means(now=lambda: CLOCK)


def joined(path: Path) -> sqlite3.Connection:
    """The views that people read, of every file beside the path; to be closed."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _join(db, path)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _join(db: sqlite3.Connection, path: Path) -> None:
    names = []
    for k, each in enumerate(volumes(path)):
        db.execute(f"ATTACH ? AS m{k}", (str(each.path),))
        names.append(f"m{k}")
    if not names:
        raise sqlite3.OperationalError(f"no such table: nothing is recorded beside {path}")
    for view in (*VIEWS, "picture"):
        union = " UNION ALL ".join(f"SELECT * FROM {name}.{view}" for name in names)  # noqa: S608
        db.execute(f"CREATE TEMP VIEW {view} AS {union}")


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """What another program reads meanwhile."""
    with closing(joined(path)) as db:
        return db.execute(query).fetchall()


def then(path: Path) -> Path:
    """The file of the month of CLOCK."""
    return volume(path, "2023-11").path


def now(path: Path) -> Path:
    """The file of parts that pass now, the only one."""
    (only,) = volumes(path)
    return only.path


def booted(path: Path) -> Path:
    """The file of parts that passed just after this box was switched on."""
    return volume(path, month_of(Clock.now().wall_ms(0))).path
