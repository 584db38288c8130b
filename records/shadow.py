"""What an engine in shadow would have said, read back beside what was decided.

Reads the database of a station, also while it runs, and never writes to it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.errors import RecordsUnreadable
from gonogo.base.words import NS_PER_MS, Reason, VerdictKind
from gonogo.ipc.journal_records import Pair
from gonogo.records.questions.files import Files
from gonogo.records.questions.old_file import milliseconds
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.records.questions.files import File

    Row = dict[str, Any]
    Rows = Sequence[Row]

# of engines and runs in a message: a line of a terminal
_NAMED_MAX = 6
# the newest parts are chosen by their age (the number of the run, the serial), whatever the clock
# said; then they are told in the order in which they passed. Only trusted scores name an engine
_QUERY = """
WITH chosen AS (
  SELECT DISTINCT p.id FROM shadows AS s JOIN parts AS p ON p.id = s.id >> 3
  JOIN runs AS r ON r.id = p.id >> 40 JOIN engines AS e ON e.id = s.engine
  WHERE (:run IS NULL OR r.name = :run) AND p.master_part IS NULL
    AND (:shadow IS NULL OR substr(e.engine_id, 1, length(:shadow)) = :shadow)
  ORDER BY p.id DESC LIMIT coalesce(:last, -1))
SELECT p.id AS age, r.name AS run, p.id & 1099511627775 AS serial, p.part_id, p.wall_ms,
  p.verdict, p.reason, p.engine_alone, p.score AS word, n.name AS view,
  s.verdict AS shadow_verdict, s.reason AS shadow_reason, s.engine_alone AS shadow_alone,
  s.score_word AS shadow_word,
  CASE WHEN v.score_fault = 0 THEN a.engine_id END AS active_id,
  CASE WHEN s.score_fault = 0 THEN e.engine_id END AS shadow_id,
  coalesce(v.done, 0) AS active_ns, s.done AS shadow_ns
FROM chosen JOIN parts AS p USING (id) JOIN runs AS r ON r.id = p.id >> 40
  JOIN shadows AS s ON s.id BETWEEN p.id << 3 AND (p.id << 3) + 7
  JOIN view_names AS n ON n.id = s.view JOIN engines AS e ON e.id = s.engine
  LEFT JOIN views AS v ON v.id = s.id LEFT JOIN engines AS a ON a.id = v.engine
ORDER BY p.id, n.name
"""
# the same of a file from before schemas had numbers, which holds words
_OLD_QUERY = """
WITH chosen AS (
  SELECT DISTINCT p.id, p.run_name, p.serial FROM (
    SELECT (r.id << 40) | o.serial AS id, o.run AS run_name, o.serial, o.* FROM part AS o
    JOIN runs AS r ON r.name = o.run) AS p JOIN shadow AS s
    ON s.run = p.run_name AND s.serial = p.serial
  WHERE (:run IS NULL OR p.run_name = :run) AND {ordinary}
    AND (:shadow IS NULL OR substr(s.engine_id, 1, length(:shadow)) = :shadow)
  ORDER BY p.id DESC LIMIT coalesce(:last, -1))
SELECT c.id AS age, p.run, p.serial, p.part_id, {wall} AS wall_ms, p.verdict, p.reason,
  p.engine_alone, p.score AS word, s.view, s.verdict AS shadow_verdict, s.reason AS shadow_reason,
  s.engine_alone AS shadow_alone, s.score_word AS shadow_word,
  CASE WHEN v.score_fault = 'OK' THEN v.engine_id END AS active_id,
  CASE WHEN s.score_fault = 'OK' THEN s.engine_id END AS shadow_id,
  coalesce(v.done_ns - v.start_ns, 0) AS active_ns, coalesce(s.done_ns - s.start_ns, 0) AS shadow_ns
FROM chosen AS c JOIN part AS p ON p.run = c.run_name AND p.serial = c.serial
  JOIN shadow AS s ON s.run = p.run AND s.serial = p.serial
  LEFT JOIN view AS v ON v.run = p.run AND v.serial = p.serial AND v.view = s.view
ORDER BY c.id, s.view
"""
_THERE = """
SELECT r.name AS run, e.engine_id, count(DISTINCT s.id >> 3) AS parts
FROM shadows AS s JOIN runs AS r ON r.id = s.id >> 43 JOIN engines AS e ON e.id = s.engine
GROUP BY 1, 2 ORDER BY max(s.id) DESC
"""
_OLD_THERE = """
SELECT run, engine_id, count(DISTINCT serial) AS parts FROM shadow GROUP BY 1, 2
ORDER BY run DESC
"""
_KINDS = {
    "verdict": "verdict", "engine_alone": "verdict", "shadow_verdict": "verdict",
    "shadow_alone": "verdict", "reason": "reason", "shadow_reason": "reason",
}  # fmt: skip


class Choice(NamedTuple):
    """Which parts: of one run, of one engine in shadow, the last so many; None: any.

    `shadow` is an engine's id in hex, or how it begins.
    """

    run: str | None = None
    shadow: str | None = None
    last: int | None = None


class Twice(NamedTuple):
    """One part as it was decided, and as it would have been with the other engine.

    `wall` is UTC; `engines` is what the engines alone said, times are of the slowest view.
    """

    run: str
    wall: str
    verdict: VerdictKind
    reason: Reason
    shadow_verdict: VerdictKind
    shadow_reason: Reason
    engines: Pair


class Duo(NamedTuple):
    """The two engines of a view, by their ids in hex; '' where none was recorded."""

    view: str
    active: str
    shadow: str

    def __str__(self) -> str:
        return f"{self.view}: active {self.active or '-'}, shadow {self.shadow or '-'}"


class Shadowed(NamedTuple):
    """Parts in the order of time, and the engines of each view."""

    parts: tuple[Twice, ...]
    engines: tuple[Duo, ...]

    @property
    def runs(self) -> list[str]:
        """The runs that they are of, oldest first."""
        return list(dict.fromkeys(part.run for part in self.parts))


def read(path: Path, choice: Choice) -> Shadowed:
    """The chosen parts that two engines judged; RecordsUnreadable says why there are none.

    All of them must be of the same two engines in each view: which engine is active
    changes with a swap, and then `choice` must tell the two apart.
    """
    files = Files(path)
    found = files.ask(lambda file: _chosen(file, choice))
    rows = sorted(
        (row for some in found for row in some), key=lambda row: (row["age"], row["view"])
    )
    if not rows:
        raise RecordsUnreadable(f"{path}: {_nothing(files, choice)}")
    try:
        # rows of one part stand together: they are sorted by age
        parts = [_twice(list(group)) for _, group in groupby(rows, _key)]
    except (KeyError, TypeError) as error:
        raise RecordsUnreadable(
            f"{path}: expected rows of this gonogo's table shadow, got {error!r}; "
            "compare with the gonogo that wrote it"
        ) from error
    parts = parts[-(choice.last or len(parts)) :]  # of each file there were so many
    kept = {(part.run, part.engines.serial) for part in parts}
    return Shadowed(tuple(parts), _engines(path, [row for row in rows if _key(row) in kept]))


def _chosen(file: File, choice: Choice) -> Rows:
    if file.old and not _has_shadow(file):
        return []
    query = _OLD_QUERY.format(**_old_words(file)) if file.old else _QUERY
    return [_in_words(file, row) for row in _named(file, query, choice._asdict())]


def _named(file: File, query: str, values: Row) -> Rows:
    file.db.row_factory = sqlite3.Row
    return [dict(row) for row in file.db.execute(query, values)]


def _in_words(file: File, row: Row) -> Row:
    if file.old:
        return row
    return row | {name: file.word(kind, row[name]) for name, kind in _KINDS.items()}


def _has_shadow(file: File) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name='shadow'"
    return file.db.execute(query).fetchone() is not None


def _old_words(file: File) -> dict[str, str]:
    there = {row[1] for row in file.db.execute("PRAGMA table_info(part)")}
    # a database of an earlier version knows of no master parts
    ordinary = "p.master_part IS NULL" if "master_part" in there else "1"
    return {"ordinary": ordinary, "wall": milliseconds("p.wall")}


def _nothing(files: Files, choice: Choice) -> str:
    """Why no part was chosen, and what could be."""

    def counted(file: File) -> Rows:
        if file.old and not _has_shadow(file):
            return []
        return _named(file, _OLD_THERE if file.old else _THERE, {})

    there = [row for some in files.ask(counted) for row in some]
    if not there:
        return (
            "no part was judged by an engine in shadow; load one beside the active engine, "
            "and let parts pass"
        )
    asked = [f"--{name} {value}" for name, value in choice._asdict().items() if value is not None]
    known = (
        f"{row['parts']} parts of run {row['run']} with shadow {row['engine_id'] or '-'}"
        for row in there
    )
    return f"no part in shadow for {' '.join(asked)}; there are {_some(list(known))}"


def _key(row: Row) -> tuple[str, int]:
    return row["run"], row["serial"]


def _twice(rows: Rows) -> Twice:
    """One part of its rows, one a view: what is of the whole part stands in each of them."""
    row = rows[0]
    pair = Pair(
        serial=row["serial"],
        part_id=row["part_id"],
        active_score=row["word"],
        shadow_score=row["shadow_word"],
        active_kind=VerdictKind[row["engine_alone"]],
        shadow_kind=VerdictKind[row["shadow_alone"]],
        # views are scored side by side: the slowest one is what the part waits for
        active_ms=max(row["active_ns"] for row in rows) / NS_PER_MS,
        shadow_ms=max(row["shadow_ns"] for row in rows) / NS_PER_MS,
    )
    return Twice(
        row["run"], utc(row["wall_ms"]),
        VerdictKind[row["verdict"]], Reason[row["reason"]],
        VerdictKind[row["shadow_verdict"]], Reason[row["shadow_reason"]],
        pair,
    )  # fmt: skip


def _engines(path: Path, rows: Rows) -> tuple[Duo, ...]:
    """The one pair of each view; scores that were not trusted tell nothing of who should score."""
    silent = {view: Duo(view, "", "") for view in sorted({row["view"] for row in rows})}
    counted = Counter(
        Duo(row["view"], row["active_id"], row["shadow_id"])
        for row in rows
        if row["active_id"] and row["shadow_id"]
    )
    # figures over two pairs of engines would be of neither
    if len({duo.view for duo in counted}) < len(counted):
        found = [f"{parts} parts with {duo}" for duo, parts in counted.most_common()]
        runs = sorted({row["run"] for row in rows})
        raise RecordsUnreadable(
            f"{path}: more than one pair of engines, expected one a view: {_some(found)}; choose "
            f"with --shadow ENGINE, --last N or --run RUN (there are {_some(runs)})"
        )
    return tuple({**silent, **{duo.view: duo for duo in counted}}.values())


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED_MAX} more" if len(words) > _NAMED_MAX else ""
    return ", ".join(words[:_NAMED_MAX]) + more
