"""Passes the messages of all processes on, from one named pipe, without ever waiting."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING

from gonogo.base.log.entry import ENTRY, from_line, raw
from gonogo.base.log.handler import PASSED_ON

if TYPE_CHECKING:
    from gonogo.base.log.entry import Entry
    from gonogo.watchdog.last_words import LastWords

# The supervisor comes before the line: of a flood, it may not pass on more at a time than
# some tenths of a millisecond take. What the pipe does not hold meanwhile its writer drops.
READ_BYTES = 1024
EVERY_NS = 20_000_000
PIPE_BYTES = 65536  # what a pipe holds (pipe(7)); of a line without an end, as much is kept

_log = logging.getLogger(PASSED_ON)


class Relay:
    """Whole lines from the pipe to our own log; a line without an end waits for it."""

    def __init__(self, fd: int, last_words: LastWords | None = None) -> None:
        self._fd = fd
        self._last_words = last_words
        self._rest = b""
        self._next_ns = 0

    def pass_on(self, now_ns: int) -> None:
        """A little, every now and then."""
        if now_ns >= self._next_ns:
            self._next_ns = now_ns + EVERY_NS
            self._read()

    def drain(self) -> None:
        """What is left at the end, as much as a pipe holds."""
        for _ in range(PIPE_BYTES // READ_BYTES):
            if not self._read():
                return

    def _read(self) -> bool:
        """Whether there may be more."""
        chunk = b""
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(self._fd, READ_BYTES)
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[-PIPE_BYTES:]
        for line in lines:
            self._hand_on(line)
        return len(chunk) == READ_BYTES

    def _hand_on(self, line: bytes) -> None:
        entry = from_line(line)
        if entry is None:
            text = line.decode(errors="replace")
            _say(logging.INFO, text, raw(text))
            return
        process, text = str(entry.get("process", "")), str(entry["text"])
        if self._last_words is not None:
            self._last_words.heard(process, text)
        level = logging.getLevelName(str(entry.get("level")).upper())
        known = level if isinstance(level, int) else logging.INFO
        _say(known, f"{process}: {text}", entry)


def _say(level: int, text: str, entry: Entry) -> None:
    """With the entry of another process as it came."""
    if _log.isEnabledFor(level):
        record = logging.LogRecord(PASSED_ON, level, __file__, 0, text, (), None)
        setattr(record, ENTRY, entry)
        _log.handle(record)
