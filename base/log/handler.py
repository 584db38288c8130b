"""Writes lines without ever waiting: what does not fit is counted, and told once there is room.

Nobody waits for a reader here, nor for a thread of our own: one write, which does not block. What
can stand between is the lock of the standard library's handler, which another thread holds for the
time of such a write.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from gonogo.base.log.entry import LIBRARY, LINE_BYTES
from gonogo.base.log.limit import RateLimit
from gonogo.base.log.logger import FIELDS

if TYPE_CHECKING:
    from gonogo.base.log.limit import Held

DROPPED = "log_lines_dropped"
HELD_BACK = "log_lines_held_back"
PASSED_ON = "gonogo.passed_on"  # lines of other processes, which have a limit of their own
_UNLIMITED = frozenset({"flood_asked_for"})  # of a fault that shall fill the pipe


class DroppingHandler(logging.Handler):
    """Writes lines to a descriptor without ever blocking; `dropped` counts what did not fit."""

    def __init__(self, fd: int = 2, limit: RateLimit | None = None) -> None:
        super().__init__()
        self.fd = fd
        self._limit = limit or RateLimit()
        self.dropped = 0
        self._told = 0
        # a pipe that nobody empties must not stop a process; what does not fit is counted
        os.set_blocking(fd, False)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it as dropped or held back."""
        now_s = time.monotonic()
        for held in self._limit.over(now_s):
            self._tell_held(held)
        event = _event(record)
        if event in _UNLIMITED or record.name == PASSED_ON or self._limit.takes(event, now_s):
            self._put(record)

    def flush(self) -> None:
        """At the end of the process: what was held back and not told yet."""
        for held in self._limit.rest(time.monotonic()):
            self._tell_held(held)

    def _put(self, record: logging.LogRecord) -> None:
        """With how many did not fit before it: both of them, or neither."""
        line, more = self._line(record), self.dropped - self._told
        news = b""
        if more:
            text = f"{more} lines before this one did not fit: nobody read them fast enough"
            news = self._line(_own(DROPPED, text, {"count": more}))
        # one write of more than that may be torn, and mixed with lines of others (pipe(7))
        whole = len(news + line) <= LINE_BYTES
        fits = self._written(news + line) if whole else self._written(news)
        if fits:
            self._told = self.dropped
            fits = whole or self._written(line)
        self.dropped += not fits

    def _line(self, record: logging.LogRecord) -> bytes:
        return (self.format(record) + "\n").encode(errors="replace")

    def _written(self, lines: bytes) -> bool:
        try:
            os.write(self.fd, lines)
        except OSError:
            return False
        return True

    def _tell_held(self, held: Held) -> None:
        text = f"{held.event}: {held.lines} more of it in the last {held.span_s:.0f} s"
        fields = {"of": held.event, "count": held.lines, "span_s": round(held.span_s, 1)}
        self._put(_own(HELD_BACK, text, fields))


def _event(record: logging.LogRecord) -> str:
    """What counts as the same: our event, or what a library says before its values are put in."""
    event: str = getattr(record, FIELDS, {"event": LIBRARY})["event"]
    return event if event != LIBRARY else f"{record.name}: {str(record.msg)[:200]}"


def _own(event: str, text: str, fields: dict[str, object]) -> logging.LogRecord:
    record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, text, (), None)
    setattr(record, FIELDS, {"event": event, **fields})
    return record
