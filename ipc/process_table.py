"""The table of living processes in shared memory: who runs as what, and when each last beat.

A process beats only from completed work. Words of the segment, sixteen a row:

    0 beats  1 last beat ns  2 pid  3 start time of that pid  4 state  5 starts  6 acknowledged
    7 what the process wants the PLC to be warned of (a FaultBit of gonogo.plc.register_map)
    8 the seal of the process; 9 in row 0: that of the plan that all were started from
    10 the seal of what the process was told
    11 whether it was started as a spare and has not been called yet (0/1)

Row 0 is the supervisor itself. Pid and start time together name a process for ever
(proc(5)), and the seal says that this station has started it (gonogo.ipc.identity), so
that a supervisor started anew can adopt what it finds.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, ClassVar

from gonogo.base import procfs
from gonogo.base.errors import SegmentError
from gonogo.base.shm import Segment, segment_path
from gonogo.base.words_in_memory import owned, stamp, word
from gonogo.ipc.identity import Seals

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

ROWS = 23  # the supervisor, and every row that a station of eight cameras can have
ROW_WORDS = 16  # twelve are used
_BEATS, _LAST_NS, _PID, _START, _STATE, _STARTS, _ACKED, _WARNING, _SEAL, _DIGEST, _TOLD = range(11)
_WAITS = 11
_STATUS_EUID = 2  # Uid: real, effective, saved, file system
_STAT_STARTTIME = 19  # of the fields that follow the command's closing bracket


class RowView:
    """What anybody may read of a row; nothing of it can be written."""

    read_only: ClassVar = True

    def __init__(self, segment: Segment, row: int, seals: Seals) -> None:
        at = 8 * row * ROW_WORDS
        self.fence = segment.fence
        self.words = segment.words(at, ROW_WORDS, read_only=self.read_only)
        self._row = row
        self._seals = seals

    count = word(_BEATS, "Beats since the process was started.")
    last_ns = word(_LAST_NS, "The last beat, monotonic ns; 0 before the first.")
    pid = stamp(_PID, "Process id of the row, 0 when there is none.")
    started = word(_START, "When that process was started, as `start_time`; 0 for none.")
    starts = word(_STARTS, "How often the row was started.")
    state = word(_STATE, "A RowState of gonogo.watchdog.rowstate.")
    acknowledged = word(_ACKED, "How often somebody asked to have a latched row tried again.")
    waits = word(_WAITS, "1: it was started as a spare, and has not been called yet.")
    warning = word(_WARNING, "What the process wants the PLC to be warned of; 0 is nothing.")
    digest = word(_DIGEST, "Row 0: the seal of the plan that all were started from; 0 before.")

    @property
    def lives(self) -> bool:
        """Whether the very process that this station started still runs, as this user."""
        pid, started = self.pid, self.started
        if pid <= 0 or not started or start_time(pid) != started or owner(pid) != os.geteuid():
            return False
        return self.words[_SEAL] == self._seals.process(self._row, pid, started)


class OtherRow(RowView):
    """Another process's row, as a process of the station sees it."""

    read_only = False

    def acknowledge(self) -> None:
        """Ask the supervisor to try a latched row again; anyone may."""
        self.words[_ACKED] += 1


class Beat(OtherRow):
    """A process's own row."""

    warning = owned(RowView.warning, _WARNING)

    def beat(self) -> None:
        """Work was completed, or none was due."""
        words = self.words
        words[_BEATS] += 1
        self.busy()

    def busy(self) -> None:
        """A start takes long, and gets on: it may take as long again from here."""
        self.words[_LAST_NS] = time.monotonic_ns()


class SupervisedRow(Beat):
    """A row as the supervisor has it, which names the process of each; row 0 is its own."""

    state = owned(RowView.state, _STATE)
    digest = owned(RowView.digest, _DIGEST)
    waits = owned(RowView.waits, _WAITS)

    def occupy(self, pid: int, argument: str = "") -> None:
        """A process was started for this row, and told that; it has not beaten yet."""
        words = self.words
        # of the process before; what it warned of has ended with it
        words[_BEATS] = words[_LAST_NS] = words[_WARNING] = 0
        started = start_time(pid)
        # before the pid: once a process finds its name here it goes to work (gonogo.ipc.worker)
        words[_SEAL] = self._seals.process(self._row, pid, started)
        words[_TOLD] = self._seals.told(argument)
        words[_START] = started
        self.fence()
        words[_PID] = pid
        words[_STARTS] += 1

    def was_told(self, argument: str) -> bool:
        """Whether the process of this row was started with that."""
        return self.words[_TOLD] == self._seals.told(argument)

    def restart(self) -> None:
        """The process has a new task; its next beat counts as its first."""
        # its starts stay as they are: it is the same process
        self.words[_BEATS] = 0

    def vacate(self) -> None:
        """The process of this row has ended."""
        words = self.words
        words[_PID] = words[_START] = words[_WARNING] = words[_SEAL] = 0


class TableView:
    """The whole table, to be read."""

    row: ClassVar[type[RowView]] = RowView  # the view of a row that goes with this one
    rows: tuple[RowView, ...]

    def __init__(self, segment: Segment, seals: Seals) -> None:
        self.segment = segment
        self.seals = seals
        # an earlier gonogo has made it with fewer
        count = min(ROWS, segment.size // (ROW_WORDS * 8))
        self.rows = tuple(self.row(segment, k, seals) for k in range(count))

    @classmethod
    def attach(cls, station: str) -> Self:
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


class WorkerTable(TableView):
    """The table as a process of the station has it: its own row apart from all the others."""

    row = OtherRow
    rows: tuple[OtherRow, ...]

    def own(self, row: int) -> Beat:
        """The row of the process that asks."""
        return Beat(self.segment, row, self.seals)


class ProcessTable(WorkerTable):
    """The table as the supervisor has it, and whoever makes it."""

    row = SupervisedRow
    rows: tuple[SupervisedRow, ...]

    @classmethod
    def create(cls, station: str) -> Self:
        """Make the table of a station, and draw the secret that its processes are sealed with."""
        segment = Segment.create(beats_path(station), ROWS * ROW_WORDS * 8)
        try:
            return cls(segment, Seals.create(station))
        except OSError as error:
            # without its secret nothing of it could ever be proven
            segment.unlink()
            raise SegmentError(f"{beats_path(station)}: no secret beside it: {error}") from error


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
    # behind the last bracket: the name of a command may hold brackets and blanks (proc(5))
    fields = text[text.rfind(")") + 2 :].split()
    # a zombie (Z) or a dead one (X) does no work any more, whoever still has to reap it
    return int(fields[_STAT_STARTTIME]) if fields and fields[0] not in "ZX" else 0
