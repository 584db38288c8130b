"""A process table for tests: the shared memory of one, a supervisor in this process, its rows.

Import it as `gonogo.tests.table`.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gonogo.base.doorbell import make_bell, open_bell
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.identity import secret_path
from gonogo.ipc.master_part import MasterPartMemory
from gonogo.ipc.process_table import ProcessTable
from gonogo.tests.programs import MODULE, argument
from gonogo.watchdog.means import Means
from gonogo.watchdog.plan import RowPlan, SupervisorPlan
from gonogo.watchdog.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAIT_S = 20.0  # at which a test gives up; none takes that long
PATIENT_MS = 60_000.0  # a heartbeat limit that no living child reaches


def row(label: str, do: str, station: str, *, limit_ms: float = PATIENT_MS, strikes: int = 0,
        spare: bool = False, required: bool = False, **keys: object) -> RowPlan:  # fmt: skip
    """A row that runs one of the test programs."""
    words = argument(do, **keys) if do == "end" else argument(do, station=station, **keys)
    return RowPlan(name=label, module=MODULE, argument=words, limit_ms=limit_ms, strikes=strikes,
                   spare=spare, required=required)  # fmt: skip


@contextmanager
def supervised(
    station: str,
    *rows: RowPlan,
    means: Any = None,  # noqa: ANN401 - fields of Means
    **plan: Any,  # noqa: ANN401 - fields of the plan
) -> Iterator[Supervisor]:
    """A supervisor over these rows, in this process; stopped at the end."""
    beats, bell = ProcessTable.create(station), make_bell(station, "log")
    board = FaultBoard.create(station)
    asked = MasterPartMemory.create(station)
    log_fd = open_bell(station, "log")
    its = Means(station, log_fd, **(means or {}))
    supervisor = Supervisor(SupervisorPlan(station=station, rows=rows, **plan), beats, its)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        os.close(log_fd)
        bell.unlink()
        beats.close()
        board.close()
        asked.close()
        for memory in (beats, board, asked):
            memory.segment.unlink()
        secret_path(station).unlink(missing_ok=True)


def turn_until(supervisor: Supervisor, done: Callable[[], bool]) -> None:
    """Let the supervisor look at its table until something is so."""
    end_s = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end_s, "it never came to that"
        supervisor.supervise()
