"""The swap of engines at work: observes, asks the table, has done what it says.

Nothing here waits, and all of it runs in the loader's one thread: requests of the socket
are served between two ticks, so that none is ever answered in the middle of a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.log.logger import get_logger
from gonogo.engines.loading.actions import perform
from gonogo.engines.loading.events import StepLimits, event_of
from gonogo.engines.loading.observation import observe
from gonogo.engines.loading.reasons import Situation, reason_of
from gonogo.engines.loading.resume import find_interrupted
from gonogo.engines.loading.steps import Step, advance
from gonogo.engines.loading.task import LoadRequest, Outcome, Task, number_of

if TYPE_CHECKING:
    from gonogo.engines.loading.agreement import Agreement
    from gonogo.engines.loading.resources import Resources
    from gonogo.engines.loading.steps import Action, Event
    from gonogo.engines.loading.task import ShadowCount

log = get_logger(__name__)

_NOTHING = LoadRequest("", "", 0)


class Standing(NamedTuple):
    """How a swap stands at this moment, for whoever asks.

    `ticket`: of the last command; `outcome`: how the last one that has ended did,
    `refused`: the last one of those that was not had.
    """

    step: Step
    waited_s: float
    ticket: int
    wish: LoadRequest
    label: str
    checking: bool
    counted: ShadowCount
    proof: Agreement | None
    outcome: Outcome | None
    refused: Outcome | None


class SwapController:
    """One engine at a time on its way into the slot that does not judge, and into service.

    `tick` is to be called often; times are monotonic seconds.
    """

    def __init__(self, at: Resources, now_s: float) -> None:
        self._at = at
        self._limits = StepLimits(at.section.load_limit_s, at.section.keep_warm_s)
        self._step = Step.IDLE
        self._since_s = self._now_s = now_s  # when this step began, and of the last tick
        self._ticket = 0
        self._outcome: Outcome | None = None
        self._refused: Outcome | None = None
        self._begin(Task(_NOTHING))

    def resume(self) -> None:
        """Go on with what a loader before this one was doing, if it was; once, at the start."""
        if self._at.slots.switches:
            self._at.keep_active()  # a loader that was killed right after a switch has not
        found = find_interrupted(self._at)
        if found is not None:
            self._begin(found.task)
            self._step = found.step
            self._perform(found.action)

    def tick(self, now_s: float) -> None:
        """Observe, and do what is due."""
        self._now_s = now_s
        # at every step: the journal is a ring, and what is not read in time is overwritten
        pairs = self._at.pairs.read()
        if self._step is Step.TRIAL:
            self._task.follow_trial(pairs)
        seen = observe(self._step, self._task, self._at, now_s - self._since_s)
        self._task.take_host(seen.host)
        event = event_of(self._step, seen, self._limits)
        if event is not None:
            self._happen(event)
        self._at.versions.tick(now_s)  # last: what this tick has changed begins to be written

    def command(self, event: Event, wish: LoadRequest | None = None) -> int:
        """What somebody asked for, and may have now; the ticket by which its outcome is known."""
        self._ticket += 1
        if wish is not None:
            self._begin(Task(wish))
        self._happen(event)
        return self._ticket

    def standing(self) -> Standing:
        """How it stands now."""
        task = self._task
        return Standing(
            self._step,
            self._now_s - self._since_s,
            self._ticket,
            task.wish,
            task.label,
            task.checking,
            task.counted(self._at.slots),
            task.proof,
            self._outcome,
            self._refused,
        )

    def _begin(self, task: Task) -> None:
        """Another engine is on its way: nothing that was counted before is of it."""
        task.count_from(self._at.slots)
        self._task = task
        self._at.pairs.begin((), ())

    def _happen(self, event: Event) -> None:
        """One event: the table says what follows."""
        before, task = self._step, self._task
        # before the action: with another order, a slot's phase is no longer what ended this
        reason = reason_of(event, before, Situation(task, self._at.slots, self._at.section))
        self._step, action = advance(before, event)
        if reason is not None and self._step is not before:
            task.refuse(reason)  # an event that the table ignores has ended nothing
        self._perform(action)
        if self._step is not before:
            self._since_s = self._now_s
            log.info(
                "engine_change_step",
                text="%(engine)s: %(step)s",
                engine=task.label,
                step=self._step.name.lower(),
            )

    def _perform(self, action: Action) -> None:
        said = perform(action, self._task, self._at)
        if said:
            self._end(said)

    def _end(self, said: str) -> None:
        """The command of the last ticket has ended: as it was meant to, or for a reason."""
        why = self._task.why
        if why is None:
            self._outcome = Outcome(self._ticket, 0, f"{self._task.label} {said}")
            return
        self._task.why = None  # told: unloading what was given up is no second failure
        self._outcome = self._refused = Outcome(self._ticket, number_of(why), str(why))
        log.error("engine_change_failed", text="%(why)s", why=why)
