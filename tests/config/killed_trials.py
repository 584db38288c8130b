"""Trials of a station file that are killed at each of their system calls, one after the other.

python -I -m gonogo.tests.config.killed_trials FILE     exit codes, and what the file was, as JSON

A process of its own: nothing but one thread is forked.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from gonogo.base.atomic_file import Files
from gonogo.config.trying import keep, put, sweep
from gonogo.ipc.last_good_file import digest

OLD, NEW = b"old = 1\n" * 400, b"new = 2\n" * 500
CALLS = 100  # more than a trial makes
DONE = 17


class Killed(Files):
    """A process that is killed before its n-th call, or when part of a write is made."""

    def __init__(self, at: int) -> None:
        self._left = at

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def open(self, path: Path, flags: int) -> int:
        """Counted."""
        self._count()
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Counted, after some of it."""
        some = super().write(fd, data[: len(data) // 3 + 1])
        self._count()
        return some

    def fsync(self, fd: int) -> None:
        """Counted."""
        self._count()
        super().fsync(fd)

    def close(self, fd: int) -> None:
        """Counted."""
        self._count()
        super().close(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Counted."""
        self._count()
        super().rename(old, new)


def main(station: Path) -> tuple[list[int], list[str]]:
    """Until one gets through: how each ended, and which file the next start would find."""
    codes: list[int] = []
    seen: list[str] = []
    for at in range(CALLS):
        station.write_bytes(OLD)
        pid = os.fork()
        if pid == 0:
            files = Killed(at)
            keep(station, put(station, NEW, files), digest(OLD), files)
            os._exit(DONE)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        sweep(station)
        names = os.listdir(station.parent)  # noqa: PTH208 - names
        found = {OLD: "old", NEW: "new"}.get(station.read_bytes(), "half")
        seen.append(found if names == [station.name] else str(names))
        if codes[-1] == DONE:
            break
    return codes, seen


if __name__ == "__main__":
    json.dump(main(Path(sys.argv[1])), sys.stdout)
