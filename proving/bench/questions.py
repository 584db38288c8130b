"""Five questions to the records of months, and what a part takes on the disk.

Each beside the 50 ms that it may take, asked of 10^7 parts; the note has the time that it takes
of 10^4. A question opens the files, asks and closes them, as the commands do. The rows are made
here (gonogo.proving.bench.recorded), in two to three minutes and 2.5 GB.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from gonogo.proving.bench import recorded
from gonogo.proving.bench.rows import Row
from gonogo.records.questions.details import details
from gonogo.records.questions.files import Files
from gonogo.records.questions.parts import Choice, by_part_id, parts
from gonogo.records.questions.sums import reasons, scores

if TYPE_CHECKING:
    from collections.abc import Callable

    Question = Callable[[Path, int], object]

FEW, MANY = 10_000, 10_000_000
LIMIT_MS, LIMIT_MB = 50.0, 250.0
TURNS = 9
ROOM_BYTES = 4 << 30
HOUR_MS = 3_600_000


def _last(base: Path, _: int) -> object:
    return list(parts(Files(base), Choice(last=100)))


def _this(base: Path, count: int) -> object:
    files, serial = Files(base), count // 2
    found = by_part_id(files, serial % 65_535 + 1, recorded.wall_ms(serial))
    return details(files, found)


def _shift(base: Path, count: int) -> object:
    since_ms = recorded.wall_ms(count // 2)
    return reasons(Files(base), since_ms, since_ms + 8 * HOUR_MS)


def _day(base: Path, count: int) -> object:
    since_ms = recorded.wall_ms(count // 2 // recorded.WORKED_S * recorded.WORKED_S)
    return scores(Files(base), since_ms, since_ms + 24 * HOUR_MS)


def _lot(base: Path, count: int) -> object:
    lot = f"L{count // 2 // recorded.LOT_PARTS + 1:06d}"
    return list(parts(Files(base), Choice(lot=lot)))


QUESTIONS: dict[str, Question] = {
    "records_last_100": _last,
    "records_this_part": _this,
    "records_rejects_of_a_shift": _shift,
    "records_scores_of_a_day": _day,
    "records_parts_of_a_lot": _lot,
}
SIZE = "records_mb_per_million_parts"
NAMES = (*QUESTIONS, SIZE)


def measure(few: int = FEW, many: int = MANY) -> list[Row]:
    """A row a question, and one of the size."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as place:
        if shutil.disk_usage(place).free < ROOM_BYTES:
            why = f"not run: needs {ROOM_BYTES >> 30} GB of free space in {place}"
            return [Row(name, None, None, "lower", "ms", 1.0, why) for name in NAMES]
        bases = {count: Path(place) / f"{count}" / "records.sqlite" for count in (few, many)}
        for count, base in bases.items():
            base.parent.mkdir()
            recorded.make(base, count, _connect)
        asked = [_row(name, ask, bases) for name, ask in QUESTIONS.items()]
        return [*asked, _size(bases[many], many)]


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _row(name: str, ask: Question, bases: dict[int, Path]) -> Row:
    (few, (few_ms, _)), (many, (many_ms, busy_ms)) = (
        (count, _median_ms(ask, base, count)) for count, base in bases.items()
    )
    note = (
        f"median of {TURNS} at {many} parts, beside the {LIMIT_MS:g} ms allowed; at {few} parts "
        f"{few_ms:.2f} ms, {many_ms / few_ms:.2f} times that; {busy_ms:.2f} ms of the processor"
    )
    return Row(name, many_ms, LIMIT_MS, "lower", "ms", 1.0, note)


def _median_ms(ask: Question, base: Path, count: int) -> tuple[float, float]:
    """By the clock, and of the processor: on a busy box the two differ."""
    taken_ms, busy_ms = [], []
    for _ in range(TURNS):
        begun_ns, busy_ns = time.perf_counter_ns(), time.thread_time_ns()
        assert ask(base, count), "there is an answer"
        taken_ms.append((time.perf_counter_ns() - begun_ns) / 1e6)
        busy_ms.append((time.thread_time_ns() - busy_ns) / 1e6)
    return median(taken_ms), median(busy_ms)


def _size(base: Path, count: int) -> Row:
    mb = recorded.size_bytes(base) / count
    note = (
        "files, indexes and all, without pictures: one view, four rules and a lot each, no serial "
        f"number; beside the {LIMIT_MB:g} MB allowed"
    )
    return Row(SIZE, mb, LIMIT_MB, "lower", "MB", 1.0, note)
