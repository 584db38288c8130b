"""The first parts that one engine scored in one view, with the scores as the engine gave them."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import Reason
from gonogo.records.questions.gaps import gaps_between
from gonogo.records.questions.parts import by_serial
from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK, UNKNOWN_CODE

if TYPE_CHECKING:
    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.gaps import Gap

_FLOAT_MAX = 1.7976931348623157e308
# why a part of that time is of no use here; the first that fits is said
_WHY = """
CASE WHEN v.id IS NULL THEN 'not seen by this view'
 WHEN e.engine_id IS NOT NULL AND e.engine_id <> :engine THEN 'scored by another engine'
 WHEN :recipe IS NOT NULL AND p.recipe IS NOT :recipe THEN 'judged by another recipe'
 WHEN p.master_part > 0 THEN 'master parts'
 WHEN p.verdict = :unknown THEN 'never decided'
 WHEN v.fault <> :ok THEN 'of a frame that was not trusted'
 WHEN e.engine_id IS NULL OR v.score IS NULL OR coalesce(v.score_fault, :ok) <> :ok
   OR abs(v.score) > :most THEN 'without a score that can be trusted' END
"""
# CROSS: in the order of the views, until there are enough; any other order would read them all
_FIRST = f"""
SELECT p.id, v.score FROM views AS v CROSS JOIN engines AS e ON e.id = v.engine
  CROSS JOIN parts AS p ON p.id = v.id >> 3
WHERE v.engine = (SELECT id FROM engines WHERE engine_id = :engine)
  AND v.view = (SELECT id FROM view_names WHERE name = :view) AND {_WHY} IS NULL
ORDER BY v.id LIMIT :first
"""  # noqa: S608 - our own words
# the +: SQLite would make an index of all views by their one name, and look each part up in that
_LEFT_OUT = f"""
SELECT {_WHY} AS why, count(*)
FROM parts AS p LEFT JOIN views AS v ON v.id BETWEEN p.id << 3 AND (p.id << 3) + 7
  AND +v.view = (SELECT id FROM view_names WHERE name = :view)
  LEFT JOIN engines AS e ON e.id = v.engine
WHERE p.id BETWEEN :low AND :high AND why IS NOT NULL GROUP BY why
"""  # noqa: S608 - our own words


class Scored(NamedTuple):
    """A part, and what the engine scored it in its own unit."""

    run: str
    serial: int
    score: float


class Asked(NamedTuple):
    """Whose scores: a view by name, an engine by its id in hex; `recipe` None for any."""

    view: str
    engine: str
    recipe: int | None = None


class Found(NamedTuple):
    """In the order in which they passed; `left_out`: how many between them are of no use, and why.

    `gaps`: parts between them of which the records know nothing.
    """

    parts: list[Scored]
    left_out: Counter[str]
    gaps: list[Gap]


def first_scored(files: Files, asked: Asked, first: int) -> Found:
    """The first so many that can be used; RecordsUnreadable. Notes of the files stay in `files`.

    A file from before there was one a month is left out: the next start takes it over.
    """
    values = {
        **asked._asdict(), "first": first, "ok": Reason.OK, "unknown": UNKNOWN_CODE,
        "most": _FLOAT_MAX,
    }  # fmt: skip

    def met(file: File) -> list[tuple[int, Scored]]:
        # it has no keys that a part could be looked up by
        rows = [] if file.old else file.db.execute(_FIRST, values).fetchall()
        return [(at, Scored(file.runs[at >> SERIAL_BITS], at & SERIAL_MASK, x)) for at, x in rows]

    found = heapq.nsmallest(first, (each for some in files.ask(met) for each in some))
    if not found:
        return Found([], Counter(), [])
    parts = [part for _, part in found]
    ends = {"low": found[0][0], "high": found[-1][0]}

    def left(file: File) -> Counter[str]:
        counts = [] if file.old else file.db.execute(_LEFT_OUT, values | ends).fetchall()
        return Counter(dict(counts))

    left_out: Counter[str] = sum(files.ask(left), Counter())
    oldest, newest = (by_serial(files, part.run, part.serial) for part in (parts[0], parts[-1]))
    return Found(parts, left_out, gaps_between(files, oldest, newest))
