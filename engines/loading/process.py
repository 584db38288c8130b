"""The loader process: brings another engine into the place that does not judge, and into service.

Started as `python -m gonogo.engines.loading.process PLAN ROW` (`LoaderPlan`, row of the process
table). It orders and watches; engines are verified, loaded and tested by the host of their
place (gonogo.engines.serving.host), and the line changes what judges (runtime/engine_switch.py).
Killed at any moment it is started anew and goes on; the line never waits for it.
"""

from __future__ import annotations

import select
import sys
import time
from contextlib import ExitStack

from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.realtime import step_back
from gonogo.base.section import Section
from gonogo.base.words import FaultBit
from gonogo.engines.loading.request_handler import RequestHandler
from gonogo.engines.loading.resources import Memory, Resources
from gonogo.engines.loading.swap_controller import SwapController
from gonogo.engines.section import EnginesSection
from gonogo.ipc import worker
from gonogo.ipc.control_socket import ControlServer
from gonogo.ipc.engine_queue import MailboxView
from gonogo.ipc.engine_slots import LoaderSlots
from gonogo.ipc.frame_ring import PLACES
from gonogo.ipc.journal import JournalView

PURPOSE = "engines"  # of its socket
POLL_S = 0.05  # of the words that line and hosts write; requests are served at once


class LoaderPlan(Section):
    """The process's one argument; `bundles`: the engines that views and recipes name."""

    station: str
    engines: EnginesSection
    bundles: tuple[str, ...]


def serve(plan: LoaderPlan, memory: Memory, process: worker.Worker) -> None:
    """Take requests and go on with what is under way, until asked to stop."""
    at = Resources.of(plan.engines, memory)
    swap = SwapController(at, time.monotonic())
    swap.resume()
    server = ControlServer(plan.station, RequestHandler(swap, at, plan.bundles).handle, PURPOSE)
    stop, tidy = process.stop, Tidy()
    while not stop.asked:
        now_s = time.monotonic()
        swap.tick(now_s)
        tidy.collect_when_due(now_s)
        # the PLC hears of it: started anew before it is mended, the station judges by another one
        process.warn(FaultBit.DISK if at.versions.problem else 0)
        process.beat()  # after a whole tick: a loader that hangs in one is started anew
        readable = select.select([stop.fd, *server.fds], [], [], POLL_S)[0]
        server.serve(readable)
    server.close()


def main(argument: str, row: int) -> int:
    """Map what the station made, and serve."""
    plan = LoaderPlan.model_validate_json(argument)
    process = worker.begin("loader", plan.station, row)
    step_back()  # for everybody: parts are judged without it
    with ExitStack() as stack:
        slots = LoaderSlots.attach(plan.station)
        stack.callback(slots.close)
        journal = JournalView.attach(plan.station)
        stack.callback(journal.close)
        mailboxes = [MailboxView.attach(plan.station, place) for place in range(PLACES)]
        freeze()  # once all is imported and mapped; `tidy` collects from then on
        serve(plan, Memory(slots, mailboxes, journal), process)
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
