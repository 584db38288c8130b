"""The console's process: a row of the process table where the station file has [console].

It reads what the command line reads and asks what the command line asks; whatever becomes of it,
or of the cable, parts are judged and recorded.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.realtime import step_back
from gonogo.console.serial.access import AtCable, StationUser
from gonogo.console.serial.cable import Cable
from gonogo.console.serial.clients import Clients
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.plan import ConsolePlan
from gonogo.console.serial.session import Session
from gonogo.ipc import worker

if TYPE_CHECKING:
    from gonogo.console.serial.access import Access


def session_of(plan: ConsolePlan, access: Access, port: str, way: str) -> Session:
    """What is said at a port of that station."""
    place = Place(plan.station, plan.log, port, way, plan.file)
    said = Conversation(Guest(access, place))
    return Session(said, time.monotonic(), plan.console.idle_s)


def main(argument: str, row: int) -> int:
    """Open the port, and serve whoever sits there until asked to stop."""
    plan = ConsolePlan.model_validate_json(argument)
    process = worker.begin("console", plan.station, row)
    step_back()  # for everybody: no part waits for it
    with ExitStack() as stack:
        device = plan.console.device
        access = AtCable(plan.station, plan.records, plan.access)
        stack.callback(access.close)
        cable = Cable(plan.console, session_of(plan, access, device, "serial"))
        stack.callback(cable.close)
        clients = Clients(plan.station, lambda name: _session_of_user(plan, name))
        stack.callback(clients.close)
        clients.watch(process.stop.fd)
        tidy = Tidy()
        freeze()
        while not process.stop.asked:
            cable.turn(clients.fd)
            clients.turn()
            process.beat()
            tidy.collect_when_due(time.monotonic())
    return 0


def _session_of_user(plan: ConsolePlan, name: str) -> Session:
    return session_of(plan, StationUser(name), "local socket", "socket")


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
