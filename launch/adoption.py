"""Processes of a station that live without a supervisor: whose they are, and how they end."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import ForeignMemory, RuntimeDirError, SegmentError
from gonogo.ipc.process_table import TableView
from gonogo.ipc.worker import STOP_WAIT_S
from gonogo.watchdog.process import Process

if TYPE_CHECKING:
    from gonogo.watchdog.plan import SupervisorPlan


def adoptable(name: str, plan: SupervisorPlan) -> bool:
    """Whether processes of this very plan are alive without a supervisor; it only asks."""
    beats = _left_behind(name)
    if beats is None:
        return False
    # sealed with a secret of the run that made the table: nobody else can write this number
    same = beats.rows[0].digest == plan.digest(beats.seals)
    # row 0 is the supervisor's own
    alive = any(row.lives for row in beats.rows[1:])
    beats.close()
    return alive and same


def end_others(name: str) -> None:
    """End what lives of this name: of another station file, it must not meet what we start."""
    beats = _left_behind(name)
    if beats is not None:
        end_processes(beats)
        beats.close()


def _left_behind(name: str) -> TableView | None:
    """The table of processes that was left; None where there is none. SegmentError if foreign."""
    try:
        return TableView.attach(name)
    # somebody else's memory is no empty place: the start ends with GN502 or GN503, and says what is
    # in the way
    except (ForeignMemory, RuntimeDirError):
        raise
    # no table, or one of another layout: whose processes cannot be proven to be ours
    except SegmentError:
        return None


def end_processes(beats: TableView) -> None:
    """End the processes of a table whose supervisor is gone: those that it proves to be its own."""
    # by pid, start time and seal: a pid alone may be somebody else's by now
    processes = [found for row in beats.rows[1:] if (found := Process.of(row)) is not None]
    # all at once, then one patience for all of them: a station is not kept down for longer than one
    # process may take
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            process.send(number)
        end_s = time.monotonic() + STOP_WAIT_S
        processes = [
            found for found in processes if not found.wait(max(end_s - time.monotonic(), 0))
        ]
