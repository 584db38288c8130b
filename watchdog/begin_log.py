"""Where the supervisor's messages, and those of all its processes, go to.

To stderr in the form that the station file wants; and, where they are kept, as lines of JSON into a
named pipe that the log process empties to the disk. Neither is waited for.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from gonogo.base.doorbell import open_bell
from gonogo.base.errors import SegmentError
from gonogo.base.log.forms import JsonForm, form_of
from gonogo.base.log.handler import DroppingHandler
from gonogo.ipc.worker import KEPT_BELL, LEVEL

if TYPE_CHECKING:
    from gonogo.watchdog.plan import SupervisorPlan

NAME = "supervisor"


def begin_log(plan: SupervisorPlan) -> None:
    """Set up the log of this process, and the level of those that it starts."""
    os.environ[LEVEL] = plan.log.level  # they inherit it
    handlers = handlers_of(plan, os.dup(2))
    logging.basicConfig(level=plan.log.number, handlers=handlers, force=True)


def handlers_of(plan: SupervisorPlan, stderr_fd: int) -> list[DroppingHandler]:
    """One for stderr, and one for the log process where lines are kept."""
    handlers = [DroppingHandler(stderr_fd)]
    handlers[0].setFormatter(form_of(plan.log, stderr_fd, process=NAME, station=plan.station))
    if plan.log.path is not None:
        with suppress(SegmentError):  # removed: that is told, and then nothing can be kept
            handlers.append(_kept(plan))
    return handlers


def _kept(plan: SupervisorPlan) -> DroppingHandler:
    fd = open_bell(plan.station, KEPT_BELL)
    handler = DroppingHandler(fd)
    handler.setFormatter(JsonForm(process=NAME, station=plan.station))
    for line in plan.said:
        with suppress(BlockingIOError):
            os.write(fd, line.encode("ascii", "replace") + b"\n")
    return handler
