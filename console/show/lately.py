"""Error numbers that a station's kept log has named of late, the newest first."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.console.show.codes import codes, numbers_in
from gonogo.console.show.log_line import as_sentence
from gonogo.records.log.reading import Wanted, in_order, tail

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.show.codes import Code

_LATELY = 2000  # lines that are looked through for numbers
_TAIL_BYTES = 1 << 20  # some thousands of lines: a log may have gigabytes, and somebody waits
_NUMBERS = 5  # of the newest of those


def lately(log: Path) -> list[Code]:
    """What the newest warnings name by a number; LogUnreadable."""
    lines = reversed(newest(log, Wanted(level="warning"), _LATELY))
    numbers = dict.fromkeys(number for line in lines for number in numbers_in(line))
    return [codes()[number] for number in numbers if number in codes()][:_NUMBERS]


def newest(log: Path, wanted: Wanted, count: int) -> list[str]:
    """The last so many lines that are wanted, as sentences; LogUnreadable."""
    lines = in_order(tail(log, _TAIL_BYTES))
    return [as_sentence(line) for line in deque(wanted.chosen(lines), count)]
