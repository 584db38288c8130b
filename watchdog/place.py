"""One place of a row: what becomes of its process, by the table of gonogo.watchdog.rowstate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gonogo.base.log.logger import get_logger
from gonogo.ipc.worker import EXIT_AGAIN
from gonogo.watchdog.ends import Ends
from gonogo.watchdog.occupant import Occupant
from gonogo.watchdog.process import describe
from gonogo.watchdog.rowstate import RUNNING, RowAction, RowEvent, RowState, advance

if TYPE_CHECKING:
    from gonogo.ipc.process_table import SupervisedRow
    from gonogo.watchdog.means import Means
    from gonogo.watchdog.plan import RowPlan

log = get_logger(__name__)

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Place:
    """A process that works, or the warm spare of one; `last_code` is None while it has not ended.

    `beat` is its row of the process table, `standby` whether it is (or would be) a spare. It has
    a method for each action of the table, which makes it larger than most.
    """

    def __init__(self, plan: RowPlan, number: int, beat: SupervisedRow, means: Means) -> None:
        self.plan = plan
        self.beat = beat
        self.occupant = Occupant(plan, number, beat, means)
        self.state = RowState.OFF
        self.standby = False
        self.early = False  # started before its turn in the order of the start
        self.last_code: int | None = None
        self._again_ns = 0  # when the pause is over
        self._acknowledged = beat.acknowledged  # as it was when that was last acted on
        self._ends = Ends(plan.strikes)
        self._growth = means.growth(plan.growth_mb)
        self._stop_wait_s = means.stop_wait_s
        self._words = means.last_words
        self._actions = {
            RowAction.SPAWN: self._spawn, RowAction.KILL: self._kill,
            RowAction.ASK: self.occupant.ask, RowAction.PAUSE: self._pause,
            RowAction.LATCH: self._say_latched, RowAction.PROMOTE: self._promote,
        }  # fmt: skip

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self.state in RUNNING

    def adopt(self) -> bool:
        """Take over a process that an earlier supervisor started, as what it was then."""
        if not self.occupant.adopt():
            return False
        self.state = RowState(self.beat.state)
        # on its way up as a spare, it waits as well: taken for one that works, it would for ever
        self.standby = self.state is RowState.HELD or self.beat.waits != 0
        self._growth.begin(self.beat.pid, self.occupant.since_ns)
        # told something on trial, which nobody has confirmed (gonogo.watchdog.trials)
        if self.plan.apart and not self.beat.was_told(self.plan.argument):
            self.apply(RowEvent.STOP)
        return True

    def prepare(self) -> None:
        """Start it before its turn, as a spare that is called then."""
        self.standby = self.early = True
        self.apply(RowEvent.START)

    def retell(self, plan: RowPlan) -> None:
        """End in order; whatever is started here from now on is told that."""
        self.plan = plan
        self.occupant.retell(plan)
        self.apply(RowEvent.STOP)

    def apply(self, event: RowEvent) -> None:
        """Let something happen to it."""
        self.state, action = advance(self.state, event)
        act = self._actions.get(action)
        if act is not None:
            # after the state: what is done may depend on it (`_kill`)
            act()
        self.beat.state = self.state  # last: what the table shows has been done

    def supervise(self, now_ns: int) -> None:
        """See what happened since the last time, and let it happen to it."""
        if self.occupant.ended:
            self._vacate(now_ns)
        elif self.running:
            self._watch(now_ns)
            self._forgive()
        elif self.state is RowState.BACKOFF and now_ns >= self._again_ns:
            self.apply(RowEvent.DUE)
        elif self.state is RowState.LATCHED and self._forgive():
            self.apply(RowEvent.ACKNOWLEDGED)

    def finish(self) -> None:
        """Ask, wait, kill."""
        self.apply(RowEvent.STOP)
        if self.occupant.process is None:
            return
        # nobody else is looked after meanwhile: the station is at its end
        if not self.occupant.stopped():
            log.warning(
                "process_not_stopped",
                text="%(row)s did not stop within %(wait_s)g s: killed",
                row=self.plan.name,
                wait_s=self._stop_wait_s,
            )
        self._vacate(time.monotonic_ns())
        self.occupant.reap()

    def _forgive(self) -> bool:
        """Whether somebody has acknowledged since: then its earlier ends no longer count."""
        if self.beat.acknowledged == self._acknowledged:
            return False
        self._acknowledged = self.beat.acknowledged
        self._ends.forgive()
        return True

    def _watch(self, now_ns: int) -> None:
        if self.state is RowState.STARTING and self.beat.count:
            self.apply(RowEvent.READY if self.standby else RowEvent.BEAT)
            # not from its start: memory that it comes up with is no leak
            self._growth.begin(self.beat.pid, now_ns)
        # a beat of the process before, or of the time as a spare, does not count
        last_ns = max(self.beat.last_ns, self.occupant.since_ns)
        if self.state is RowState.STOPPING:  # that it still beats does not help it
            last_ns = self.occupant.since_ns
        limit = limit_ns(self.plan, self._limited_as, self._stop_wait_s)
        if now_ns - last_ns > limit and not self.occupant.killed:
            self.apply(RowEvent.OVERDUE)
        elif self.state is RowState.UP and self._growth.over(now_ns):
            grown = self._growth.grown_mb
            log.warning(
                "process_grown",
                text="%(row)s has grown by %(grown_mb).0f MB: exchanged in order",
                row=self.plan.name,
                grown_mb=grown,
            )
            self.apply(RowEvent.GROWN)

    @property
    def _limited_as(self) -> RowState:
        """Before its turn it is one that starts, however far it is: others load beside it."""
        return RowState.STARTING if self.early and self.state is RowState.HELD else self.state

    def _vacate(self, now_ns: int) -> None:
        self.early = False
        self.last_code = self.occupant.vacate()
        self._growth.end()
        # on purpose, so it is no strike against it
        if self.last_code == EXIT_AGAIN:
            log.info("process_begins_anew", text="%(row)s begins anew", row=self.plan.name)
        # of one that was asked to stop or to be exchanged the end is no news, and no strike
        elif self.state is not RowState.STOPPING:
            log.warning(
                "process_ended",
                text="%(row)s ended (%(ended)s)",
                row=self.plan.name,
                ended=describe(self.last_code),
                last_words=() if self._words is None else self._words.of(self.plan.name),
            )
            self._ends.add(now_ns)
        self.apply(RowEvent.SPENT if self._ends.spent(now_ns) else RowEvent.ENDED)

    def _spawn(self) -> None:
        # what was acknowledged before this start is no answer to its end
        self._acknowledged = self.beat.acknowledged
        self.beat.waits = int(self.standby)
        self.occupant.spawn("standby" if self.standby else "active")

    def _kill(self) -> None:
        limit = limit_in_words(self.plan, self._limited_as, self._stop_wait_s)
        log.warning(
            "process_silent",
            text="%(row)s gave no sign of life for %(limit)s: killed",
            row=self.plan.name,
            limit=limit,
        )
        self.occupant.kill()

    def _pause(self) -> None:
        now_ns = time.monotonic_ns()
        self._again_ns = now_ns + self._ends.pause_ns(now_ns)

    def _say_latched(self) -> None:
        log.error(
            "process_latched",
            text=(
                "%(row)s ended %(strikes)d times within a minute: left alone until it is "
                "acknowledged"
            ),
            row=self.plan.name,
            strikes=self.plan.strikes,
        )

    def _promote(self) -> None:
        self.standby = False
        # of one that was ready before its turn: nobody has failed
        if not self.early:
            log.warning(
                "spare_takes_over", text="%(row)s: the warm spare takes over", row=self.plan.name
            )
        self.early = False
        self.occupant.promote()
        # last: a supervisor that finds it waiting calls it a second time, which is heard once
        self.beat.waits = 0


def limit_ns(plan: RowPlan, state: RowState, stop_wait_s: float) -> float:
    """How long a process of this row may give no sign of life in a state."""
    if state is RowState.STOPPING:
        return stop_wait_s * NS_PER_S
    if state in {RowState.UP, RowState.HELD}:
        return plan.limit_ms * NS_PER_MS
    return plan.start_limit_s * NS_PER_S


def limit_in_words(plan: RowPlan, state: RowState, stop_wait_s: float) -> str:
    """The same for a technician."""
    if state is RowState.STARTING:
        return f"{plan.start_limit_s:g} s"
    if state is RowState.STOPPING:
        return f"{stop_wait_s:g} s after it was asked to stop"
    return f"{plan.limit_ms:g} ms"
