"""Which lot a station is at work on, as somebody at the box has said: kept beside the records.

records.lots.jsonl holds a line of JSON each time that a lot begins or ends: the boot, its monotonic
time from which on that counts, the wall clock then, and the name of the lot (null: none). The line
of parts knows nothing of it. Whoever says it writes the line to the file first, for a moment that
is still to come (MARGIN_NS): when that moment is there everybody can read it, so a part gets the
lot of its trigger, however early its row is written, and however late.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.appended_file import append
from gonogo.base.atomic_file import SYSTEM
from gonogo.base.errors import LotNotKept, LotUnfit
from gonogo.base.plain_text import harmless
from gonogo.base.shm import boot_tag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gonogo.base.atomic_file import Files

LOT_MAX = 64  # characters; also of the table `lots`
MARGIN_NS = 200_000_000
TRIES = 3
TAIL_BYTES = 256 << 10  # the newest thousands of lots: further back no row waits to be written


class LotMark(NamedTuple):
    """From `at_ns` on (CLOCK_MONOTONIC of that boot) it is this lot; None: none."""

    boot: str
    at_ns: int
    wall_ms: int
    lot: str | None


class Clocks(NamedTuple):
    """What a mark is made by; a test exchanges one of them."""

    now_ns: Callable[[], int] = time.monotonic_ns
    wall_ns: Callable[[], int] = time.time_ns
    boot: Callable[[], str] = boot_tag


CLOCKS = Clocks()


def beside_records(records: Path) -> Path:
    """The lots of a station, from the `path` of its [records]."""
    return records.with_name(f"{records.stem}.lots.jsonl")


def fit(lot: str) -> str:
    """The name as it is kept, without blanks around it; LotUnfit says what is wrong with it."""
    name = lot.strip()
    if not is_fit(name):
        raise LotUnfit(
            f"lot {harmless(lot, LOT_MAX)!r}: expected 1 to {LOT_MAX} printable characters, got "
            f"{len(name)}; the lot before goes on"
        )
    return name


def is_fit(name: str) -> bool:
    """Whether it is such a name."""
    return 1 <= len(name) <= LOT_MAX and name.isprintable() and name == name.strip()


def read_marks(path: Path) -> list[LotMark]:
    """The newest of them, oldest first; what is none is passed over. OSError."""
    try:
        with path.open("rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - TAIL_BYTES, 0))
            raw = file.read(TAIL_BYTES)
    except FileNotFoundError:
        return []
    return [mark for line in raw.splitlines() if (mark := _mark(line)) is not None]


def begin(path: Path, lot: str | None, files: Files = SYSTEM, clocks: Clocks = CLOCKS) -> LotMark:
    """Have a lot begin MARGIN_NS from now, or none; the line is on the disk. LotNotKept."""
    mark = LotMark("", 0, 0, lot)
    for _ in range(TRIES):
        at_ns = clocks.now_ns() + MARGIN_NS
        wall_ms = (clocks.wall_ns() + MARGIN_NS) // 1_000_000
        mark = LotMark(clocks.boot(), at_ns, wall_ms, lot)
        try:
            append(path, json.dumps(mark._asdict()).encode() + b"\n", files)
        except OSError as error:
            raise LotNotKept(
                f"{path}: {error.strerror or error}; the lot before goes on; expected a file that "
                "this user may write, and free space"
            ) from error
        if clocks.now_ns() < at_ns:
            return mark
        # the disk was slower than that: from then on it counts, and once more from a little later
    return mark


def _mark(line: bytes) -> LotMark | None:
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        said = json.loads(line)
        boot, at_ns, wall_ms, lot = values = [said[name] for name in LotMark._fields]
        kinds = [type(value) for value in values]
        if kinds == [str, int, int, str] and is_fit(lot):
            return LotMark(boot, at_ns, wall_ms, lot)
        if kinds == [str, int, int, type(None)]:
            return LotMark(boot, at_ns, wall_ms, None)
    return None
