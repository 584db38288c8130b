"""Passes the messages of all processes on, from one named pipe, without ever waiting."""

from __future__ import annotations

import contextlib
import logging
import os

log = logging.getLogger(__name__)

# The supervisor comes before the line: of a flood, it may not pass on more at a time than
# some tenths of a millisecond take. What the pipe does not hold meanwhile its writer drops.
READ_BYTES = 1024
EVERY_NS = 20_000_000
PIPE_BYTES = 65536  # what a pipe holds (pipe(7)); of a line without an end, as much is kept


class Relay:
    """Whole lines from the pipe to our own log; a line without an end waits for it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
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
            log.info("%s", line.decode(errors="replace"))
        return len(chunk) == READ_BYTES
