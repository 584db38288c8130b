"""The table of living processes in shared memory: who runs as what, and when each last beat.

A process beats only from completed work. Words of the segment, sixteen a row:

    0 beats  1 last beat ns  2 pid  3 start time of that pid  4 state  5 starts  6 acknowledged
    7 what the process wants the PLC to be warned of (a FaultBit of gonogo.plc.register_map)
    8 the seal of the process; 9 in row 0: that of the plan that all were started from

Row 0 is the supervisor itself. Pid and start time together name a process for ever
(proc(5)), and the seal says that this station has started it (gonogo.ipc.identity), so
that a supervisor started anew can adopt what it finds.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gonogo.base import procfs
from gonogo.base.errors import SegmentError
from gonogo.base.shm import Segment, segment_path
from gonogo.ipc.identity import Seals

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 16
ROW_WORDS = 16
_BEATS, _LAST_NS, _PID, _START, _STATE, _STARTS, _ACKED, _WARNING, _SEAL, _DIGEST = range(10)
_STATUS_EUID = 2  # Uid: real, effective, saved, file system
_STAT_STARTTIME = 19  # of the fields that follow the command's closing bracket


class Beat:
    """One row: written by its process, read and named by the supervisor."""

    def __init__(self, words: memoryview[int], row: int, seals: Seals) -> None:
        self._words = words
        self._row = row
        self._seals = seals

    def beat(self) -> None:
        """Work was completed, or none was due."""
        words = self._words
        words[_BEATS] += 1
        words[_LAST_NS] = time.monotonic_ns()

    @property
    def count(self) -> int:
        """Beats since the process was started."""
        return self._words[_BEATS]

    @property
    def last_ns(self) -> int:
        """The last beat, monotonic ns; 0 before the first."""
        return self._words[_LAST_NS]

    @property
    def pid(self) -> int:
        """Process id of the row, 0 when there is none."""
        return self._words[_PID]

    @property
    def started(self) -> int:
        """When that process was started, as `start_time`; 0 when there is none."""
        return self._words[_START]

    @property
    def starts(self) -> int:
        """How often the row was started."""
        return self._words[_STARTS]

    @property
    def state(self) -> int:
        """A RowState of gonogo.watchdog.rowstate."""
        return self._words[_STATE]

    @state.setter
    def state(self, state: int) -> None:
        self._words[_STATE] = state

    def occupy(self, pid: int) -> None:
        """A process was started for this row; it has not beaten yet."""
        words = self._words
        words[_BEATS] = words[_LAST_NS] = words[_WARNING] = 0
        started = start_time(pid)
        words[_SEAL] = self._seals.process(self._row, pid, started)
        words[_PID], words[_START] = pid, started
        words[_STARTS] += 1

    def restart(self) -> None:
        """The process has a new task; its next beat counts as its first."""
        self._words[_BEATS] = 0

    def vacate(self) -> None:
        """The process of this row has ended."""
        words = self._words
        words[_PID] = words[_START] = words[_WARNING] = words[_SEAL] = 0

    @property
    def lives(self) -> bool:
        """Whether the very process that this station started still runs, as this user."""
        pid, started = self._words[_PID], self._words[_START]
        if pid <= 0 or not started or start_time(pid) != started or owner(pid) != os.geteuid():
            return False
        return self._words[_SEAL] == self._seals.process(self._row, pid, started)

    def acknowledge(self) -> None:
        """Ask the supervisor to try a latched row again; anyone may."""
        self._words[_ACKED] += 1

    @property
    def acknowledged(self) -> int:
        """How often that was asked."""
        return self._words[_ACKED]

    @property
    def warning(self) -> int:
        """What the process wants the PLC to be warned of; 0 is nothing."""
        return self._words[_WARNING]

    @warning.setter
    def warning(self, bits: int) -> None:
        self._words[_WARNING] = bits

    @property
    def digest(self) -> int:
        """Row 0: the seal of the plan that the processes were started from; 0 before."""
        return self._words[_DIGEST]

    @digest.setter
    def digest(self, digest: int) -> None:
        self._words[_DIGEST] = digest


class ProcessTable:
    """The whole table."""

    def __init__(self, segment: Segment, seals: Seals) -> None:
        self.segment = segment
        self.seals = seals
        words = [segment.words(8 * k * ROW_WORDS, ROW_WORDS) for k in range(ROWS)]
        self.rows = tuple(Beat(row, k, seals) for k, row in enumerate(words))

    @classmethod
    def create(cls, station: str) -> ProcessTable:
        """Make the table of a station, and draw the secret that its processes are sealed with."""
        segment = Segment.create(beats_path(station), ROWS * ROW_WORDS * 8)
        try:
            return cls(segment, Seals.create(station))
        except OSError as error:
            segment.unlink()
            raise SegmentError(f"{beats_path(station)}: no secret beside it: {error}") from error

    @classmethod
    def attach(cls, station: str) -> ProcessTable:
        """Map the table of a station; SegmentError without one, or without its secret."""
        segment = Segment.attach(beats_path(station))
        try:
            return cls(segment, Seals.of(station))
        except SegmentError:
            raise
        except OSError as error:
            raise SegmentError(
                f"{beats_path(station)}: the secret beside it cannot be read: {error.strerror}; "
                "start the station anew"
            ) from error

    def close(self) -> None:
        """Drop this process's view of the table."""
        self.rows = ()
        self.segment.close()


def beats_path(station: str) -> Path:
    """Where the table of a station lies."""
    return segment_path(station, "beats")


def owner(pid: int) -> int:
    """Whose process it is, by its effective user id; -1 when it is not there."""
    for line in procfs.read(pid, "status").splitlines():
        if line.startswith("Uid:"):
            return int(line.split()[_STATUS_EUID])
    return -1


def start_time(pid: int) -> int:
    """When a process was started, in clock ticks since boot; 0 when it is not there or a zombie."""
    text = procfs.read(pid, "stat")
    fields = text[text.rfind(")") + 2 :].split()
    return int(fields[_STAT_STARTTIME]) if fields and fields[0] not in "ZX" else 0
