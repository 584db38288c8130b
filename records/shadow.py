"""What an engine in shadow would have said, read back beside what was decided.

Reads the database of a station, also while it runs, and never writes to it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gonogo.base.errors import RecordsUnreadable
from gonogo.base.words import NS_PER_MS, Reason, VerdictKind
from gonogo.ipc.journal_records import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Rows = Sequence[sqlite3.Row]

# of engines and runs in a message: a line of a terminal
_NAMED_MAX = 6
# a database of an earlier version knows of no master parts
_ORDINARY = {True: "p.master_part IS NULL", False: "1"}
# the newest parts are chosen by the time on the wall, which goes on over runs; then they are told
# in the order in which they passed. Only trusted scores name an engine (score_fault)
_QUERY = """
WITH chosen AS (
  SELECT DISTINCT p.run, p.serial FROM part AS p JOIN shadow AS s USING (run, serial)
  WHERE (:run IS NULL OR p.run = :run) AND {ordinary}
    AND (:shadow IS NULL OR substr(s.engine_id, 1, length(:shadow)) = :shadow)
  ORDER BY p.wall DESC, p.serial DESC LIMIT coalesce(:last, -1))
SELECT p.run, p.serial, p.part_id, p.wall, p.verdict, p.reason, p.engine_alone, p.score AS word,
  s.view, s.verdict AS shadow_verdict, s.reason AS shadow_reason,
  s.engine_alone AS shadow_alone, s.score_word AS shadow_word,
  CASE WHEN v.score_fault = 'OK' THEN v.engine_id END AS active_id,
  CASE WHEN s.score_fault = 'OK' THEN s.engine_id END AS shadow_id,
  coalesce(v.done_ns - v.start_ns, 0) AS active_ns,
  coalesce(s.done_ns - s.start_ns, 0) AS shadow_ns
FROM chosen JOIN part AS p USING (run, serial) JOIN shadow AS s USING (run, serial)
  LEFT JOIN view AS v ON v.run = p.run AND v.serial = p.serial AND v.view = s.view
ORDER BY p.wall, p.run, p.serial, s.view
"""


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
    with _opened(path) as db:
        known = {row["name"] for row in db.execute("PRAGMA table_info(part)")}
        query = _QUERY.format(ordinary=_ORDINARY["master_part" in known])
        rows = db.execute(query, choice._asdict()).fetchall()
        if not rows:
            raise RecordsUnreadable(f"{path}: {_nothing(db, choice)}")
    try:
        # rows of one part stand together: the query orders by run and serial
        parts = [_twice(list(group)) for _, group in groupby(rows, _key)]
    except (KeyError, TypeError) as error:
        raise RecordsUnreadable(
            f"{path}: expected rows of this gonogo's table shadow, got {error!r}; "
            "compare with the gonogo that wrote it"
        ) from error
    return Shadowed(tuple(parts), _engines(path, rows))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Read-only: a file that is not there is not made, and one of others is not touched."""
    if not path.is_file():
        raise RecordsUnreadable(
            f"{path}: no such file, expected the `path` of [records] in the station file"
        )
    try:
        # mode=ro: sqlite would make a file that is not there; quote: a ? in a path would begin
        # parameters
        db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        with closing(db):
            db.row_factory = sqlite3.Row
            _check_tables(path, db)
            yield db
    except sqlite3.Error as error:
        raise RecordsUnreadable(
            f"{path}: expected a records database of gonogo that this user may read, got: {error}; "
            "copy it with its -wal file, while no station writes to it"
        ) from error


def _check_tables(path: Path, db: sqlite3.Connection) -> None:
    # asked before the query, whose error would not say which program the file is of
    found = {row["name"] for row in db.execute("SELECT name FROM sqlite_master")}
    if "part" not in found or "view" not in found:
        raise RecordsUnreadable(f"{path}: a database, but not one of gonogo's records")
    if "shadow" not in found:
        raise RecordsUnreadable(
            f"{path}: written before there were engines in shadow; run the station with this gonogo"
        )


def _nothing(db: sqlite3.Connection, choice: Choice) -> str:
    """Why no part was chosen, and what could be."""
    there = db.execute(
        "SELECT run, engine_id, count(DISTINCT serial) AS parts FROM shadow"
        " JOIN part USING (run, serial) GROUP BY run, engine_id ORDER BY max(wall) DESC"
    ).fetchall()
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


def _key(row: sqlite3.Row) -> tuple[str, int]:
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
        row["run"], row["wall"],
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
