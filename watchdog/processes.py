"""Starts the rows of a process table, watches them, stops them in order.

A small parent that knows nothing of cameras, engines or PLCs: a row is a name, a
module with one argument, the descriptors it inherits, and whether it is started
again when it ends. Stop is: ask (SIGTERM), wait, kill; the last started first.
"""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gonogo.runtime.errors import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

STOP_WAIT_S = 5.0
PIPE_BYTES = 65536  # what a pipe holds (pipe(7))
FIRST_BACKOFF_S, LAST_BACKOFF_S = 0.5, 8.0
MAX_DOUBLINGS = 10  # beyond the last back-off, and far below what a float can hold


class Row(NamedTuple):
    """One process of the table."""

    name: str
    module: str
    argument: str
    pass_fds: tuple[int, ...] = ()
    restart: bool = False


@dataclass
class Running:
    """A started row; `pidfd` becomes readable when it ends."""

    row: Row
    process: subprocess.Popen[bytes]
    pidfd: int
    starts: int = 1
    again_at_s: float = field(default=float("inf"))

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None


class Processes:
    """The running table; `stop_wait_s` is how long a row may take to end when it is asked."""

    def __init__(self, stop_wait_s: float = STOP_WAIT_S) -> None:
        self._running: dict[str, Running] = {}
        self._stop_wait_s = stop_wait_s

    def start(self, row: Row) -> Running:
        """Start one row in a session of its own; its messages come back through a pipe."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", row.module, row.argument],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=row.pass_fds,
            start_new_session=True,
        )
        if process.stderr is not None:
            os.set_blocking(process.stderr.fileno(), False)
        running = Running(row, process, os.pidfd_open(process.pid))
        self._running[row.name] = running
        return running

    def watch(self, timeout_s: float) -> list[str]:
        """Pass messages on and start again what ended; names of rows that ended for good."""
        living = [r for r in self._running.values() if r.pidfd >= 0]
        errors = [r.process.stderr for r in living]
        pipes = [pipe.fileno() for pipe in errors if pipe and not pipe.closed]
        select.select([*(r.pidfd for r in living), *pipes], [], [], timeout_s)
        ended = []
        for running in tuple(self._running.values()):
            _relay(running)
            if running.alive:
                continue
            if running.row.restart:
                self._revive(running)
            elif running.pidfd >= 0:
                _forget(running)
                ended.append(running.row.name)
        return ended

    def _revive(self, running: Running) -> None:
        """Start an ended row again, after a back-off that doubles with each start."""
        now_s = time.monotonic()
        if running.pidfd >= 0:
            _forget(running)
            doublings = min(running.starts - 1, MAX_DOUBLINGS)
            wait_s = min(FIRST_BACKOFF_S * 2**doublings, LAST_BACKOFF_S)
            running.again_at_s = now_s + wait_s
            code = running.process.returncode
            log.warning("%s ended (%s); again in %.1f s", running.row.name, describe(code), wait_s)
        elif now_s >= running.again_at_s:
            starts = running.starts + 1
            self.start(running.row).starts = starts

    def require(self, name: str) -> None:
        """Raise ProcessFailed when that row has ended."""
        running = self._running[name]
        if not running.alive:
            _relay(running)
            code = running.process.returncode
            raise ProcessFailed(f"{name} ended ({describe(code)}); its messages stand above")

    def pid(self, name: str) -> int:
        """Process id of a row."""
        return self._running[name].process.pid

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Stop the named rows (all of them), the last started first; idempotent."""
        for name in reversed(tuple(names if names is not None else self._running)):
            running = self._running.pop(name, None)
            if running is not None:
                _stop(running, self._stop_wait_s)


def _stop(running: Running, wait_s: float) -> None:
    process = running.process
    if running.alive:
        process.terminate()
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop within %g s: killed", running.row.name, wait_s)
            process.kill()
            process.wait()
    _forget(running)


def _relay(running: Running) -> None:
    """Pass on, line by line, what the process wrote to its standard error.

    One pipe's worth at a time: a child that never stops talking must not keep us from the others.
    """
    pipe = running.process.stderr
    if pipe is None or pipe.closed:
        return
    chunk = pipe.read(PIPE_BYTES)
    if chunk == b"":  # at its end it would be readable for ever
        pipe.close()
    for line in (chunk or b"").decode(errors="replace").splitlines():
        log.info("%s", line)


def _forget(running: Running) -> None:
    """Pass on a row's last words and close what we held of it."""
    _relay(running)
    if running.process.stderr is not None:
        running.process.stderr.close()
    if running.pidfd >= 0:
        os.close(running.pidfd)
        running.pidfd = -1


def describe(code: int | None) -> str:
    """An exit status in words."""
    if code is None:
        return "still running"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
