"""The log process: empties the pipe of all messages to the disk, and nobody waits for it.

Started as `python -m gonogo.records.log.process FD ROW active STATION`. A disk that is slow or full
holds up nobody but it: the pipe fills, and the supervisor drops lines and counts them.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys
from contextlib import suppress
from pathlib import Path

from gonogo.base.doorbell import open_bell
from gonogo.base.errors import LogUnwritable
from gonogo.base.log.entry import raw, to_line
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.ipc import worker
from gonogo.records.log.kept import KeptFiles

log = get_logger(__name__)

TURN_S = 0.2
PIPE_BYTES = 1 << 20  # what may wait for a slow disk; a user may have as much (pipe(7))
MB = 1_000_000
LOST = "log_lines_lost"


class LogPlan(Section):
    """What the process is told: where, how large (MB), and how many files."""

    station: str
    path: Path
    file_mb: float
    files: int


class LogKeeper:
    """Whole lines from the pipe to the files."""

    def __init__(self, fd: int, kept: KeptFiles) -> None:
        self._fd, self._kept = fd, kept
        self._rest = b""
        self._refused = False

    def keep(self) -> bool:
        """What the pipe holds now, as far as one read goes; whether there was anything."""
        chunk = b""
        with suppress(BlockingIOError):
            chunk = os.read(self._fd, PIPE_BYTES)
        lines, feed, rest = (self._rest + chunk).rpartition(b"\n")
        self._rest = rest[-PIPE_BYTES:]
        if feed:
            self._append(lines + feed)
        return bool(chunk)

    def _append(self, lines: bytes) -> None:
        before = self._kept.lost
        try:
            if before:
                lines = to_line(_lost(before)) + lines
            self._kept.append(lines)
        except LogUnwritable as error:
            # once: what is said here comes back through the pipe
            if not self._refused:
                self._refused = True
                log.error("log_not_kept", text="%(error)s", error=error)  # noqa: TRY400 - for a technician
            # the line that counts was none of theirs
            self._kept.lost -= bool(before)
            return
        self._refused = False
        self._kept.lost -= before


def _lost(count: int) -> dict[str, object]:
    text = f"{count} lines before this one could not be written to the disk"
    return {
        **raw(text), "level": "warning", "process": "log", "event": LOST, "count": count,
    }  # fmt: skip


def main(argument: str, row: int) -> int:
    """Keep lines until asked to stop, and then what is left."""
    plan = LogPlan.model_validate_json(argument)
    process = worker.begin("log", plan.station, row)
    step_back()  # for everybody: no part waits for it
    fd = open_bell(plan.station, worker.KEPT_BELL)
    with suppress(OSError):  # as much as there was, where this user has too many pipes
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    kept = KeptFiles(plan.path, round(plan.file_mb * MB), plan.files)
    keeper = LogKeeper(fd, kept)
    while not process.stop.asked:
        process.beat()
        if fd in select.select([fd, process.stop.fd], [], [], TURN_S)[0]:
            keeper.keep()
    while keeper.keep():
        process.beat()
    kept.close()
    os.close(fd)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
