"""A running station: shared memory, then the supervisor with its table of processes, and back.

    with RunningStation(load_station(path)) as running: ...

makes the segments and starts the supervisor, which starts records, engine and line, in
this order, each once the one before is up. On the way out, for whatever reason,
everything is stopped and every segment is removed. `launch` becomes the supervisor
itself: that is what a service runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from gonogo.base.doorbell import make_bell
from gonogo.base.errors import ProcessFailed
from gonogo.base.handover import hand_over
from gonogo.base.shm import boot_tag, sweep
from gonogo.base.signals import interruptible
from gonogo.config import journal_room
from gonogo.ipc import last_state
from gonogo.ipc.engine_queue import Mailbox
from gonogo.ipc.engine_slot import SlotOrder
from gonogo.ipc.engine_slots import EngineSlots
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.frame_ring import FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal import Journal
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.station_lock import StationLock
from gonogo.ipc.worker import EXIT_KEEP, STOP_WAIT_S
from gonogo.launch.adoption import adoptable, end_others, end_processes
from gonogo.launch.process_rows import journal_about, places_of, row_numbers, supervisor_plan
from gonogo.launch.told import Origin, state_path
from gonogo.launch.view_limits import engines_of
from gonogo.records.salvage import rescue, salvage
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.config.station import Station
    from gonogo.engines.installed.choice import Chosen
    from gonogo.watchdog.plan import SupervisorPlan

log = logging.getLogger(__name__)

# loading an engine on a slow box; systemd waits for as long (TimeoutStartSec)
START_S = 120.0
# of what starts a station and waits for it; no part waits for this
POLL_S = 0.02
# doorbells: messages, a frame for engine A, an answer of engine A
BELLS = ("log", "ask0", "done0")
BELLS_OF_B = ("ask1", "done1")  # on a station with two engine places
HEARD = (signal.SIGINT, signal.SIGTERM)


class Memory:
    """The segments of a station, made anew or found with the processes that use them.

    `mailboxes`: one an engine place. `slots`: the places, None without `[engines]`.
    """

    def __init__(
        self, station: Station, plan: SupervisorPlan, engines: Mapping[str, Chosen]
    ) -> None:
        self.name = station.station.name
        self.unsaved = 0  # entries that a dead station left, where there is no room for them
        folder = station.records.path.parent
        # whether what lies there is needed is asked under the lock: two starts must not both decide
        self.lock = StationLock(self.name, folder, lambda: self._still_needed(station, plan))
        if self.lock.leftovers:
            log.info("removed what a station of this name left behind: %s", self.lock.leftovers)
        # asked again: the lock has removed everything where nothing was to be kept
        self.adopted = adoptable(self.name, plan)
        if not self.adopted:
            # of adopted processes the last run has not ended
            _tell_last_run(station)
        stack = ExitStack()
        stack.callback(self.lock.close)
        with stack:
            self._map(station, plan, engines)
            # the lock is kept; anything raised before this lets it go
            stack.pop_all()

    def _map(self, station: Station, plan: SupervisorPlan, engines: Mapping[str, Chosen]) -> None:
        name, places = self.name, range(places_of(station))
        if self.adopted:
            self.mailboxes = [Mailbox.attach(name, place) for place in places]
            self.slots = EngineSlots.attach(name) if station.engines is not None else None
            self.journal = Journal.attach(name)
            self.heartbeat, self.beats = Heartbeat.attach(name), ProcessTable.attach(name)
            return
        for index, view in enumerate(station.view):
            # made, not held: line and engines map them by name
            FrameRing.create(name, index, view.camera.geometry, station.station.frame_slots).close()
        for bell in BELLS if station.engines is None else BELLS + BELLS_OF_B:
            make_bell(name, bell)
        self.mailboxes = [Mailbox.create(name, place) for place in places]
        self.slots = _ordered(name, engines) if station.engines is not None else None
        self.journal = Journal.create(name, journal_room.entries(station), journal_about(plan))
        # records tells the database of them with its first batch
        self.journal.untold = self.unsaved
        self.heartbeat, self.beats = Heartbeat.create(name), ProcessTable.create(name)
        FaultBoard.create(name).close()

    def _still_needed(self, station: Station, plan: SupervisorPlan) -> bool:
        """Whether what lies in memory is in use; if not, the rows in it are saved."""
        # of this very plan: the line goes on through the change of its supervisor
        if adoptable(self.name, plan):
            return True
        # first, so that nothing writes into the journal that is saved next
        end_others(self.name)
        self.unsaved = rescue(self.name, station.records.path)
        return False

    def close(self) -> None:
        """Unmap what this process holds; the names are the supervisor's to remove."""
        for memory in (*self.mailboxes, self.slots, self.journal, self.heartbeat, self.beats):
            if memory is not None:
                memory.close()


def _ordered(name: str, engines: Mapping[str, Chosen]) -> EngineSlots:
    """Both places made; A shall hold the engines that the station starts with, B nothing."""
    slots = EngineSlots.create(name)
    slots.places[0].order(SlotOrder(bundles={key: its.path for key, its in engines.items()}))
    return slots


class RunningStation:
    """A station under a supervisor of its own, which ends with this process."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.name = station.station.name
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        # before the lock: a bundle that cannot be had leaves no memory behind
        engines = engines_of(self.station)
        plan = supervisor_plan(self.station, parent_pid=os.getpid(), engines=engines)
        memory = Memory(self.station, plan, engines)
        # last of all: nobody may take the name while a process of it lives
        self._stack.callback(memory.lock.close)
        self._stack.callback(memory.close)
        self.mailboxes, self.slots = memory.mailboxes, memory.slots
        self.journal = memory.journal
        self.heartbeat, self.beats = memory.heartbeat, memory.beats
        self._plan = plan
        self._spawn()
        self._stack.callback(self._stop)
        self.rows = row_numbers(plan)
        self._await(lambda: self.beats.rows[0].state == RowState.UP)

    def _spawn(self) -> None:
        fd = hand_over(self._plan.model_dump_json())
        try:
            self.supervisor = subprocess.Popen(
                _command(fd, self.name),
                stdin=subprocess.DEVNULL,
                pass_fds=(fd,),
                # Ctrl-C at a terminal is for this process, which stops the station in order
                start_new_session=True,
            )
        finally:
            # the child has its own
            os.close(fd)

    def _stop(self) -> None:
        self.supervisor.terminate()
        try:
            # it stops its rows from the last one to records, then looks after what is left
            self.supervisor.wait(4 * STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()
        end_processes(self.beats)  # if it was killed
        # where rows could not be saved the memory is all that has them: it stays for the next start
        if salvage(self.name, self.station.records.path) != EXIT_KEEP:
            sweep(self.name)

    def revive(self) -> None:
        """Start the supervisor again after it was killed, as a service manager does."""
        self.supervisor.wait()
        self._spawn()

    def _await(self, done: Callable[[], bool]) -> None:
        end_s = time.monotonic() + START_S
        while not done():
            self.check()
            if time.monotonic() > end_s:
                raise ProcessFailed(f"the station was not up within {START_S:.0f} s")
            time.sleep(POLL_S)

    def check(self) -> None:
        """Raise ProcessFailed when the station has ended on its own."""
        code = self.supervisor.poll()
        if code is not None:
            raise ProcessFailed(
                f"station '{self.name}' ended (supervisor: exit code {code}); "
                "the messages of its processes stand above"
            )

    def wait(self, timeout_s: float) -> None:
        """Wait a while; ProcessFailed when the station has ended on its own."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.supervisor.wait(timeout_s)
        self.check()

    @property
    def engine_backend(self) -> str:
        """The backends that judge, joined by +; '' without an engine."""
        return "+".join(self.mailbox.backends)

    @property
    def mailbox(self) -> Mailbox:
        """That of the engine place that judges."""
        return self.mailboxes[0 if self.slots is None else self.slots.active]


def launch(station: Station, origin: Origin) -> NoReturn:
    """Become the supervisor of this station; an interrupted one's processes are adopted."""
    engines = engines_of(station)
    plan = supervisor_plan(station, origin=origin, engines=engines)
    with interruptible() as interrupt:  # Ctrl-C must not leave the memory behind
        memory = Memory(station, plan, engines)
        memory.close()
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # until the supervisor listens
        if interrupt.asked:
            sweep(station.station.name)
            # after the sweep: the next start must not find half of it
            memory.lock.close()
            sys.exit(0)
    # flock(2) belongs to the open file, which execv keeps: the supervisor holds the station without
    # a gap
    plan = plan.model_copy(update={"locks": tuple(memory.lock.held)})
    fd = hand_over(plan.model_dump_json())
    for inherited in (fd, *(one.fd for one in memory.lock.held)):
        os.set_inheritable(inherited, True)  # noqa: FBT003 - the signature of os
    # not a child: systemd watches and kills this very process (KillMode=process)
    os.execv(sys.executable, _command(fd, station.station.name))  # noqa: S606 - no shell


def _command(plan_fd: int, station: str) -> list[str]:
    """What starts a supervisor; the station's name is for whoever looks at the processes."""
    # -I: neither the folder that it is started in nor the environment changes what is imported; the
    # plan goes by a descriptor, as argument lists are for everybody to read
    return [sys.executable, "-I", "-m", "gonogo.watchdog.supervisor", str(plan_fd), station]


def _tell_last_run(station: Station) -> None:
    """Say how the last run ended, and where it was."""
    last = last_state.read(state_path(station))
    if last is not None:
        log.info(
            "last run: %s (mode %s, part id %d, session %d, %s)",
            last_state.reset_reason(last, boot_tag()),
            last.mode,
            last.last_part_id,
            last.session,
            last.wall_time,
        )
