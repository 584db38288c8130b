"""A file from before schemas had numbers, read as if it had the tables of today.

Temporary views in the reader's own memory give its words codes; its rows are looked at from the
first to the last for most questions, which is why a start of the station takes it over
(gonogo.records.migration).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.records import schema
from gonogo.records.reading import runs_of

if TYPE_CHECKING:
    import sqlite3

# columns of `part` that came with time
_LATER = ("recipe", "master_part", "master_answer")
_PARTS = """
CREATE TEMP VIEW parts AS SELECT
  (r.id << {bits}) | p.serial AS id, p.part_id, {wall} AS wall_ms, {verdict} AS verdict,
  {reason} AS reason, {mode} AS mode, p.score, {rules_alone} AS rules_alone,
  {engine_alone} AS engine_alone, {overrun} AS overrun, {recipe} AS recipe, p.trigger_ns,
  nullif(p.frame_ns, 0) - p.trigger_ns AS frame, nullif(p.rules_ns, 0) - p.trigger_ns AS rules_done,
  nullif(p.engine_ns, 0) - p.trigger_ns AS engine_done,
  nullif(p.decided_ns, 0) - p.trigger_ns AS decided,
  nullif(p.reported_ns, 0) - p.trigger_ns AS reported, p.deadline_ns - p.trigger_ns AS deadline,
  p.sequence, nullif(p.published_ns, 0) - p.trigger_ns AS published,
  nullif(p.acked_ns, 0) - p.trigger_ns AS acked, p.delivered, {delivered_as} AS delivered_as,
  {delivered_reason} AS delivered_reason, {master_part} AS master_part,
  {master_answer} AS master_answer, NULL AS rule_set, NULL AS rules, NULL AS lot,
  NULL AS serial_number, NULL AS undelivered
  FROM part AS p JOIN runs AS r ON r.name = p.run WHERE {rest}
"""
_VIEWS = """
CREATE TEMP VIEW views AS SELECT
  ((r.id << {bits}) | v.serial) << 3 AS id, n.id AS view,
  nullif(v.frame_ns, 0) - p.trigger_ns AS frame, {fault} AS fault, v.score,
  {score_fault} AS score_fault, v.start_ns - p.trigger_ns AS start, v.done_ns - v.start_ns AS done,
  e.id AS engine
  FROM view AS v JOIN part AS p USING (run, serial) JOIN runs AS r ON r.name = v.run
  JOIN view_names AS n ON n.name = v.view LEFT JOIN engines AS e ON e.engine_id = v.engine_id
  WHERE {rest}
"""
_LOSSES = """
CREATE TEMP VIEW losses AS SELECT l.rowid AS id, r.id AS run, {wall} AS wall_ms, l.entries, l.why
  FROM loss AS l LEFT JOIN runs AS r ON r.name = l.run
"""
_NO_TEXTS = "CREATE TEMP TABLE texts (part INTEGER, position INTEGER, text TEXT)"


def read_1_as_new(db: sqlite3.Connection) -> None:
    """A file of schema 1, to which nobody writes any more, as if it had the tables of today."""
    db.execute("CREATE TEMP VIEW parts AS SELECT *, NULL AS undelivered FROM main.parts")
    db.execute(_NO_TEXTS)


def read_as_new(db: sqlite3.Connection, after: tuple[str, int] | None = None) -> None:
    """Make the views; sqlite3.Error where it is none of ours.

    `after`: run and serial of the last part that another file has already.
    """
    db.execute("CREATE TEMP TABLE words (kind, code, word, PRIMARY KEY (kind, word))")
    db.executemany("INSERT INTO words VALUES (?,?,?)", schema.words())
    db.execute("CREATE TEMP TABLE runs (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    db.executemany("INSERT INTO runs (name, id) VALUES (?,?)", runs_of(db).items())
    for table, column, old in (
        ("view_names", "name", "view"),
        ("engines", "engine_id", "engine_id"),
    ):
        db.execute(f"CREATE TEMP TABLE {table} (id INTEGER PRIMARY KEY, {column} TEXT UNIQUE)")
        values = f"SELECT DISTINCT {old} FROM view WHERE {old} IS NOT NULL"  # noqa: S608
        db.execute(f"INSERT INTO {table} ({column}) {values}")
    db.execute("CREATE TEMP TABLE lots (id INTEGER PRIMARY KEY, name TEXT)")
    db.execute(_NO_TEXTS)
    for view in (_PARTS, _VIEWS, _LOSSES):
        table = "l" if view is _LOSSES else "p"
        db.execute(view.format(**_expressions(db, table), rest=_rest(after)))


def _expressions(db: sqlite3.Connection, table: str) -> dict[str, str]:
    there = {row[1] for row in db.execute("PRAGMA table_info(part)")}
    found = {"bits": str(schema.SERIAL_BITS), "wall": milliseconds(f"{table}.wall")}
    found["recipe"] = "p.recipe" if "recipe" in there else "NULL"
    for name in (
        "verdict", "reason", "mode", "rules_alone", "engine_alone", "overrun", "delivered_as",
        "delivered_reason", "master_part", "master_answer",
    ):  # fmt: skip
        kind = {"rules_alone": "verdict", "engine_alone": "verdict", "delivered_as": "verdict",
                "delivered_reason": "reason"}.get(name, name)  # fmt: skip
        known = name not in _LATER or name in there
        found[name] = _code(kind, f"p.{name}") if known else "NULL"
    return found | {name: _code("reason", f"v.{name}") for name in ("fault", "score_fault")}


def _rest(after: tuple[str, int] | None) -> str:
    """A view takes no parameters."""
    if after is None:
        return "1"
    run = after[0].replace("'", "''")
    return f"(p.run, p.serial) > ('{run}', {after[1]:d})"


def _code(kind: str, column: str) -> str:
    return f"(SELECT code FROM words WHERE kind = '{kind}' AND word = {column})"  # noqa: S608


def milliseconds(column: str) -> str:
    """Of the text that people read: whole seconds, and the three digits behind the point."""
    seconds = f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER)"
    return f"{seconds} * 1000 + CAST(substr({column}, 21, 3) AS INTEGER)"
