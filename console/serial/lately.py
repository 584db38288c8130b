"""What the kept log has named of late by a number, and what to do about it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gonogo.console.serial.codes import codes, numbers_in
from gonogo.console.show.log_line import as_sentence
from gonogo.records.log.reading import Wanted, in_order, tail

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.console.serial.codes import Code

LINES = 2000  # that are looked through
TAIL_BYTES = 1 << 20  # some thousands of lines: a log may have gigabytes, and somebody waits
NUMBERS = 5  # of the newest


def named_lately(log: Path) -> list[Code]:
    """Of its newest warnings, the newest first; LogUnreadable, OSError."""
    chosen = Wanted(level="warning").chosen(in_order(tail(log, TAIL_BYTES)))
    lines = [as_sentence(line) for line in deque(chosen, LINES)]
    numbers = dict.fromkeys(number for line in reversed(lines) for number in numbers_in(line))
    return [codes()[number] for number in numbers if number in codes()][:NUMBERS]
