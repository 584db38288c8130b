"""What is not there: serials of a run that have no row, and what was told of losses.

The line numbers its parts without a gap from 1 on. A number without a row is a part of which the
records know nothing: the journal was overrun, the disk was full, a damaged file was set aside.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from gonogo.records.questions.part_row import utc
from gonogo.records.questions.parts import parts
from gonogo.records.schema import SERIAL_BITS, SERIAL_MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gonogo.records.questions.files import File, Files
    from gonogo.records.questions.part_row import PartRow
    from gonogo.records.questions.parts import Choice

# numbers in a row have the same distance to their place: one group each
_ISLANDS = """
SELECT min(id), max(id) FROM
  (SELECT id, id - row_number() OVER (ORDER BY id) AS island FROM parts WHERE id BETWEEN ? AND ?)
GROUP BY island
"""


class Gap(NamedTuple):
    """Serials `first` to `last` of a run have no row."""

    run: str
    first: int
    last: int
    age: int  # as of parts: it stands where they would

    def __str__(self) -> str:
        count = self.last - self.first + 1
        which = f"serial {self.first}" if count == 1 else f"serials {self.first} to {self.last}"
        noun = "part" if count == 1 else "parts"
        return f"run {self.run}: {count} {noun} without a row ({which})"


class Loss(NamedTuple):
    """What was told: entries of the journal that never became rows; None: nobody knows how many."""

    run: str
    wall_ms: int
    entries: int | None
    why: str

    def __str__(self) -> str:
        count = "an unknown number of" if self.entries is None else str(self.entries)
        return f"{utc(self.wall_ms)} run {self.run}: {count} entries lost: {self.why}"


def gaps_between(files: Files, first: PartRow, last: PartRow) -> list[Gap]:
    """Missing numbers from one part to another, the order of age; within each run they touch."""
    low, high = first.place.id, last.place.id
    islands = [pair for some in files.ask(lambda file: _islands(file, low, high)) for pair in some]
    runs = dict(pair for some in files.ask(lambda file: file.runs) for pair in some.items())
    return _between_islands(islands, runs, low)


def with_gaps(files: Files, choice: Choice) -> Iterator[PartRow | Gap]:
    """The parts of a choice, and between them what is missing, whatever was chosen."""
    first = next(parts(files, choice), None)
    last = next(parts(files, choice._replace(last=1)), None)
    if first is None or last is None:
        return
    sources: list[Iterable[PartRow | Gap]] = [
        parts(files, choice),
        gaps_between(files, first, last),
    ]
    yield from heapq.merge(*sources, key=lambda each: each.age)


def losses(files: Files, since_ms: int, until_ms: int) -> list[Loss]:
    """What was told in a time, oldest first; told is later than lost."""
    query = "SELECT run, wall_ms, entries, why FROM losses WHERE wall_ms BETWEEN ? AND ?"

    def told(file: File) -> list[Loss]:
        found = file.db.execute(query, (since_ms, until_ms))
        return [Loss(file.runs.get(run, ""), *rest) for run, *rest in found]

    return sorted(
        {loss for some in files.ask(told) for loss in some}, key=lambda loss: loss.wall_ms
    )


def _islands(file: File, low: int, high: int) -> list[tuple[int, int]]:
    return file.db.execute(_ISLANDS, (low, high)).fetchall()


def _between_islands(
    islands: Iterable[tuple[int, int]], runs: dict[int, str], low: int
) -> list[Gap]:
    """A run may lie in several files: what is missing in one may be in another."""
    gaps = []
    end = low - 1  # of all that is there up to here
    for first, last in sorted(islands):
        number = first >> SERIAL_BITS
        if end >> SERIAL_BITS != number:
            end = number << SERIAL_BITS  # a run begins with serial 1
        if first > end + 1:
            serials = (end + 1) & SERIAL_MASK, (first - 1) & SERIAL_MASK
            gaps.append(Gap(runs.get(number, ""), *serials, end + 1))
        end = max(end, last)
    return gaps
