"""Records of a station that has run for months, made by SQL: as its own process would leave them.

Serials in a row, a part a second and sixteen hours a day, one view and four rules each, 2 % of
them rejected, a new lot every thousand. The files, tables, indexes and views are those of the
records process (gonogo.records); a part's values are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import RuleResult, Status
from gonogo.records import schema
from gonogo.records.codes import code_of, packed, rule_set_of
from gonogo.records.volumes import month_of, volume, volumes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Connect = Callable[[Path], sqlite3.Connection]

DAY_S, WORKED_S = 86_400, 57_600  # sixteen hours of each day
LOT_PARTS = 1000
START_MS = 1_767_225_600_000  # 2026-01-01 UTC
CACHE_KB = 400_000
RULES = tuple(RuleResult(Status.PASS, 11.0 + k / 7, 10.0, 12.0) for k in range(4))
_SERIES = "WITH RECURSIVE s (k) AS (VALUES (:first) UNION ALL SELECT k + 1 FROM s WHERE k < :last)"
_PARTS = f"""
INSERT INTO parts (id, part_id, wall_ms, verdict, reason, mode, score, rules_alone, engine_alone,
  overrun, recipe, trigger_ns, frame, rules_done, engine_done, decided, reported, deadline,
  sequence, published, acked, delivered, delivered_as, delivered_reason, rule_set, rules, lot)
{_SERIES}, d (k, bad, jitter) AS (SELECT k, abs(random()) % 50 = 0, abs(random()) % 3000000 FROM s)
SELECT :run | k, k % 65535 + 1, {{wall}}, 1 + bad, 10 * bad, 0, abs(random()) % 5000 + 5000 * bad,
  1, 1 + bad, 0, 1, 3600000000000 + k * 1000000000, 12000000 + jitter, 21000000 + jitter,
  34000000 + jitter, 35000000 + jitter, 36000000 + jitter, 200000000,
  k % 65535 + 1, 41000000 + jitter, 62000000 + jitter, 1, 1 + bad, 10 * bad, :rule_set, :rules,
  k / :lot + 1 FROM d
"""  # noqa: S608 - our own words
_VIEWS = f"""
INSERT INTO views
{_SERIES} SELECT (:run | k) << 3, :view, 11900000 + abs(random()) % 3000000, 0,
  abs(random()) % 1000000 / 1e6, 0, 13000000 + abs(random()) % 1000,
  20000000 + abs(random()) % 1000, :engine FROM s
"""  # noqa: S608 - our own words


class Span(NamedTuple):
    """Serials `first` to `last` lie in the file of a month."""

    month: str
    first: int
    last: int


def wall_ms(serial: int) -> int:
    """When a part passed, UTC."""
    day, second = divmod(serial, WORKED_S)
    return START_MS + (day * DAY_S + second) * 1000


def months(parts: int) -> Iterator[Span]:
    """How so many parts lie in files."""
    first = 1
    while first <= parts:
        month, last = month_of(wall_ms(first)), first
        while last < parts and month_of(wall_ms(last + 1)) == month:
            last = min(parts, (last + 1) // WORKED_S * WORKED_S + WORKED_S - 1)  # to its midnight
        yield Span(month, first, last)
        first = last + 1


def make(base: Path, parts: int, connect: Connect) -> None:
    """Files of so many parts beside the path."""
    for span in months(parts):
        path = volume(base, span.month).path
        db = connect(path)
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("PRAGMA synchronous=OFF")
        db.execute(f"PRAGMA cache_size=-{CACHE_KB}")
        schema.make(db)
        _fill(db, span, parts)
        db.execute("PRAGMA journal_mode=WAL")
        db.close()


def _fill(db: sqlite3.Connection, span: Span, parts: int) -> None:
    db.execute("INSERT INTO runs VALUES (1, '20260101T000000-bench')")
    lots = ((k, f"L{k:06d}") for k in range(1, parts // LOT_PARTS + 2))
    db.executemany("INSERT INTO lots VALUES (?,?)", lots)
    names = [f"rule {k}" for k in range(len(RULES))]
    told = {
        "first": span.first, "last": span.last, "run": 1 << schema.SERIAL_BITS,
        "lot": LOT_PARTS, "rules": packed(RULES), "view": code_of(db, "view_names", "top"),
        "rule_set": rule_set_of(db, names, ["mm"] * len(RULES), RULES),
        "engine": code_of(db, "engines", f"{0xABC:016x}"),
    }  # fmt: skip
    wall = f"{START_MS} + ((k / {WORKED_S}) * {DAY_S} + k % {WORKED_S}) * 1000"
    db.execute("BEGIN")
    db.execute(_PARTS.format(wall=wall), told)
    db.execute(_VIEWS, told)
    db.execute("COMMIT")


def size_bytes(base: Path) -> int:
    """Of all its files."""
    return sum(each.path.stat().st_size for each in volumes(base))
