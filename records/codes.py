"""Codes in place of names that stand in a records file once: runs, engines, views, rule sets."""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from gonogo.base.words import RuleResult

VALUE = struct.Struct("<Bd")  # of one rule in the BLOB: status, value


def code_of(db: sqlite3.Connection, table: str, name: str) -> int:
    """The code of a name in `engines`, `view_names`, `folders` or `lots`; or a new one."""
    column = "engine_id" if table == "engines" else "name"
    return _code(db, table, column, name)


def _code(db: sqlite3.Connection, table: str, column: str, text: str) -> int:
    # asked each time: what is kept beside the file would be wrong after a ROLLBACK
    known = db.execute(f"SELECT id FROM {table} WHERE {column}=?", (text,)).fetchone()  # noqa: S608
    if known:
        return int(known[0])
    made = db.execute(f"INSERT INTO {table} ({column}) VALUES (?)", (text,))  # noqa: S608
    return int(made.lastrowid or 0)


def rule_set_of(
    db: sqlite3.Connection, names: Sequence[str], units: Sequence[str], checks: Iterable[RuleResult]
) -> int:
    """The code of a set of rules with its limits; a new one is written down."""
    rows = [
        (name, finite(check.low), finite(check.high), unit)
        for name, unit, check in zip(names, units, checks, strict=True)
    ]
    identity = json.dumps(rows)
    known = db.execute("SELECT id FROM rule_sets WHERE identity=?", (identity,)).fetchone()
    if known:
        return int(known[0])
    code = _code(db, "rule_sets", "identity", identity)
    db.executemany(
        "INSERT INTO rules_of_sets VALUES (?,?,?,?,?,?)",
        ((code, position, *row) for position, row in enumerate(rows)),
    )
    return code


def packed(checks: Iterable[RuleResult]) -> bytes:
    """The BLOB of one part: status and value of each rule; NaN where there is no number."""
    return b"".join(
        VALUE.pack(check.status, check.value if math.isfinite(check.value) else math.nan)
        for check in checks
    )


def unpacked(blob: bytes) -> list[tuple[int, float | None]]:
    """Status and value of each rule, by position."""
    return [(status, finite(value)) for status, value in VALUE.iter_unpack(blob)]


def finite(value: float) -> float | None:
    """SQLite keeps NULL where a limit or a value does not exist."""
    return value if math.isfinite(value) else None
