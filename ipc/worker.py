"""What every process of a station does first, and how it hears that it shall stop.

A child is started in a session of its own, so that Ctrl-C reaches the parent
alone; its messages go through a pipe that never blocks it (a full pipe drops the
line and counts it). It outlives its supervisor, which may be started again and adopt
it; without one for ORPHAN_NS it comes to an ordered end by itself. It touches nothing
before its row bears its name: a supervisor that is killed between the start of a process
and its entry leaves one that nobody knows, beside which the next supervisor starts another.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.handover import take_over
from gonogo.base.log.forms import JsonForm
from gonogo.base.log.handler import DroppingHandler
from gonogo.base.log.logger import get_logger
from gonogo.ipc.process_table import WorkerTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = get_logger(__name__)

ORPHAN_NS = 10_000_000_000  # without a supervisor for this long
NAMED_WITHIN_S = 5.0  # a supervisor writes the name right after the start
NAMED_EVERY_S = 0.005
SPARE_BEAT_S = 0.05
EXIT_DONE = 0  # nothing is left
EXIT_LEFT = 3  # something is left for the next start, in a file
EXIT_LOST = 2  # something is lost, and how much stands in a file
EXIT_KEEP = 4  # nothing could be done: what there is, is in the memory of the station alone
EXIT_BUG = 70  # of ours (EX_SOFTWARE of sysexits.h)
STOP_WAIT_S = 5.0
LEVEL = "GONOGO_LOG_LEVEL"  # the least that processes of a station say: their supervisor sets it
KEPT_BELL = "kept"  # the pipe of what is kept of all their messages
EXIT_AGAIN = 75  # ended on purpose, to be started anew; nothing is held against it (EX_TEMPFAIL)


class Told(NamedTuple):
    """What a process of the table is told at its start."""

    argument: str
    row: int
    standby: bool


def told(words: Sequence[str]) -> Told:
    """From the words of its command line: FD ROW active|standby STATION."""
    _, fd, row, role, *_ = words
    return Told(take_over(int(fd)), int(row), role == "standby")


def guarded(main: Callable[[], int]) -> int:
    """Its exit code; EXIT_BUG for a bug of ours.

    Python itself ends with 1 then, which the unit of a station takes for a wrong station file.
    """
    try:
        return main()
    except Exception:
        log.exception("process_bug", text="a bug, please report this")
        return EXIT_BUG


class Stop:
    """Set by SIGTERM; `fd` becomes readable then, so that it can stand in any select."""

    def __init__(self) -> None:
        self.asked = False
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def ask(self, *_: object) -> None:
        """Ask the process to come to an ordered end."""
        # all that a signal handler may do: a flag and one system call
        self.asked = True
        os.eventfd_write(self.fd, 1)


class Worker:
    """This process as a row of the station's table.

    `stop` is what to watch for the end; `beat` says that work was completed or that
    none was due, and notices when nobody supervises us any more.
    """

    def __init__(self, table: WorkerTable, row: int, orphan_ns: int) -> None:
        self.stop = Stop()
        self.pid = os.getpid()
        self._table = table
        self._orphan_ns = orphan_ns
        self._row = table.own(row)
        self._supervisor = table.rows[0]
        self._seen_ns = time.monotonic_ns()

    def named(self, within_s: float) -> bool:
        """Wait for our name in our row; False when it bears another one, or none in that time."""
        end_s = time.monotonic() + within_s
        # 0: the supervisor has started us, and comes to write our name in a moment
        while not self._row.pid and time.monotonic() < end_s:
            time.sleep(NAMED_EVERY_S)
        return self._row.pid == self.pid

    def beat(self) -> None:
        """Work was completed, or none was due; a few words of shared memory."""
        self._row.beat()
        # a supervisor that has just begun has not beaten yet: what was seen stays seen
        self._seen_ns = max(self._supervisor.last_ns, self._seen_ns)
        if time.monotonic_ns() - self._seen_ns > self._orphan_ns and not self.stop.asked:
            self.stop.ask()

    def busy(self) -> None:
        """Not up yet, and getting on: the limit of a start counts from here. From any thread."""
        self._row.busy()

    def warn(self, bits: int) -> None:
        """Have the PLC warned of something (a FaultBit); 0 takes it back."""
        self._row.warning = bits

    def warnings(self) -> int:
        """All that any process of the station wants the PLC to be warned of."""
        bits = 0
        for row in self._table.rows:
            bits |= row.warning
        return bits

    @property
    def acknowledged(self) -> int:
        """How often somebody has acknowledged; the line clears faults that no PLC can."""
        return self._row.acknowledged

    def acknowledge(self) -> None:
        """Somebody has seen what was left alone: the supervisor shall try it again."""
        # row 0 is the supervisor, which is never latched
        for row in self._table.rows[1:]:
            row.acknowledge()


def begin(name: str, station: str, row: int, orphan_ns: int = ORPHAN_NS) -> Worker:
    """Set up signals and log; returns this process as a row of the station's table.

    Standard output joins the message pipe, so that no library can block on a terminal.
    """
    child = Worker(WorkerTable.attach(station), row, orphan_ns)
    # nothing has been touched: the supervisor that finds nobody here starts another
    if not child.named(NAMED_WITHIN_S):
        sys.exit(EXIT_AGAIN)
    signal.signal(signal.SIGTERM, child.stop.ask)
    # whoever is at the terminal stops the supervisor, and that stops us in its order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    handler = DroppingHandler()
    handler.setFormatter(JsonForm(process=name, station=station))
    level = os.environ.get(LEVEL, "info").upper()
    logging.basicConfig(level=level, handlers=[handler], force=True)
    sys.stdin.close()
    os.dup2(2, 1)  # 2 is the message pipe
    return child


class Turn:
    """A warm spare's wait for its turn: SIGUSR1 from the supervisor.

    Made before the spare says that it is ready, so that no signal comes too early.
    """

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        signal.signal(signal.SIGUSR1, lambda *_: os.eventfd_write(self._fd, 1))

    def wait(self, child: Worker) -> bool:
        """Beat until it is our turn; False when we are asked to stop instead."""
        while not child.stop.asked:
            child.beat()  # a spare that hangs is noticed before it is needed
            if self._fd in select.select([self._fd, child.stop.fd], [], [], SPARE_BEAT_S)[0]:
                return True
        return False
