"""Both engine places in one process, for a device that only one process can have.

Started as `python -m gonogo.engines.serving.shared_host PLAN ROW` (`HostPlan` of the first
place). What gonogo.engines.serving.host does by ending and being started anew, a place does here
within the process: another order, another recipe, an engine that is refused.

    each place        a thread of its own, with its own mailbox, bells and slot; one Host after
                      another, each for one order
    that judges       begins first; its beats are those of the process; when it fails, the process
                      ends, and both places begin anew
    that does not     refuses and stays empty; what it loaded is unloaded, the process lives on
    rank, memory      of the whole process (shared_kernel, bounds.measured)

A vendor's call that never returns while the other place loads cannot be ended without the place
that judges: that place is then lost until the station is started anew, and the loader says so.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import TYPE_CHECKING

import cv2

from gonogo.base.log.logger import get_logger
from gonogo.engines.serving.host import Host
from gonogo.engines.serving.hostplan import HostPlan
from gonogo.engines.serving.shared_kernel import CommonRank, SharedKernel
from gonogo.engines.serving.slot_agent import SlotAgent
from gonogo.ipc import worker
from gonogo.ipc.engine_queue import HostMailbox
from gonogo.ipc.engine_slots import HostSlots
from gonogo.ipc.frame_ring import PLACES
from gonogo.ipc.heartbeat import HeartbeatView

if TYPE_CHECKING:
    from gonogo.engines.serving.host import Supervised

log = get_logger(__name__)


class Crew:
    """What the places of a process have in common: its stop, its warnings, its end."""

    def __init__(self, process: Supervised) -> None:
        self.process = process
        self.rank = CommonRank()
        self.code = 0
        self._warnings = [0] * PLACES

    def warn(self, place: int, bits: int) -> None:
        """One place has the PLC warned; what the other one wants stays."""
        self._warnings[place] = bits
        self.process.warn(self._warnings[0] | self._warnings[1])

    def fail(self, code: int) -> None:
        """The place that judges has failed, and the process with it."""
        self.code = code
        self.process.stop.ask()


class Member:
    """The process as one place of it sees it (`Supervised`)."""

    def __init__(self, crew: Crew, place: int, slots: HostSlots) -> None:
        self._crew, self._place, self._slots = crew, place, slots

    @property
    def stop(self) -> worker.Stop:
        """That of the process."""
        return self._crew.process.stop

    @property
    def judges(self) -> bool:
        """Whether parts are judged by this place."""
        return self._slots.active == self._place

    def beat(self) -> None:
        """The process lives while the place that judges does: beats of the other would hide it."""
        if self.judges:
            self._crew.process.beat()

    def busy(self) -> None:
        """As beats: the limit of a start is that of the place that judges."""
        if self.judges:
            self._crew.process.busy()

    def warn(self, bits: int) -> None:
        """For this place alone."""
        self._crew.warn(self._place, bits)


class Place:
    """One engine place of the process, in a thread of its own."""

    def __init__(self, plan: HostPlan, crew: Crew, slots: HostSlots) -> None:
        self.member = Member(crew, plan.place, slots)
        self.loaded = threading.Event()  # whatever came of the first order
        self._plan, self._crew = plan, crew
        self._mailbox = HostMailbox.attach(plan.station, plan.place)
        self._heart = HeartbeatView.attach(plan.station)
        # a daemon: a call that never returns must not keep a process that has to end
        name = f"engine {'AB'[plan.place]}"
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        try:
            while not self._crew.process.stop.asked:
                self._serve_once()
        except Exception:  # what is not an engine's fault: begin anew with everything
            log.exception("engine_thread_bug", text="%(thread)s failed", thread=self.thread.name)
            self._crew.fail(1)
        finally:
            self.loaded.set()

    def _serve_once(self) -> None:
        """One order, until it is over; a place that judges and fails ends the process."""
        agent = SlotAgent(self._plan, SharedKernel(self._crew.rank, self._plan.place))
        host = Host(self._plan, self._mailbox, self.member, self._heart, agent)
        try:
            host.load()
            self.loaded.set()
            host.serve()
        except Exception as error:  # noqa: BLE001 - a vendor runtime may raise anything
            if host.give_up(error) != worker.EXIT_AGAIN:
                self._crew.fail(1)
                return  # not closed: the process ends
        self._leave(host)

    def _leave(self, host: Host) -> None:
        """Unload, also what has failed: the process goes on, and its device is used by others."""
        try:
            host.close()
        except Exception:  # the device itself may be gone; the place that judges will tell
            log.exception(
                "engine_unload_bug", text="%(thread)s: unloading failed", thread=self.thread.name
            )
        # what the end of a process would let go
        host.voice.close()
        host.agent.sight.close()
        os.close(host.ask_fd)
        os.close(host.done_fd)
        # nobody else looks for garbage in this process; what lived at the start is set aside
        gc.collect()


def main(argument: str, row: int) -> int:
    """Serve both places; exit code 1 when the one that judges cannot be had."""
    first = HostPlan.model_validate_json(argument)
    process = worker.begin("engines", first.station, row)
    cv2.setNumThreads(1)  # until it is known on how many its engines compute
    slots, crew = HostSlots.attach(first.station), Crew(process)
    plans = [first.model_copy(update={"place": place}) for place in range(PLACES)]
    places = [Place(plan, crew, slots) for plan in plans]
    # by turns: loading holds up the interpreter, and parts wait for the one that judges
    for place in sorted(places, key=lambda one: not one.member.judges):
        place.thread.start()
        _await(place.loaded, process)
    for place in places:
        _await_end(place.thread, crew)
    return crew.code


def _await(event: threading.Event, process: Supervised) -> None:
    while not (event.is_set() or process.stop.asked):
        event.wait(_PATIENCE_S)


def _await_end(thread: threading.Thread, crew: Crew) -> None:
    """As long as it takes in order; one that has failed is not waited for."""
    while thread.is_alive() and not crew.code:
        thread.join(_PATIENCE_S)


_PATIENCE_S = 0.05  # a signal is handled in the main thread, and only between two waits


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(main(told.argument, told.row))
