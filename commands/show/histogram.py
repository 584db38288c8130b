"""The score histogram on a terminal: good parts stand on the axis, bad ones hang from it."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.bins import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.build.bins import Counts
    from gonogo.build.thresholds import Thresholds

MARKS = "┊┃"  # the limits: above them recheck, and reject
RISING = " ▁▂▃▄▅▆▇█"
GOOD_ROWS, BAD_ROWS = 7, 4
WIDTH_MIN = 40
_LABEL = 5  # columns, for the numbers of parts
_TAIL = 4  # columns of the two limits, and for half of the last score below the axis
_COLUMNS_PER_TICK = 9


def lines(
    good: Sequence[float], bad: Sequence[float], thresholds: Thresholds, width: int
) -> list[str]:
    """Lines of at most `width` columns (at least WIDTH_MIN) that need no colour."""
    # narrower, and the words below it would break in the middle
    width = max(width, WIDTH_MIN)
    counts = count(good, bad, thresholds, width - _LABEL - 1 - _TAIL)
    words = [limits(thresholds), *thresholds.expected(), thresholds.promise, thresholds.how]
    return [
        _row(counts, _zones(counts)),
        *_standing(counts),
        _row(counts, "─" * len(counts.good), marks="┼╂"),
        # nothing hangs from the axis where no bad parts were scored
        *(_hanging(counts) if len(bad) else ()),
        _scores(counts, width),
        *(line for text in words for line in textwrap.wrap(text, width)),
    ]


def limits(thresholds: Thresholds) -> str:
    """What is done with a score, in words."""
    low, high = (f"{limit:.4g}" for limit in thresholds[:2])
    if thresholds.recheck_above == thresholds.reject_above:
        return f"accept up to {high} (┃), reject above"
    return f"accept up to {low} (┊), recheck up to {high} (┃), reject above"


def _standing(counts: Counts) -> Iterator[str]:
    most = max(1, int(counts.good.max()))
    labels = {GOOD_ROWS - 1: str(most), 0: "good"}
    for row in range(GOOD_ROWS - 1, -1, -1):
        cells = (RISING[_eighths(parts, most, row, GOOD_ROWS)] for parts in counts.good.tolist())
        yield _row(counts, "".join(cells), labels.get(row, ""))


def _hanging(counts: Counts) -> Iterator[str]:
    """Shaded, and in whole cells: there are no blocks that hang from the top of theirs."""
    most = max(1, int(counts.bad.max()))
    labels = {0: "bad", BAD_ROWS - 1: str(most)}
    for row in range(BAD_ROWS):
        filled = (_eighths(parts, most, row, BAD_ROWS) for parts in counts.bad.tolist())
        yield _row(
            counts, "".join("▒" if eighths else " " for eighths in filled), labels.get(row, "")
        )


def _eighths(parts: int, most: int, row: int, rows: int) -> int:
    """How much of a row's cell the bar of a bin fills; one part is always seen."""
    # eighths of a cell are what a terminal's blocks have
    filled = max(round(8 * rows * parts / most), 1 if parts else 0)
    return min(max(filled - 8 * row, 0), 8)


def _row(counts: Counts, cells: str, label: str = "", marks: str = MARKS) -> str:
    """A label, and a cell a bin, with the limits between them."""
    low, high = counts.recheck_edge, counts.reject_edge
    recheck = marks[0] + cells[low:high] if low < high else ""
    return f"{label:>{_LABEL}} {cells[:low]}{recheck}{marks[1]}{cells[high:]}".rstrip()


def _zones(counts: Counts) -> str:
    ends = [0, counts.recheck_edge, counts.reject_edge, len(counts.good)]
    wide = [end - start for start, end in pairwise(ends)]
    # a zone that is narrower than its name stays without it
    names = zip(("accept", "recheck", "reject"), wide, strict=True)
    return "".join(name.center(room) if len(name) <= room else " " * room for name, room in names)


def _scores(counts: Counts, width: int) -> str:
    """Round scores below their places, as many as fit."""
    line = ""
    for tick in counts.axis.ticks(len(counts.good) // _COLUMNS_PER_TICK):
        text = f"{tick:g}"
        # centred below its place; one that would touch the last one is left out
        start = _column(counts, tick) - len(text) // 2
        if len(line) < start <= width - len(text):
            line = line.ljust(start) + text
    return line


def _column(counts: Counts, score: float) -> int:
    edge = int(np.searchsorted(counts.edges, score))
    # each limit takes a column of its own between two bins; the same one twice takes one
    limits_before = (edge > counts.recheck_edge) + (edge > counts.reject_edge)
    return (
        _LABEL
        + 1
        + edge
        + (limits_before if counts.recheck_edge < counts.reject_edge else limits_before // 2)
    )
