"""Passes the messages of all processes on, from one named pipe, without ever waiting."""

from __future__ import annotations

import contextlib
import logging
import os

log = logging.getLogger(__name__)

PIPE_BYTES = 65536  # what a pipe holds (pipe(7))


class Relay:
    """Whole lines from the pipe to our own log; a line without an end waits for it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._rest = b""

    def pass_on(self) -> None:
        """One pipe's worth: processes that never stop talking must not keep us from the others."""
        chunk = b""
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(self.fd, PIPE_BYTES)
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[-PIPE_BYTES:]
        for line in lines:
            log.info("%s", line.decode(errors="replace"))
