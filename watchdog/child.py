"""What every process of a station does first, and how it hears that it shall stop.

A child is started in a session of its own, so that Ctrl-C reaches the parent
alone; it dies with its parent, and its messages go through a pipe that never
blocks it (a full pipe drops the line and counts it).
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


class DroppingHandler(logging.Handler):
    """Writes lines to a descriptor without ever blocking; `dropped` counts what did not fit."""

    def __init__(self, fd: int = 2) -> None:
        super().__init__()
        self._fd = fd
        self.dropped = 0
        os.set_blocking(fd, False)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it as dropped."""
        try:
            os.write(self._fd, (self.format(record) + "\n").encode(errors="replace"))
        except OSError:
            self.dropped += 1


class Stop:
    """Set by SIGTERM; `fd` becomes readable then, so that it can stand in any select."""

    def __init__(self) -> None:
        self.asked = False
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def ask(self, *_: object) -> None:
        """Ask the process to come to an ordered end."""
        self.asked = True
        os.eventfd_write(self.fd, 1)


def begin(name: str, parent_pid: int, *, orphaned: signal.Signals = signal.SIGTERM) -> Stop:
    """Set up signals, log and the tie to the parent; returns what to watch for the end.

    `orphaned` is sent when the parent dies: SIGKILL for a process that may hang in
    native code, where no handler runs. Standard output joins the message pipe, so
    that no library can block on a terminal.
    """
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, orphaned, 0, 0, 0)
    if os.getppid() != parent_pid:  # the parent died before the tie was made
        stop.ask()
    handler = DroppingHandler()
    handler.setFormatter(logging.Formatter(f"{name}: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    sys.stdin.close()
    os.dup2(2, 1)
    return stop
