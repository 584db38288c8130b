"""The tables of a file, and the words and numbers that plain SQL reads in them."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.words import Reason, VerdictKind
from gonogo.records import schema
from gonogo.records.database import Database
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, parts
from gonogo.records.questions.sums import verdicts
from gonogo.tests.records.formerly import SCHEMA_1, back_to_version_1

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty file, in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        schema.make(opened)
        yield opened


def test_schema_has_its_number_and_strict_tables(db: sqlite3.Connection) -> None:
    """A text where a number belongs is refused by the file itself."""
    assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER"):
        db.execute("INSERT INTO parts (wall_ms, verdict, reason) VALUES (0, 'ACCEPT', 0)")


def test_schema_has_a_word_for_every_code(db: sqlite3.Connection) -> None:
    """So that a program of others needs nothing of ours; what is there already stays."""
    found = {(kind, code): word for kind, code, word in db.execute("SELECT * FROM words")}
    for kind, enum in (("verdict", VerdictKind), ("reason", Reason)):
        assert {found[kind, each.value] for each in enum} == {each.name for each in enum}
    assert found["verdict", schema.UNKNOWN_CODE] == schema.NOT_KNOWN
    db.execute("UPDATE words SET word='ours' WHERE kind='mode' AND code=0")
    schema.teach_words(db)
    assert db.execute("SELECT word FROM words WHERE kind='mode' AND code=0").fetchone() == ("ours",)


@pytest.mark.parametrize(
    "value", [0.0, 12.5, -0.1, 1 / 3, 1e-310, 5e-324, 1e300, -1.7976931348623157e308]
)
def test_view_rule_reads_values_to_the_last_bit(db: sqlite3.Connection, value: float) -> None:
    """From the bytes, by plain SQL."""
    db.execute("INSERT INTO runs VALUES (1, 'run1')")
    db.execute("INSERT INTO rules_of_sets VALUES (1, 1, 'gap', NULL, 1.0, 'mm')")
    blob = bytes(9) + struct.pack("<Bd", 2, value)
    columns = "(id, wall_ms, verdict, reason, rule_set, rules)"
    row = (1 << schema.SERIAL_BITS | 7, 0, 1, 0, 1, blob)
    db.execute(f"INSERT INTO parts {columns} VALUES (?,?,?,?,?,?)", row)  # noqa: S608
    found = db.execute("SELECT * FROM rule").fetchall()
    assert found == [("run1", 7, "gap", "CANNOT_TELL", value, None, 1.0, "mm")]
    db.execute("INSERT INTO texts VALUES (?, 1, 'SN 42')", (row[0],))
    assert db.execute("SELECT rule, text FROM text").fetchall() == [("gap", "SN 42")]


# of a part whose verdict the PLC never had: schema 1 holds it as if it had been told
LOST_1 = """
INSERT INTO runs VALUES (1, 'run1');
INSERT INTO parts (id, part_id, wall_ms, verdict, reason, trigger_ns, published, acked, delivered,
  delivered_as, delivered_reason) VALUES ((1 << 40) | 7, 7, 0, 1, 0, 1000, 5, NULL, 0, 1, 0);
"""
TOLD = "SELECT delivered, delivered_as, delivered_reason, published_ns, acked_ns"


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A file of schema 1 with one part."""
    path = tmp_path / "records-2023-11.sqlite"
    with closing(sqlite3.connect(path)) as made:
        made.executescript(SCHEMA_1 + LOST_1)
    return path


def test_file_of_schema_1_is_raised_by_whoever_writes_to_it(former: Path) -> None:
    """Its rows stay as they are, and the view no longer says that such a part was accepted."""
    database = Database(former)
    database.change(lambda _: None)
    database.change(lambda _: None)
    database.close()
    with closing(sqlite3.connect(former)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert db.execute(f"{TOLD} FROM part").fetchall() == [(0, None, None, None, None)]
        assert db.execute("SELECT * FROM undelivered").fetchall() == [("run1", 7, None)]
        assert db.execute("SELECT delivered_as, published FROM parts").fetchall() == [(1, 5)]


def test_file_of_schema_1_is_read_as_it_lies(former: Path) -> None:
    """A month that is over stays as it was written; questions say what is true of it."""
    before = former.read_bytes()
    (row,) = parts(Files(former), Choice(not_delivered=True))
    assert (row.verdict, row.shown, row.undelivered) == ("ACCEPT", *("NOT_DELIVERED",) * 2)
    assert (row.delivery.verdict, row.delivery.reason, row.lost) == ("", "", "")
    assert (row.stages.published_ms, row.stages.acked_ms) == (None, None)
    assert verdicts(Files(former), 0, 1, ("run1", 8)) == {"NOT_DELIVERED": 1}
    assert former.read_bytes() == before


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "\x1b[2J", "a\x7f", "a\x9bb"])
def test_schema_refuses_names_that_cannot_be_printed(db: sqlite3.Connection, name: str) -> None:
    """Of a lot or a serial number: 1 to 64 printable characters."""
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        db.execute("INSERT INTO lots (name) VALUES (?)", (name,))
    columns = "(wall_ms, verdict, reason, serial_number)"
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        db.execute(f"INSERT INTO parts {columns} VALUES (0, 1, 0, ?)", (name,))  # noqa: S608
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        db.execute("INSERT INTO texts VALUES (1, 0, ?)", (name,))


def test_file_of_schema_1_that_is_raised_has_what_a_new_one_has(db: sqlite3.Connection) -> None:
    """Each table, index, view and column; and its rows."""
    new = inventory(db)
    db.execute("INSERT INTO runs VALUES (1, 'run1')")
    back_to_version_1(db)
    assert inventory(db) != new
    schema.raise_to_2(db)
    assert inventory(db) == new
    assert db.execute("SELECT name FROM runs").fetchall() == [("run1",)]


def inventory(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """What there is, with the columns of each in their order."""
    there = "SELECT type, name FROM sqlite_master ORDER BY name"
    columns = "SELECT group_concat(name) FROM pragma_table_info(?)"
    return [(*row, *db.execute(columns, row[1:]).fetchone()) for row in db.execute(there)]


@pytest.mark.parametrize("name", ["L7", "x" * 64, "Größe 'ß' -; DROP", "批次"])
def test_schema_takes_every_other_name(db: sqlite3.Connection, name: str) -> None:
    """Of any language."""
    db.execute("INSERT INTO lots (name) VALUES (?)", (name,))
    assert db.execute("SELECT name FROM lots").fetchall() == [(name,)]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT count(*) FROM parts WHERE wall_ms > 5", "COVERING INDEX parts_by_time"),
        ("SELECT * FROM parts WHERE part_id=7 AND wall_ms>5", "INDEX parts_by_part_id"),
        ("SELECT reason FROM parts WHERE verdict <> 1 AND wall_ms>5", "parts_not_accepted"),
        ("SELECT * FROM parts WHERE serial_number='x'", "INDEX parts_by_serial_number"),
        (
            "SELECT * FROM parts WHERE id IN (SELECT part FROM texts WHERE text='x')",
            "texts_by_text",
        ),
        ("SELECT * FROM parts WHERE lot=3", "INDEX parts_by_lot"),
    ],
)
def test_schema_has_an_index_for_each_question(
    db: sqlite3.Connection, query: str, index: str
) -> None:
    """And SQLite takes it."""
    plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
    assert index in plan
