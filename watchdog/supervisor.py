"""The supervisor: a small parent that keeps the rows of one table alive, and nothing else.

It knows a row by its name, its process and its beats, and nothing of cameras, engines
or PLCs. Started as `python -m gonogo.watchdog.supervisor FD STATION`, with a SupervisorPlan
to be read from FD. When it is killed the rows go on; the next supervisor with the same plan
adopts them. When somebody removes the station's memory the rows go on, too, but none of
them could be started again: the first that is missing ends the station, to begin anew.

Exit codes: 0 stopped in order, 1 the station file says what cannot be, 2 a required process
could not be kept alive, rows are lost, or starting again may help, 3 stopped in order, but rows
are still to be written (by the next start), 70 a bug of ours.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.doorbell import open_bell
from gonogo.base.errors import GonogoError
from gonogo.base.handover import take_over
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import settle
from gonogo.base.shm import sweep
from gonogo.ipc.control_socket import ControlServer
from gonogo.ipc.fault_table import FaultBoard
from gonogo.ipc.master_part import AskingView
from gonogo.ipc.process_table import ProcessTable
from gonogo.ipc.station_lock import Held, release
from gonogo.ipc.worker import EXIT_BUG, EXIT_DONE, EXIT_KEEP, EXIT_LEFT, EXIT_LOST, Stop
from gonogo.watchdog.aftercare import look_after
from gonogo.watchdog.begin_log import begin_log
from gonogo.watchdog.commands import Commands
from gonogo.watchdog.last_words import LastWords
from gonogo.watchdog.master_part import MasterPartRequests
from gonogo.watchdog.means import Means
from gonogo.watchdog.plan import SupervisorPlan
from gonogo.watchdog.relay import Relay
from gonogo.watchdog.row import Row
from gonogo.watchdog.rowstate import RowState
from gonogo.watchdog.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = get_logger(__name__)

EXIT_OK, EXIT_USER, EXIT_SYSTEM = 0, 1, 2
TURN_S = 0.02  # how often heartbeats are looked at
LOOK_NS = 1_000_000_000  # how often its memory is looked for
LOG_BELL = "log"
_PR_SET_PDEATHSIG = 1  # prctl(2)
_OF_WHAT_IS_LEFT = {
    EXIT_DONE: EXIT_OK, EXIT_LEFT: EXIT_LEFT, EXIT_LOST: EXIT_SYSTEM, EXIT_KEEP: EXIT_SYSTEM,
}  # fmt: skip


class Ended(NamedTuple):
    """How a station ended; `keep` its memory, which holds what could be brought to no disk."""

    code: int
    keep: bool = False


class Supervisor:
    """The table at work; `supervise` sees to everything once, and waits TURN_S at most."""

    def __init__(self, plan: SupervisorPlan, beats: ProcessTable, means: Means) -> None:
        self.plan = plan
        self.beats = beats
        self.code: int | None = None  # why to end; None: go on
        self.left = EXIT_DONE  # at the end: what its rows left undone
        self.was_up = False
        self._me = beats.rows[0]
        self._removed = False
        self._looked_ns = 0
        self._log_fd = means.log_fd
        self._relay = Relay(means.log_fd, means.last_words)
        self.rows = list(_rows(plan, beats, means))

    def start(self) -> None:
        """Adopt what runs already; the rest is started row by row."""
        adopted = [row.name for row in self.rows if row.adopt()]
        if adopted:
            names = ", ".join(adopted)
            log.warning("processes_adopted", text="supervisor: adopted %(names)s", names=names)
        self._me.occupy(os.getpid())
        # of what lives now: `gonogo run` compares it before it adopts
        self._me.digest = self.plan.digest(self.beats.seals)

    def supervise(self, extra: Sequence[int] = (), timeout_s: float = TURN_S) -> list[int]:
        """Look at everything once; the descriptors of `extra` that are readable."""
        # an end wakes it at once; a beat that does not come is found at the next look
        watched = [fd for row in self.rows for fd in row.descriptors()]
        readable, _, _ = select.select([*watched, *extra], [], [], timeout_s)
        now_ns = time.monotonic_ns()
        self._relay.pass_on(now_ns)
        for row in self.rows:
            row.supervise(now_ns)
        self._start_next()
        self._judge()
        self._look_for_memory(now_ns)
        # after the rows: children that see no beat of ours for long end in order
        self._me.beat()
        for row in self.rows:
            row.reap()
        return [fd for fd in extra if fd in readable]

    @property
    def coming(self) -> Row | None:
        """The row that all others wait for, while they come up."""
        return next((row for row in self.rows if not row.standing.settled), None)

    def _start_next(self) -> None:
        """Rows start one after the other; one that does not come up holds nobody for ever."""
        for at, row in enumerate(self.rows):
            row.start()
            if not row.standing.settled:
                # imports take as long as a load: who can wait for its turn has them behind it then
                for later in self.rows[at + 1 :]:
                    later.prepare()
                return

    def _judge(self) -> None:
        """Whether the station can still run."""
        self.was_up = self.was_up or all(
            row.standing.up or (row.standing.settled and not row.plan.required) for row in self.rows
        )
        # what whoever started the station waits for
        self._me.state = RowState.UP if self.was_up else RowState.STARTING
        # last: it may wait for a process to be taken down, which nothing else should
        for row in self.rows:
            if row.plan.required and not self.was_up and row.standing.last_code is not None:
                self._give_up(f"{row.name} could not start (its messages stand above)")
                # 1 is of a wrong station file: starting again would not mend it
                self.code = EXIT_USER if row.standing.last_code == 1 else EXIT_SYSTEM
            elif row.plan.required and row.standing.latched:
                self._give_up(f"{row.name} cannot be kept alive: giving up")
                self.code = EXIT_SYSTEM

    def _look_for_memory(self, now_ns: int) -> None:
        """Whether a process that is started now would find the station's memory."""
        if now_ns - self._looked_ns >= LOOK_NS:
            self._looked_ns = now_ns
            # those that run have it mapped; one that is started now would find none
            gone = not self.beats.segment.named
            if gone is not self._removed:
                self._removed = gone
                self._me.warning = self.plan.warn if gone else 0
                _tell_memory(self.beats.segment.path, gone=gone)
        if self._removed and self.was_up and not all(row.standing.runs for row in self.rows):
            self._give_up("a process has ended and cannot come back: the station begins anew")
            self.code = EXIT_SYSTEM

    def _give_up(self, why: str) -> None:
        """Say why, below what the others have said."""
        self._relay.drain()
        log.error("station_gives_up", text="%(why)s", why=why)

    @property
    def healthy(self) -> bool:
        """Whether every required row beats: what feeds the watchdogs outside."""
        return all(row.standing.up for row in self.rows if row.plan.required)

    def stop(self) -> None:
        """Stop all rows in order, the last started first, and look after what they leave."""
        # what was started first is needed longest
        for row in reversed(self.rows):
            row.stop()
        self.left = look_after(self.rows, self.plan.station, self._log_fd)
        self._relay.drain()
        self._me.vacate()


def _tell_memory(path: Path, *, gone: bool) -> None:
    if gone:
        log.error(
            "memory_removed",
            text="the memory of this station was removed (%(path)s): parts are judged until a "
            "process ends, and then the station begins anew; choose the moment and start it again",
            path=path,
        )
    else:
        log.error("memory_back", text="the memory of this station is back (%(path)s)", path=path)


def _rows(plan: SupervisorPlan, beats: ProcessTable, means: Means) -> list[Row]:
    rows, at = [], 1
    for row in plan.rows:
        count = 2 if row.spare else 1
        rows.append(Row(row, at, beats.rows[at : at + count], means))
        at += count
    return rows


def run(plan: SupervisorPlan, stop: Stop) -> Ended:
    """Supervise until asked to stop, or until the station cannot run."""
    with ExitStack() as stack:
        beats = ProcessTable.attach(plan.station)
        stack.callback(beats.close)
        board = FaultBoard.attach(plan.station)
        stack.callback(board.close)
        means = Means(plan.station, open_bell(plan.station, LOG_BELL), last_words=LastWords())
        supervisor = Supervisor(plan, beats, means)
        master_part = AskingView.attach(plan.station)
        stack.callback(master_part.close)
        requests = MasterPartRequests(supervisor.rows, master_part)
        commands = Commands(supervisor.rows, supervisor.plan, board, requests)
        # before the rows: a station that does not come up can be asked why
        control = ControlServer(plan.station, commands.handle)
        stack.callback(control.close)
        ties = Ties(plan)
        supervisor.start()
        while not stop.asked and supervisor.code is None:
            control.serve(supervisor.supervise([stop.fd, *control.fds]))
            commands.look(time.monotonic_ns())
            ties.tell(supervisor)
        supervisor.stop()
        ordered = supervisor.code is None
        ties.close(ordered=ordered)
        code = _OF_WHAT_IS_LEFT[supervisor.left] if ordered else supervisor.code
        return Ended(code or EXIT_OK, keep=supervisor.left == EXIT_KEEP)


def main(argument: str) -> int:
    """Set up signals and log, supervise, remove the station's memory at the end."""
    plan = SupervisorPlan.model_validate_json(argument)
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN if plan.parent_pid else stop.ask)
    # a mask is inherited over exec: whoever started us may have blocked them (sigprocmask(2))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    if plan.parent_pid:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        # it ended before the kernel was told to tell us
        if os.getppid() != plan.parent_pid:
            stop.ask()
    begin_log(plan)
    # one rank above the line, so that a line that never sleeps is seen, and ended
    settle(plan.realtime, below=-1)
    try:
        ended = run(plan, stop)
    except GonogoError as error:
        log.error("supervisor_failed", text="%(error)s", error=error)  # noqa: TRY400 - the message is for a technician
        ended = Ended(error.start_code)
    except Exception:
        log.exception(
            "supervisor_bug",
            text="supervisor: a bug, please report this; the processes go on by themselves",
        )
        return EXIT_BUG
    if ended.keep:
        log.error(
            "memory_stays",
            text="the memory of the station stays until the next start: rows are in it",
        )
    else:
        with suppress(GonogoError):  # its directory was removed: there is nothing to sweep
            sweep(plan.station)
    # last: from here on another station may have the name
    release([Held(fd, path) for fd, path in plan.locks])
    return ended.code


if __name__ == "__main__":
    sys.exit(main(take_over(int(sys.argv[1]))))
