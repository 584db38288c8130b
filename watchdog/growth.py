"""Whether a process keeps growing: a leak is answered by an ordered exchange, before it hurts.

Memory of its own counts (resident less shared, proc(5) statm), over what it had a
while after it came up.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Protocol

from gonogo.base.procfs import ProcFile, read

if TYPE_CHECKING:
    from collections.abc import Callable

NS_PER_S = 1_000_000_000
SETTLE_NS = 5 * NS_PER_S  # buffers are filled, caches are warm
EVERY_NS = NS_PER_S
BYTES_PER_MB = 1_000_000  # as in the station file, not 2^20
_RESIDENT, _SHARED = 1, 2


class Statm(Protocol):
    """/proc/PID/statm, held open."""

    def read(self) -> str:
        """What stands there now, in pages; empty once the process has ended."""

    def close(self) -> None:
        """Let go of it."""


def open_statm(pid: int) -> Statm:
    """That of a process."""
    return ProcFile(pid, "statm")


class Growth:
    """Follows one process from the moment it is up; `limit_mb` 0 follows nothing."""

    def __init__(
        self,
        limit_mb: float,
        open_file: Callable[[int], Statm] = open_statm,
        settle_ns: int = SETTLE_NS,
        every_ns: int = EVERY_NS,
    ) -> None:
        self._limit = limit_mb * BYTES_PER_MB
        self._open = open_file
        self._settle_ns, self._every_ns = settle_ns, every_ns
        self._file: Statm | None = None
        self._base = self._next_ns = 0
        self.grown_mb = 0.0

    def begin(self, pid: int, now_ns: int) -> None:
        """Another process, or another task: measure anew."""
        self.end()
        if self._limit:
            self._file = self._open(pid)
        self._base, self._next_ns = 0, now_ns + self._settle_ns
        self.grown_mb = 0.0

    def end(self) -> None:
        """There is no process any more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def over(self, now_ns: int) -> bool:
        """Whether it has grown by more than it may; looks once a second."""
        if self._file is None or now_ns < self._next_ns:
            return False
        self._next_ns = now_ns + self._every_ns
        own = _own(self._file.read())
        # the first look is what it had once it had settled
        self._base = self._base or own
        # for the message; a process may give memory back
        self.grown_mb = max(own - self._base, 0) / BYTES_PER_MB
        return own - self._base > self._limit


def own_bytes(pid: int) -> int:
    """Resident memory that a process shares with nobody; 0 when it is not there."""
    return _own(read(pid, "statm"))


def _own(statm: str) -> int:
    words = statm.split()
    # without what is shared: frames and tables are the station's, whoever maps them
    return (int(words[_RESIDENT]) - int(words[_SHARED])) * mmap.PAGESIZE if words else 0
