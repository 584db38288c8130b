"""The console's process: a row of the process table where the station file has [console].

It reads what the command line reads and asks what the command line asks; whatever becomes of it,
or of the cable, parts are judged and recorded.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from gonogo.base.gc_policy import Tidy, freeze
from gonogo.base.realtime import step_back
from gonogo.console.serial.access import Reader
from gonogo.console.serial.cable import Cable
from gonogo.console.serial.conversation import Conversation
from gonogo.console.serial.dialogs import Guest, Place
from gonogo.console.serial.plan import ConsolePlan
from gonogo.console.serial.session import Session
from gonogo.ipc import worker

if TYPE_CHECKING:
    from gonogo.console.serial.access import Access


def session_of(plan: ConsolePlan, access: Access) -> Session:
    """What is said at the port of that station."""
    place = Place(plan.station, plan.log, plan.console.device)
    said = Conversation(Guest(access, place))
    return Session(said, time.monotonic(), plan.console.idle_s)


def main(argument: str, row: int) -> int:
    """Open the port, and serve whoever sits there until asked to stop."""
    plan = ConsolePlan.model_validate_json(argument)
    process = worker.begin("console", plan.station, row)
    step_back()  # for everybody: no part waits for it
    cable, tidy = Cable(plan.console, session_of(plan, Reader())), Tidy()
    freeze()
    while not process.stop.asked:
        cable.turn(process.stop.fd)
        process.beat()
        tidy.collect_when_due(time.monotonic())
    cable.close()
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
