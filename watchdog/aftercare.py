"""What is left to do when a row has been stopped for good and did not end well.

`python -m MODULE STATION`, a short process whose exit code tells what became of it; the
station's memory stays as it is until then, and stays for good where nothing could be done.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.ipc.worker import EXIT_DONE, EXIT_KEEP, EXIT_LEFT, EXIT_LOST, STOP_WAIT_S
from gonogo.watchdog.process import Process, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.watchdog.row import Row

log = get_logger(__name__)

_WORST_FIRST = (EXIT_KEEP, EXIT_LOST, EXIT_LEFT)  # in memory alone, lost, in a file


def look_after(rows: Sequence[Row], station: str, log_fd: int) -> int:
    """Do what the rows have left to do; the worst of the exit codes above."""
    codes = {_run(row.plan.aftercare, station, log_fd) for row in rows if _needs(row)}
    return next((code for code in _WORST_FIRST if code in codes), EXIT_DONE)


def _needs(row: Row) -> bool:
    # None: it never ran, or nobody knows; it may have left something as well
    return bool(row.plan.aftercare) and row.standing.last_code != 0


def _run(module: str, station: str, log_fd: int) -> int:
    try:
        process = Process.spawn(module, station, ("0", "active", station), log_fd)
    # nothing was tried, so nothing is lost yet: what there is, stays in memory
    except OSError as error:  # no memory, no process, no file to be had
        log.error(  # noqa: TRY400 - for a technician
            "aftercare_not_started",
            text="%(module)s: cannot be started: %(error)s",
            module=module,
            error=error,
        )
        return EXIT_KEEP
    if not process.wait(STOP_WAIT_S):
        process.send(signal.SIGKILL)
        process.wait(STOP_WAIT_S)
    process.reap()
    code = process.code
    if code in {EXIT_DONE, *_WORST_FIRST}:
        return code
    log.error("aftercare_failed", text="%(module)s: %(ended)s", module=module, ended=describe(code))
    return EXIT_KEEP
