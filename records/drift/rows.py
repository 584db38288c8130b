"""The rows of new parts, read back in the order in which they passed, some at a time.

Files are opened read-only, for one question each, and let go: a reader that holds a file would
keep its log from being written back. What is taken was there at the look before as well: of two
files that are written in turn, at a change of the month, none can still get an older part then.
"""

from __future__ import annotations

import contextlib
import heapq
import math
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import RecordsUnreadable
from gonogo.records.questions.files import Files
from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK, VIEW_BITS

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gonogo.records.questions.files import File

PAGE = 500  # parts of one look
MOST = 100_000  # of the parts that wait, so many are counted
_NEWEST = "SELECT coalesce(max(id), -1) FROM parts"
_PARTS = """
SELECT id, wall_ms, trigger_ns, verdict, recipe, master_part FROM parts
WHERE id > ? AND id <= ? AND trigger_ns IS NOT NULL ORDER BY id LIMIT ?
"""
_VIEWS = """
SELECT v.id, n.name, v.fault, v.score, v.score_fault, e.engine_id FROM views AS v
  JOIN view_names AS n ON n.id = v.view LEFT JOIN engines AS e ON e.id = v.engine
WHERE v.id BETWEEN ? AND ? ORDER BY v.id
"""
_WAITING = "SELECT count(*) FROM (SELECT 1 FROM parts WHERE id > ? LIMIT ?)"
_AFTER = "SELECT min(id) FROM parts WHERE wall_ms > ?"


class Mark(NamedTuple):
    """Up to which part has been read: the name of its run, its id, and its time, UTC ms."""

    run: str
    part: int
    wall_ms: int


class ViewRow(NamedTuple):
    """One view of a part; `engine` in hex, '' where none scored it. NaN: a score of no use."""

    view: str
    trusted: bool
    score: float | None
    engine: str


class PartRow(NamedTuple):
    """One part: `id` is run << SERIAL_BITS | serial; `verdict` in words."""

    id: int
    run: str
    wall_ms: int
    trigger_ns: int
    verdict: str
    recipe: int
    master_part: bool
    views: tuple[ViewRow, ...]

    @property
    def serial(self) -> int:
        """Within its run."""
        return self.id & SERIAL_MASK

    @property
    def mark(self) -> Mark:
        """That it has been read."""
        return Mark(self.run, self.id, self.wall_ms)


class Rows:
    """Those after a mark; None: those that come from now on. RecordsUnreadable is never raised."""

    def __init__(self, base: Path, mark: Mark | None) -> None:
        self._files = Files(base)
        self.part = self._newest() if mark is None else self._found_again(mark)
        self._until = self.part

    def newer(self) -> list[PartRow]:
        """The next PAGE of them at most, by id; none while nothing can be read."""
        until, self._until = self._until, max(self._newest(), self._until)
        if until <= self.part:
            return []
        pages = self._ask_each(lambda file: _page(file, self.part, until))
        found = list(heapq.merge(*pages, key=lambda row: row.id))[:PAGE]
        # what no file has any more is a gap, which the records tell of
        self.part = found[-1].id if len(found) == PAGE else until
        return found

    def waiting(self) -> int:
        """How many parts are recorded and were not read yet, at most MOST."""
        counts = self._ask_each(
            lambda file: file.db.execute(_WAITING, (self.part, MOST)).fetchone()[0]
        )
        return min(int(sum(counts)), MOST)

    def _newest(self) -> int:
        found = self._ask_each(lambda file: int(file.db.execute(_NEWEST).fetchone()[0]))
        return max(found, default=-1)

    def _found_again(self, mark: Mark) -> int:
        """Where that part is now; a run may have another number once older files were moved away.

        Where no file knows the run any more: before the first part that is later by the clock.
        """
        numbers: dict[str, int] = {
            name: number for some in self._ask_each(_runs) for name, number in some
        }
        if mark.run in numbers:
            return numbers[mark.run] << SERIAL_BITS | (mark.part & SERIAL_MASK)
        after = self._ask_each(lambda file: file.db.execute(_AFTER, (mark.wall_ms,)).fetchone()[0])
        later = [int(each) for each in after if each is not None]
        return min(later) - 1 if later else self._newest()

    def _ask_each(self, question: Any) -> list[Any]:  # noqa: ANN401 - of any answer
        found = []
        for path in self._files.paths:
            # a file of before is not charted: its rows have no order that goes on in the new ones
            if path != self._files.path:
                with contextlib.suppress(RecordsUnreadable):
                    found.append(self._files.ask_one(path, question))
        return found


def _runs(file: File) -> list[tuple[str, int]]:
    return [(name, number) for number, name in file.runs.items()]


def _score(value: float | None, fault: str) -> float | None:
    """NaN is NULL in a database: what the engine said, and nobody could use, is NaN again."""
    if fault == "OK":
        return math.nan if value is None else value
    return math.nan if fault == "ENGINE_DATA" else None


def _page(file: File, after: int, until: int) -> list[PartRow]:
    parts = file.db.execute(_PARTS, (after, until, PAGE)).fetchall()
    if not parts:
        return []
    ends = parts[0][0] << VIEW_BITS, (parts[-1][0] + 1 << VIEW_BITS) - 1
    views: dict[int, list[ViewRow]] = {}
    for key, name, fault, score, score_fault, engine in file.db.execute(_VIEWS, ends):
        trusted = file.word("reason", fault) == "OK"
        found = _score(score, "" if engine is None else file.word("reason", score_fault))
        views.setdefault(key >> VIEW_BITS, []).append(ViewRow(name, trusted, found, engine or ""))
    return [
        PartRow(
            key, file.runs.get(key >> SERIAL_BITS, ""), wall_ms, trigger_ns,
            file.word("verdict", verdict), recipe or 0,
            file.word("master_part", master) not in {"", "NONE"}, tuple(views.get(key, ())),
        )
        for key, wall_ms, trigger_ns, verdict, recipe, master in parts
    ]  # fmt: skip
