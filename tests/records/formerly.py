"""A records file as gonogo wrote it before schemas had numbers.

Import as `gonogo.tests.records.formerly`.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = """
CREATE TABLE IF NOT EXISTS part (
  run TEXT, serial INTEGER, part_id INTEGER, wall TEXT,
  verdict TEXT, reason TEXT, mode TEXT, score INTEGER, rules_alone TEXT, engine_alone TEXT,
  trigger_ns INTEGER, frame_ns INTEGER, rules_ns INTEGER, engine_ns INTEGER,
  decided_ns INTEGER, reported_ns INTEGER, deadline_ns INTEGER, overrun TEXT,
  sequence INTEGER, published_ns INTEGER, acked_ns INTEGER, delivered INTEGER,
  delivered_as TEXT, delivered_reason TEXT, recipe INTEGER,
  master_part TEXT, master_answer TEXT,
  PRIMARY KEY (run, serial)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view (
  run TEXT, serial INTEGER, view TEXT, frame_ns INTEGER, fault TEXT,
  score REAL, score_fault TEXT, start_ns INTEGER, done_ns INTEGER, engine_id TEXT,
  PRIMARY KEY (run, serial, view)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (
  run TEXT, serial INTEGER, rule TEXT, status TEXT, value REAL, low REAL, high REAL, unit TEXT,
  PRIMARY KEY (run, serial, rule)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shadow (
  run TEXT, serial INTEGER, view TEXT, verdict TEXT, reason TEXT, engine_alone TEXT,
  score_word INTEGER, score REAL, score_fault TEXT, start_ns INTEGER, done_ns INTEGER,
  engine_id TEXT,
  PRIMARY KEY (run, serial, view)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loss (run TEXT, wall TEXT, entries INTEGER, why TEXT);
"""
SCHEMA_1 = Path(__file__).with_name("schema_1.sql").read_text("utf-8")
WALLS = ("2023-10-31T23:59:59.900+00:00", "2023-11-01T00:00:00.100+00:00")


def make(path: Path, runs: Iterable[str] = ("run0",), parts: int = 3, schema: str = SCHEMA) -> Path:
    """Serials 1 to `parts` of each run; the first of October, the others of November."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(schema)
        for run in runs:
            for serial in range(1, parts + 1):
                _part(db, run, serial)
        db.execute("INSERT INTO loss VALUES ('run0', ?, 7, 'because')", (WALLS[0],))
    return path


def _part(db: sqlite3.Connection, run: str, serial: int) -> None:
    at = 1_000_000_000 * serial
    row = {
        "run": run, "serial": serial, "part_id": serial, "wall": WALLS[serial > 1],
        "verdict": "REJECT", "reason": "RULE", "mode": "FULL", "score": 4000,
        "rules_alone": "REJECT", "engine_alone": "ACCEPT", "trigger_ns": at, "frame_ns": at + 1,
        "rules_ns": at + 2, "engine_ns": 0, "decided_ns": at + 4, "reported_ns": at + 5,
        "deadline_ns": at + 6, "overrun": "rules", "sequence": serial, "published_ns": at + 7,
        "acked_ns": 0, "delivered": 0, "delivered_as": "REJECT", "delivered_reason": "DEADLINE",
    }  # fmt: skip
    columns, marks = ", ".join(row), ",".join("?" * len(row))
    db.execute(f"INSERT INTO part ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    view = (run, serial, "top", at + 1, "OK", 0.25, "OK", at + 2, at + 3, "0000000000000abc")
    db.execute("INSERT INTO view VALUES (?,?,?,?,?,?,?,?,?,?)", view)
    db.execute(
        "INSERT INTO view VALUES (?,?,'back',0,'FRAME',?,?,?,?,?)", (run, serial, *[None] * 5)
    )
    rule = (run, serial, "gap", "FAIL", 12.5, None, 12.0, "mm")
    db.execute("INSERT INTO rule VALUES (?,?,?,?,?,?,?,?)", rule)
    shadow = (run, serial, "top", "ACCEPT", "OK", "ACCEPT", 100, 0.1, "OK", at + 8, at + 9, "def")
    db.execute("INSERT INTO shadow VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", shadow)


def back_to_version_1(db: sqlite3.Connection) -> None:
    """A file of today as it was with schema 1."""
    views = re.findall(r"CREATE VIEW part AS.*?;\n", SCHEMA_1, re.DOTALL)
    db.executescript(
        "DROP TABLE texts; DROP INDEX parts_undelivered;"
        "DROP VIEW part; DROP VIEW text; DROP VIEW undelivered;"
        "ALTER TABLE parts DROP COLUMN undelivered;" + "".join(views) + "PRAGMA user_version=1;"
    )
