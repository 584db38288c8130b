"""Passes the messages of all processes on, from one named pipe, without ever waiting."""

from __future__ import annotations

import contextlib
import logging
import os

log = logging.getLogger(__name__)

READ_BYTES = 4096  # small, so that a flood leaves our memory as it was
READS = 16  # as much as a pipe holds (pipe(7)): others wait for us, too
LINE_BYTES = 65536  # of a line without an end, that much is kept


class Relay:
    """Whole lines from the pipe to our own log; a line without an end waits for it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._rest = b""

    def pass_on(self) -> None:
        """One pipe's worth: processes that never stop talking must not keep us from the others."""
        for _ in range(READS):
            chunk = b""
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(self.fd, READ_BYTES)
            *lines, rest = (self._rest + chunk).split(b"\n")
            self._rest = rest[-LINE_BYTES:]
            for line in lines:
                log.info("%s", line.decode(errors="replace"))
            if len(chunk) < READ_BYTES:
                return
