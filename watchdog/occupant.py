"""Who occupies a place of a row: the process of now, and those that ended and are not reaped."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from gonogo.watchdog.process import Process

if TYPE_CHECKING:
    from gonogo.ipc.process_table import SupervisedRow
    from gonogo.watchdog.means import Means
    from gonogo.watchdog.plan import RowPlan


class Occupant:
    """Starts, adopts and signals the process of a place; when and why is for the place to say.

    `since_ns` is when its present task began: its start, its promotion, its being asked to end.
    """

    def __init__(self, plan: RowPlan, number: int, beat: SupervisedRow, means: Means) -> None:
        self.process: Process | None = None
        self.since_ns = 0
        self.killed = False
        self._plan = plan
        self._number = number
        self._beat = beat
        self._means = means
        self._dead: list[Process] = []

    def adopt(self) -> bool:
        """Take over a process that an earlier supervisor started, if the table proves one."""
        self.process = Process.of(self._beat)
        if self.process is None:
            # a name that nobody bears any more, or that was forged: nothing is ended by it
            self._beat.vacate()
            return False
        self.since_ns = time.monotonic_ns()
        return True

    def retell(self, plan: RowPlan) -> None:
        """What is started from now on is told that."""
        self._plan = plan

    def spawn(self, role: str) -> None:
        """Start one; it finds its name in the table a moment later, and waits for that."""
        plan, means = self._plan, self._means
        # for everybody to see (proc(5)): nothing of the station file stands among them
        words = (str(self._number), role, means.station)
        self.process = means.spawn(plan.module, plan.argument, words, means.log_fd)
        self.since_ns = time.monotonic_ns()
        self.killed = False
        # at once: the process waits for its name before it touches anything (gonogo.ipc.worker)
        self._beat.occupy(self.process.pid, plan.argument)

    def promote(self) -> None:
        """Tell a warm spare that it is its turn; its limit begins anew, as at a start."""
        self.since_ns = time.monotonic_ns()
        # before the signal: its next beat is the first of its new task
        self._beat.restart()
        self._send(signal.SIGUSR1)

    def ask(self) -> None:
        """Ask it to come to an ordered end."""
        if self.process is not None:
            self.since_ns = time.monotonic_ns()
            self._send(signal.SIGTERM)
            self._send(signal.SIGCONT)  # a stopped process cannot hear

    def kill(self) -> None:
        """End it, whatever it does; only once, for a process that ends is a while about it."""
        self.killed = True
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send(number)

    @property
    def ended(self) -> bool:
        """Whether there is one that has ended and was not vacated yet."""
        return self.process is not None and self.process.ended

    def vacate(self) -> int | None:
        """It has ended: its name leaves the table at once, reaping can wait; its exit status."""
        process, self.process = self.process, None
        self._beat.vacate()
        if process is None:
            return None
        # reaping may take a while, and the rows come first
        self._dead.append(process)
        return process.code

    def stopped(self) -> bool:
        """Wait for the end of one that was asked; False where it had to be killed."""
        process = self.process
        if process is None or process.wait(self._means.stop_wait_s):
            return True
        process.send(signal.SIGKILL)
        process.wait(self._means.stop_wait_s)
        return False

    def reap(self) -> None:
        """Reap what has ended; of all that is to be done the least urgent."""
        if self._dead:
            self._dead = [process for process in self._dead if not process.reap()]
