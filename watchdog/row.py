"""One row of the process table at work: its process, and its warm spare where it has one."""

from __future__ import annotations

import logging
import signal
import time
from collections import deque
from typing import TYPE_CHECKING

from gonogo.ipc.worker import EXIT_AGAIN, STOP_WAIT_S
from gonogo.watchdog.growth import Growth
from gonogo.watchdog.process import Process, describe
from gonogo.watchdog.rowstate import RUNNING, RowAction, RowEvent, RowState, advance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.ipc.process_table import SupervisedRow
    from gonogo.watchdog.plan import RowPlan

log = logging.getLogger(__name__)

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
STRIKES_WITHIN_NS = 60 * NS_PER_S
FIRST_PAUSE_S, LAST_PAUSE_S = 0.1, 8.0
KEPT_ENDS = 10  # enough for the longest pause and for any latch


class Place:
    """One process of a row."""

    def __init__(
        self, plan: RowPlan, station: str, number: int, beat: SupervisedRow, log_fd: int
    ) -> None:
        self.plan = plan
        self.beat = beat
        self._station = station
        self.state = RowState.OFF
        self.standby = False
        self.process: Process | None = None
        self.last_code: int | None = None
        self._number = number
        self._log_fd = log_fd
        self._since_ns = 0  # of the start, or of the promotion
        self._again_ns = 0
        self._killed = False
        self._acknowledged = beat.acknowledged
        self._ends: deque[int] = deque(maxlen=KEPT_ENDS)
        self._dead: list[Process] = []
        self._growth = Growth(plan.growth_mb)

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self.state in RUNNING

    def adopt(self) -> bool:
        """Take over a process that an earlier supervisor started."""
        self.process = Process.of(self.beat)
        if self.process is None:
            self.beat.vacate()
            return False
        self.state = RowState(self.beat.state)
        self.standby = self.state is RowState.HELD
        self._since_ns = time.monotonic_ns()
        self._growth.begin(self.beat.pid, self._since_ns)
        return True

    def apply(self, event: RowEvent) -> None:
        """Let something happen to it."""
        was = self.state
        self.state, action = advance(self.state, event)
        if action is RowAction.SPAWN:
            self._spawn()
        elif action is RowAction.KILL:
            self._kill(was)
        elif action is RowAction.ASK and self.process is not None:
            self._since_ns = time.monotonic_ns()
            self.process.send(signal.SIGTERM)
            self.process.send(signal.SIGCONT)  # a stopped process cannot hear
        elif action is RowAction.PAUSE:
            self._pause()
        elif action is RowAction.LATCH:
            log.error(
                "%s ended %d times within a minute: left alone until it is acknowledged",
                self.plan.name,
                self.plan.strikes,
            )
        elif action is RowAction.PROMOTE:
            self._promote()
        self.beat.state = self.state

    def look(self, now_ns: int) -> None:
        """See what happened since the last look."""
        if self.process is not None and self.process.ended:
            self._ended(now_ns)
        elif self.running:
            self._watch(now_ns)
            self._forgive()
        elif self.state is RowState.BACKOFF and now_ns >= self._again_ns:
            self.apply(RowEvent.DUE)
        elif self.state is RowState.LATCHED and self.beat.acknowledged != self._acknowledged:
            self._ends.clear()
            self.apply(RowEvent.ACKNOWLEDGED)

    def _forgive(self) -> None:
        """Acknowledged while it runs: its earlier ends no longer count."""
        if self.beat.acknowledged != self._acknowledged:
            self._acknowledged = self.beat.acknowledged
            self._ends.clear()

    def _watch(self, now_ns: int) -> None:
        if self.state is RowState.STARTING and self.beat.count:
            self.apply(RowEvent.READY if self.standby else RowEvent.BEAT)
            self._growth.begin(self.beat.pid, now_ns)
        if self._overdue(now_ns) and not self._killed:
            self.apply(RowEvent.OVERDUE)
        elif self.state is RowState.UP and self._growth.over(now_ns):
            grown = self._growth.grown_mb
            log.warning("%s has grown by %.0f MB: exchanged in order", self.plan.name, grown)
            self.apply(RowEvent.GROWN)

    def _overdue(self, now_ns: int) -> bool:
        if self.state is RowState.STOPPING:
            return now_ns - self._since_ns > STOP_WAIT_S * NS_PER_S
        up = self.state in {RowState.UP, RowState.HELD}
        limit_ns = self.plan.limit_ms * NS_PER_MS if up else self.plan.start_limit_s * NS_PER_S
        return now_ns - max(self.beat.last_ns, self._since_ns) > limit_ns

    def _ended(self, now_ns: int) -> None:
        process, self.process = self.process, None
        self.last_code = None
        if process is not None:
            self.last_code = process.code
            self._dead.append(process)
        self._growth.end()
        self.beat.vacate()
        if self.last_code == EXIT_AGAIN:
            log.info("%s begins anew", self.plan.name)
        elif self.state is not RowState.STOPPING:
            log.warning("%s ended (%s)", self.plan.name, describe(self.last_code))
            self._ends.append(now_ns)
        spent = 0 < self.plan.strikes <= self._recent(now_ns)
        self.apply(RowEvent.SPENT if spent else RowEvent.ENDED)

    def _spawn(self) -> None:
        self._acknowledged = self.beat.acknowledged
        role = "standby" if self.standby else "active"
        words = (str(self._number), role, self._station)
        self.process = Process.spawn(self.plan.module, self.plan.argument, words, self._log_fd)
        self._since_ns = time.monotonic_ns()
        self._killed = False
        self.beat.occupy(self.process.pid)

    def _kill(self, was: RowState) -> None:
        limit = f"{self.plan.limit_ms:g} ms"
        if was is RowState.STARTING:
            limit = f"{self.plan.start_limit_s:g} s"
        if was is RowState.STOPPING:
            limit = f"{STOP_WAIT_S:g} s after it was asked to stop"
        log.warning("%s gave no sign of life for %s: killed", self.plan.name, limit)
        self._killed = True
        if self.process is not None:
            self.process.send(signal.SIGKILL)

    def _pause(self) -> None:
        """The first end is answered at once, the next ones after a pause that doubles."""
        now_ns = time.monotonic_ns()
        again = self._recent(now_ns) - 1
        pause_s = min(FIRST_PAUSE_S * 2.0 ** (again - 1), LAST_PAUSE_S) if again > 0 else 0.0
        self._again_ns = now_ns + round(pause_s * NS_PER_S)

    def _recent(self, now_ns: int) -> int:
        """How often it ended within the last minute."""
        return sum(now_ns - end < STRIKES_WITHIN_NS for end in self._ends)

    def _promote(self) -> None:
        self.standby = False
        self._since_ns = time.monotonic_ns()
        self.beat.restart()
        log.warning("%s: the warm spare takes over", self.plan.name)
        if self.process is not None:
            self.process.send(signal.SIGUSR1)

    def reap(self) -> None:
        """Reap what has ended; of all that is to be done the least urgent."""
        if self._dead:
            self._dead = [process for process in self._dead if not process.reap()]

    def finish(self) -> None:
        """Ask, wait, kill."""
        self.apply(RowEvent.STOP)
        process = self.process
        if process is None:
            return
        if not process.wait(STOP_WAIT_S):
            log.warning("%s did not stop within %g s: killed", self.plan.name, STOP_WAIT_S)
            process.send(signal.SIGKILL)
            process.wait(STOP_WAIT_S)
        self._ended(time.monotonic_ns())
        self.reap()


class Row:
    """The places of a row: one that works, and with `spare` one that waits."""

    def __init__(
        self, plan: RowPlan, station: str, number: int, beats: Sequence[SupervisedRow], log_fd: int
    ) -> None:
        self.plan = plan
        self.name = plan.name
        self.places = [
            Place(plan, station, number + k, beat, log_fd) for k, beat in enumerate(beats)
        ]

    def adopt(self) -> bool:
        """Take over what runs already."""
        adopted = [place.adopt() for place in self.places]
        return any(adopted)

    def start(self) -> None:
        """Its turn has come."""
        self.places[0].apply(RowEvent.START)

    def descriptors(self) -> list[int]:
        """Pidfds to wait for."""
        return [p.process.pidfd for p in self.places if p.process and p.process.pidfd >= 0]

    def look(self, now_ns: int) -> None:
        """See what happened, let the spare take over, keep a spare."""
        for place in self.places:
            others = [other for other in self.places if other is not place]
            if not place.running:
                place.standby = any(other.running for other in others)
            place.look(now_ns)
        working = [p for p in self.places if p.running and not p.standby]
        if not working:
            held = next((p for p in self.places if p.state is RowState.HELD), None)
            if held is not None:
                held.apply(RowEvent.TURN)
        elif self.up:
            for place in self.places:
                if place.state is RowState.OFF:
                    place.standby = True
                    place.apply(RowEvent.START)

    def reap(self) -> None:
        """Reap what has ended."""
        for place in self.places:
            place.reap()

    @property
    def working(self) -> Process | None:
        """The process that does the work at this moment."""
        return next((p.process for p in self.places if p.process and not p.standby), None)

    def acknowledge(self) -> None:
        """Try again what was latched."""
        for place in self.places:
            place.beat.acknowledge()

    @property
    def untouched(self) -> bool:
        """Not started yet."""
        return all(place.state is RowState.OFF for place in self.places)

    @property
    def up(self) -> bool:
        """Whether its work is being done."""
        return any(place.state is RowState.UP for place in self.places)

    @property
    def runs(self) -> bool:
        """Whether it has any process."""
        return any(place.running for place in self.places)

    @property
    def settled(self) -> bool:
        """Up, or known not to come up: the next row need not wait."""
        return self.up or any(
            place.last_code is not None or place.state is RowState.LATCHED for place in self.places
        )

    @property
    def latched(self) -> bool:
        """Whether every place has been given up."""
        return all(place.state is RowState.LATCHED for place in self.places)

    @property
    def last_code(self) -> int | None:
        """Exit status of the place that ended last; None while none has."""
        return next((p.last_code for p in self.places if p.last_code is not None), None)

    def stop(self) -> None:
        """Stop in order: the spare first, so that it does not take over."""
        for place in sorted(self.places, key=lambda p: not p.standby):
            place.finish()
