"""The tables of a records file, compact, and the views by which people read them in words.

A part's row has the id `run << SERIAL_BITS | serial`: rows lie in the order in which parts passed,
whatever the clock said, and a row of a view the id `part << VIEW_BITS | view`. Words are codes,
and the file itself says what they mean (table `words`). Times of a part are ns after its trigger.

    rules BLOB   for each rule of the set, by position: status (1 byte), value (float64, little
                 endian; NaN where there is none); a text that it read stands in `texts`

docs/records.md describes all of it for programs of others: what it says of the views is a promise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.base.words import (
    MasterAnswer,
    MasterPart,
    Mode,
    Reason,
    Status,
    Undelivered,
    VerdictKind,
)
from gonogo.ipc.lots import LOT_MAX
from gonogo.records.picture_words import PictureKind, PictureState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

VERSION = 2  # PRAGMA user_version; 0 is what was before it had a number
SERIAL_BITS, VIEW_BITS = 40, 3  # a thousand parts a second for 34 years; 8 views
SERIAL_MASK = (1 << SERIAL_BITS) - 1
TEXT_MAX = LOT_MAX  # characters of a serial number or a lot
NOT_KNOWN, LINE_ENDED = "NOT_KNOWN", "LINE_ENDED"  # verdict and reason of an unfinished part
NOT_DELIVERED = "NOT_DELIVERED"  # what people read of a part that never reached the PLC
UNKNOWN_CODE = 255  # of both
OVERRUNS = ("", "camera", "rules", "report")  # in the order of their codes

_TABLES = """
CREATE TABLE words (kind TEXT NOT NULL, code INTEGER NOT NULL, word TEXT NOT NULL,
  PRIMARY KEY (kind, code)) STRICT, WITHOUT ROWID;
CREATE TABLE powers (exponent INTEGER PRIMARY KEY, value REAL NOT NULL) STRICT;
CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE engines (id INTEGER PRIMARY KEY, engine_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE view_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE lots (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK ({lot})) STRICT;
CREATE TABLE rule_sets (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE rules_of_sets (rule_set INTEGER NOT NULL, position INTEGER NOT NULL,
  name TEXT NOT NULL, low REAL, high REAL, unit TEXT NOT NULL,
  PRIMARY KEY (rule_set, position)) STRICT, WITHOUT ROWID;
CREATE TABLE parts (
  id INTEGER PRIMARY KEY, part_id INTEGER, wall_ms INTEGER NOT NULL,
  verdict INTEGER NOT NULL, reason INTEGER NOT NULL, mode INTEGER, score INTEGER,
  rules_alone INTEGER, engine_alone INTEGER, overrun INTEGER, recipe INTEGER,
  trigger_ns INTEGER, frame INTEGER, rules_done INTEGER, engine_done INTEGER, decided INTEGER,
  reported INTEGER, deadline INTEGER,
  sequence INTEGER, published INTEGER, acked INTEGER, delivered INTEGER,
  delivered_as INTEGER, delivered_reason INTEGER,
  master_part INTEGER, master_answer INTEGER,
  rule_set INTEGER, rules BLOB, lot INTEGER, serial_number TEXT CHECK ({serial_number}),
  undelivered INTEGER) STRICT;
CREATE TABLE views (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, frame INTEGER, fault INTEGER NOT NULL,
  score REAL, score_fault INTEGER, start INTEGER, done INTEGER, engine INTEGER) STRICT;
CREATE TABLE shadows (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, verdict INTEGER NOT NULL,
  reason INTEGER NOT NULL, engine_alone INTEGER NOT NULL, score_word INTEGER NOT NULL,
  score REAL, score_fault INTEGER NOT NULL, start_ns INTEGER NOT NULL, done INTEGER NOT NULL,
  engine INTEGER NOT NULL) STRICT;
CREATE TABLE folders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE pictures (
  id INTEGER PRIMARY KEY, view INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  folder INTEGER, path TEXT, map TEXT, map_low REAL, map_high REAL) STRICT;
CREATE TABLE losses (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
  entries INTEGER, why TEXT NOT NULL) STRICT;
CREATE TABLE migrated (source TEXT PRIMARY KEY, run TEXT NOT NULL, serial INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
"""
_TEXTS = """
CREATE TABLE texts (part INTEGER NOT NULL, position INTEGER NOT NULL,
  text TEXT NOT NULL CHECK ({text}), PRIMARY KEY (part, position)) STRICT, WITHOUT ROWID;
CREATE INDEX texts_by_text ON texts (text);
"""
_INDEXES = """
CREATE INDEX parts_by_time ON parts (wall_ms, verdict, score);
CREATE INDEX parts_by_part_id ON parts (part_id, wall_ms);
CREATE INDEX parts_not_accepted ON parts (wall_ms, verdict, reason) WHERE verdict <> 1;
CREATE INDEX parts_by_lot ON parts (lot) WHERE lot IS NOT NULL;
CREATE INDEX pictures_of_samples ON pictures (id) WHERE kind = 2;
CREATE INDEX pictures_by_path ON pictures (path) WHERE path IS NOT NULL;
CREATE INDEX parts_by_serial_number ON parts (serial_number) WHERE serial_number IS NOT NULL;
"""
# of what never reached the PLC, which is little: what a shift counts must not read all its rows
_UNDELIVERED_INDEX = """
CREATE INDEX parts_undelivered ON parts (wall_ms, verdict) WHERE delivered = 0;
"""
# what schema 1 has not is a view of its own: months of both have the same columns
_TEXT_VIEW = """
CREATE VIEW text AS SELECT
  r.name AS run, t.part & {mask} AS serial, s.name AS rule, t.text AS text
  FROM texts AS t JOIN parts AS p ON p.id = t.part JOIN runs AS r ON r.id = p.id >> {bits}
  JOIN rules_of_sets AS s ON s.rule_set = p.rule_set AND s.position = t.position;
"""
_PART_VIEW = """
CREATE VIEW part AS SELECT
  r.name AS run, p.id & {mask} AS serial, p.part_id AS part_id, {wall} AS wall,
  {verdict} AS verdict, {reason} AS reason, {mode} AS mode, p.score AS score,
  {rules_alone} AS rules_alone, {engine_alone} AS engine_alone, p.trigger_ns AS trigger_ns,
  {frame} AS frame_ns, {rules_done} AS rules_ns, {engine_done} AS engine_ns,
  {decided} AS decided_ns, {reported} AS reported_ns, p.trigger_ns + p.deadline AS deadline_ns,
  {overrun} AS overrun, p.sequence AS sequence, {published} AS published_ns, {acked} AS acked_ns,
  p.delivered AS delivered, {delivered_as} AS delivered_as, {delivered_reason} AS delivered_reason,
  p.recipe AS recipe, {master_part} AS master_part, {master_answer} AS master_answer,
  (SELECT name FROM lots WHERE id = p.lot) AS lot, p.serial_number AS serial_number
  FROM parts AS p JOIN runs AS r ON r.id = p.id >> {bits};
CREATE VIEW undelivered AS SELECT
  r.name AS run, p.id & {mask} AS serial, {undelivered} AS why
  FROM parts AS p JOIN runs AS r ON r.id = p.id >> {bits} WHERE p.delivered = 0;
"""
_VIEWS = """
CREATE VIEW view AS SELECT
  r.name AS run, (v.id >> 3) & {mask} AS serial, n.name AS view,
  coalesce(p.trigger_ns + v.frame, 0) AS frame_ns, {fault} AS fault, v.score AS score,
  {score_fault} AS score_fault, p.trigger_ns + v.start AS start_ns,
  p.trigger_ns + v.start + v.done AS done_ns, e.engine_id AS engine_id
  FROM views AS v JOIN parts AS p ON p.id = v.id >> 3 JOIN runs AS r ON r.id = p.id >> {bits}
  JOIN view_names AS n ON n.id = v.view LEFT JOIN engines AS e ON e.id = v.engine;
CREATE VIEW shadow AS SELECT
  r.name AS run, (s.id >> 3) & {mask} AS serial, n.name AS view, {shadow_verdict} AS verdict,
  {shadow_reason} AS reason, {shadow_alone} AS engine_alone, s.score_word AS score_word,
  s.score AS score, {shadow_fault} AS score_fault, s.start_ns AS start_ns,
  s.start_ns + s.done AS done_ns, e.engine_id AS engine_id
  FROM shadows AS s JOIN runs AS r ON r.id = s.id >> ({bits} + 3)
  JOIN view_names AS n ON n.id = s.view JOIN engines AS e ON e.id = s.engine;
CREATE VIEW picture AS SELECT
  r.name AS run, (c.id >> 3) & {mask} AS serial, n.name AS view, {picture_kind} AS kind,
  {picture_state} AS state, f.name || '/' || c.path AS path, f.name || '/' || c.map AS map,
  c.map_low AS map_low, c.map_high AS map_high
  FROM pictures AS c LEFT JOIN folders AS f ON f.id = c.folder
  JOIN runs AS r ON r.id = c.id >> ({bits} + 3)
  JOIN view_names AS n ON n.id = c.view;
CREATE VIEW loss AS SELECT r.name AS run, {lost} AS wall, l.entries AS entries, l.why AS why
  FROM losses AS l JOIN runs AS r ON r.id = l.run;
CREATE VIEW rule AS SELECT
  run, serial, rule, (SELECT word FROM words WHERE kind = 'status' AND code = {byte0}) AS status,
  CASE WHEN {exponent} < 2047 THEN (1 - 2 * ({byte8} >> 7))
    * ({mantissa} + CASE WHEN {exponent} > 0 THEN 4503599627370496 ELSE 0 END)
    * (SELECT value FROM powers AS w WHERE w.exponent = {exponent}) END AS value,
  low, high, unit
  FROM (SELECT r.name AS run, p.id & {mask} AS serial, s.name AS rule, s.low, s.high, s.unit,
    hex(substr(p.rules, 1 + 9 * s.position, 9)) AS h
    FROM parts AS p JOIN runs AS r ON r.id = p.id >> {bits}
    JOIN rules_of_sets AS s ON s.rule_set = p.rule_set);
"""


def make(db: sqlite3.Connection) -> None:
    """All of an empty file; whoever calls has begun a transaction."""
    for statement in _statements():
        db.execute(statement)
    db.executemany("INSERT INTO powers VALUES (?,?)", _powers())
    teach_words(db)
    db.execute(f"PRAGMA user_version={VERSION}")


def raise_to_2(db: sqlite3.Connection) -> None:
    """A file of schema 1 becomes one of 2; whoever calls has begun a transaction.

    Of a part that never reached the PLC schema 1 holds what it would have been delivered as, and
    not why it was not. Its rows stay as they are; the view does not show that any more. Rules read
    no texts then.
    """
    db.execute("ALTER TABLE parts ADD COLUMN undelivered INTEGER")
    db.execute("DROP VIEW part")
    views = (_PART_VIEW + _TEXT_VIEW).format(**_expressions())
    for statement in _split(_texts() + _UNDELIVERED_INDEX + views):
        db.execute(statement)
    db.execute("PRAGMA user_version=2")


def teach_words(db: sqlite3.Connection) -> None:
    """What the codes of this gonogo mean; a word that is there stays."""
    db.executemany("INSERT OR IGNORE INTO words VALUES (?,?,?)", words())


def words() -> Iterator[tuple[str, int, str]]:
    """Kind, code and word of each."""
    for kind, enum in (
        ("verdict", VerdictKind), ("reason", Reason), ("mode", Mode), ("status", Status),
        ("master_part", MasterPart), ("master_answer", MasterAnswer),
        ("picture_kind", PictureKind), ("picture_state", PictureState),
        ("undelivered", Undelivered),
    ):  # fmt: skip
        yield from ((kind, each.value, each.name) for each in enum)
    yield "verdict", UNKNOWN_CODE, NOT_KNOWN
    yield "reason", UNKNOWN_CODE, LINE_ENDED
    yield from (("overrun", code, word) for code, word in enumerate(OVERRUNS))


def _powers() -> Iterator[tuple[int, float]]:
    """What the mantissa of a float64 is multiplied with, by its exponent field."""
    return ((field, math.ldexp(1.0, max(field, 1) - 1075)) for field in range(2047))


def _statements() -> Iterator[str]:
    tables = _TABLES.format(lot=_printable("name"), serial_number=_printable("serial_number"))
    views = (_PART_VIEW + _TEXT_VIEW + _VIEWS).format(**_expressions())
    return _split(tables + _texts() + _INDEXES + _UNDELIVERED_INDEX + views)


def _texts() -> str:
    return _TEXTS.format(text=_printable("text"))


def _split(text: str) -> Iterator[str]:
    return (statement for statement in text.split(";\n") if statement.strip())


def _printable(column: str) -> str:
    """A control character in a serial number would write over somebody's terminal."""
    controls = "'*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*'"
    return f"length({column}) BETWEEN 1 AND {TEXT_MAX} AND {column} NOT GLOB {controls}"


def _expressions() -> dict[str, str]:
    """What the views say in place of the codes."""
    found = {"mask": str(SERIAL_MASK), "bits": str(SERIAL_BITS)}
    found |= {"wall": _wall("p.wall_ms"), "lost": _wall("l.wall_ms")}
    found |= {name: _word(kind, column) for name, (kind, column) in _WORDS.items()}
    for name in ("frame", "rules_done", "engine_done", "decided", "reported"):
        found[name] = f"CASE WHEN p.verdict <> {UNKNOWN_CODE} THEN {_after(name)} END"
    # rows of schema 1 call accepted, too, what never reached the PLC
    told = f"p.delivered OR p.delivered_as <> {VerdictKind.ACCEPT.value}"
    for name in ("published", "acked"):
        found[name] = f"CASE WHEN {told} THEN {_after(name)} END"
    for name in ("delivered_as", "delivered_reason"):
        found[name] = f"CASE WHEN {told} THEN {found[name]} END"
    byte = [_byte(k) for k in range(9)]
    lower = " | ".join(f"({byte[k]} << {8 * (k - 1)})" for k in range(1, 7))
    return found | {
        "byte0": byte[0],
        "byte8": byte[8],
        "exponent": f"((({byte[8]} & 127) << 4) | ({byte[7]} >> 4))",
        "mantissa": f"((({byte[7]} & 15) << 48) | {lower})",
    }


# name in a view: kind of word, column
_WORDS = {
    "verdict": ("verdict", "p.verdict"),
    "reason": ("reason", "p.reason"),
    "mode": ("mode", "p.mode"),
    "rules_alone": ("verdict", "p.rules_alone"),
    "engine_alone": ("verdict", "p.engine_alone"),
    "overrun": ("overrun", "p.overrun"),
    "delivered_as": ("verdict", "p.delivered_as"),
    "delivered_reason": ("reason", "p.delivered_reason"),
    "undelivered": ("undelivered", "p.undelivered"),
    "master_part": ("master_part", "p.master_part"),
    "master_answer": ("master_answer", "p.master_answer"),
    "fault": ("reason", "v.fault"),
    "score_fault": ("reason", "v.score_fault"),
    "shadow_verdict": ("verdict", "s.verdict"),
    "shadow_reason": ("reason", "s.reason"),
    "shadow_alone": ("verdict", "s.engine_alone"),
    "shadow_fault": ("reason", "s.score_fault"),
    "picture_kind": ("picture_kind", "c.kind"),
    "picture_state": ("picture_state", "c.state"),
}


def _word(kind: str, column: str) -> str:
    return f"(SELECT word FROM words WHERE kind = '{kind}' AND code = {column})"  # noqa: S608


def _after(column: str) -> str:
    """A monotonic time, 0 where it did not come to that."""
    return f"coalesce(p.trigger_ns + p.{column}, 0)"


def _wall(column: str) -> str:
    """UTC as people write it; whole seconds and ms apart, as a float of both would be rounded."""
    seconds = f"strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000, 'unixepoch')"
    return f"{seconds} || printf('.%03d+00:00', {column} % 1000)"


def _byte(k: int) -> str:
    """Byte k of a rule's value: SQL reads no numbers in a BLOB, but digits in a text."""
    digits = (f"(instr('0123456789ABCDEF', substr(h, {2 * k + i}, 1)) - 1)" for i in (1, 2))
    return "(({}) * 16 + ({}))".format(*digits)
