"""A running station: shared memory, then the supervisor with its table of processes, and back.

    with RunningStation(load_station(path)) as running: ...

makes the segments and starts the supervisor, which starts records and engine, and the line
once both are up; it was made ready beside them as a spare. On the way out, for whatever reason,
everything is stopped and every segment is removed. `launch` becomes the supervisor
itself: that is what a service runs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from gonogo.base.errors import ProcessFailed
from gonogo.base.handover import hand_over
from gonogo.base.log.logger import get_logger
from gonogo.base.shm import sweep
from gonogo.base.signals import interruptible
from gonogo.config.view_limits import engines_of
from gonogo.ipc.worker import EXIT_KEEP, STOP_WAIT_S
from gonogo.launch.adoption import end_processes
from gonogo.launch.begin_log import said_so_far
from gonogo.launch.memory import Memory
from gonogo.launch.process_rows import (
    row_numbers,
    supervisor_plan,
)
from gonogo.launch.told import UNKNOWN
from gonogo.records.salvage import salvage
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from gonogo.config.station import Station
    from gonogo.ipc.engine_queue import Mailbox
    from gonogo.launch.told import Origin

log = get_logger(__name__)

# loading an engine on a slow box; systemd waits for as long (TimeoutStartSec)
START_S = 120.0
# of what starts a station and waits for it; no part waits for this
POLL_S = 0.02
HEARD = (signal.SIGINT, signal.SIGTERM)


class RunningStation:
    """A station under a supervisor of its own, which ends with this process."""

    def __init__(self, station: Station, origin: Origin = UNKNOWN) -> None:
        self.station, self._origin = station, origin
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
        plan = supervisor_plan(self.station, os.getpid(), self._origin, engines)
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
    plan = plan.model_copy(update={"locks": tuple(memory.lock.held), "said": said_so_far()})
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
