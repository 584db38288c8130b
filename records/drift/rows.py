"""The rows of new parts, read back in the order in which they passed, some at a time.

Files are opened read-only, for one question each, and let go: a reader that holds a file would
keep its log from being written back. One that nobody writes to is not opened at all: SQLite leaves
a `-wal` beside what it has read, and a month can be moved away only without. What is taken was
there at the look before as well: of two files that are written in turn, at a change of the month,
none can still get an older part then.
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
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Any

    from gonogo.records.questions.files import File

PAGE = 500  # parts of one look
RECENT = 3  # files that are opened at the start, whether somebody writes to them or not
MOST = 100_000  # of the parts that wait, so many are counted
Stamp = tuple[tuple[int, int, int], ...]
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
        # of each file how it was when it was opened last, and its highest id then
        self._seen: dict[Path, tuple[Stamp, int]] = {}
        for path in self._months()[RECENT:]:
            self._seen[path] = _stamp(path), -1
        self.part = self._newest() if mark is None else self._found_again(mark)
        self._until = self.part

    def newer(self) -> list[PartRow]:
        """The next PAGE of them at most, by id; none while nothing can be read."""
        until, self._until = self._until, max(self._newest(), self._until)
        if until <= self.part:
            return []
        paths = self._with_newer()
        pages = self._ask(paths, lambda file: _page(file, self.part, until))
        if len(pages) < len(paths):  # one that cannot be read now has some of them: not without it
            return []
        found = list(heapq.merge(*pages, key=lambda row: row.id))[:PAGE]
        # what no file has any more is a gap, which the records tell of
        self.part = found[-1].id if len(found) == PAGE else until
        return found

    def waiting(self) -> int:
        """How many parts are recorded and were not read yet, at most MOST."""
        for path in self._months()[
            :1
        ]:  # two writes within a tick of the disk's clock look like one
            self._seen.pop(path, None)
        self._newest()
        counts = self._ask(
            self._with_newer(),
            lambda file: file.db.execute(_WAITING, (self.part, MOST)).fetchone()[0],
        )
        return min(int(sum(counts)), MOST)

    def _newest(self) -> int:
        """The highest id of all files; those that are as they were are not opened again."""
        found = {}
        for path in self._months():
            stamp, known = _stamp(path), self._seen.get(path)
            if known is not None and known[0] == stamp:
                found[path] = known
                continue
            former = -1 if known is None else known[1]
            # one that cannot be read is asked again once somebody has written to it
            last = self._ask([path], lambda file: int(file.db.execute(_NEWEST).fetchone()[0]))
            found[path] = stamp, last[0] if last else former
        self._seen = found
        return max((last for _, last in found.values()), default=-1)

    def _with_newer(self) -> list[Path]:
        return [path for path, (_, last) in self._seen.items() if last > self.part]

    def _found_again(self, mark: Mark) -> int:
        """Where that part is now; a run may have another number once older files were moved away.

        Where no file knows the run any more: before the first part that is later by the clock.
        """
        for path in self._months():  # the newest first: it knows the run that went on last
            for some in self._ask([path], _runs):
                if mark.run in some:
                    return int(some[mark.run]) << SERIAL_BITS | (mark.part & SERIAL_MASK)
        after = self._ask(
            self._months(),
            lambda file: file.db.execute(_AFTER, (mark.wall_ms,)).fetchone()[0],
        )
        later = [int(each) for each in after if each is not None]
        return min(later) - 1 if later else self._newest()

    def _months(self) -> list[Path]:
        """Newest first; a file of before is not charted: its rows have no order that goes on."""
        return [path for path in self._files.paths if path != self._files.path]

    def _ask(self, paths: Iterable[Path], question: Any) -> list[Any]:  # noqa: ANN401 - of any answer
        found = []
        for path in paths:
            with contextlib.suppress(RecordsUnreadable):
                found.append(self._files.ask_one(path, question))
        return found


def _stamp(path: Path) -> Stamp:
    """Changes whenever somebody writes to it, or to its log; an empty log is none."""
    found = []
    for each in (path, path.with_name(f"{path.name}-wal")):
        with contextlib.suppress(OSError):
            about = each.stat()
            found.append((about.st_ino, about.st_mtime_ns, about.st_size))
    return tuple(each for each in found if each[2])


def _runs(file: File) -> dict[str, int]:
    return {name: number for number, name in file.runs.items()}


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
