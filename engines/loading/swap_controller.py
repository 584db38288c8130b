"""The exchange of engines at work: glances at the places, does what the table says.

Nothing here waits, and nothing but `command` to the line touches the place that judges.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.loading.active_version import ActiveVersionWriter
from gonogo.engines.loading.agreement import Watch
from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.checks import check, check_previous, versions_of
from gonogo.engines.loading.observation import Limits, Observation, event_of
from gonogo.engines.loading.pairs import Pairs
from gonogo.engines.loading.reasons import Situation, reason_of
from gonogo.engines.loading.signers import Signers
from gonogo.engines.loading.steps import Action, Event, Step, advance
from gonogo.engines.loading.task import LoadRequest, Outcome, Task, number_of
from gonogo.ipc.engine_slot import Phase, SlotOrder
from gonogo.ipc.engine_slots import OrderKind
from gonogo.ipc.journal import MAX_VIEWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.base.errors import GonogoError
    from gonogo.engines.loading.checks import Checked
    from gonogo.engines.loading.pairs import EngineIds
    from gonogo.engines.section import EnginesSection
    from gonogo.ipc.engine_queue import Mailbox
    from gonogo.ipc.engine_slot import EngineSlot
    from gonogo.ipc.engine_slots import EngineSlots
    from gonogo.ipc.journal import Journal

log = logging.getLogger(__name__)


class Memory(NamedTuple):
    """What the loader shares with the line and the hosts; a mailbox a place."""

    slots: EngineSlots
    mailboxes: Sequence[Mailbox]
    journal: Journal


class SwapController:
    """One engine at a time on its way into the place that does not judge, and into service.

    `tick` is to be called often; times are monotonic seconds.
    """

    def __init__(self, section: EnginesSection, memory: Memory, now_s: float) -> None:
        self.section = section
        self.slots = memory.slots
        self.ledger = ActiveVersionWriter(section)
        self.pairs = Pairs(memory.journal)
        self.begin(Task(LoadRequest("", "", 0)))
        self.step = Step.IDLE
        self.since_s = self.now_s = now_s
        self.ticket = 0
        self.outcome: Outcome | None = None
        self.refused: Outcome | None = None  # the last one that was
        held = [place.ordered for place in self.slots.places]
        self.signers = Signers(section, [order.bundles for order in held if order])
        self._mailboxes = memory.mailboxes
        self._limits = Limits(section.load_limit_s, section.keep_warm_s)
        self._actions = {
            Action.CHECK: self._check, Action.ORDER: self._order, Action.SHADE: self._shade,
            Action.REPORT: self._report, Action.RAISE: self._raise, Action.SWITCH: self._switch,
            Action.TRY: self._try, Action.SETTLE: self._settle, Action.BACK: self._back,
            Action.EMPTY: self._empty, Action.TELL: self._tell,
        }  # fmt: skip

    def tick(self, now_s: float) -> None:
        """Look, and do what is due."""
        self.now_s = now_s
        found = self.pairs.read()
        if self.step is Step.TRIAL:
            self.task.observe(found)
        event = event_of(self.step, self.glance(), self._limits)
        if event is not None:
            self.happen(event)
        self.ledger.tick(now_s)

    def happen(self, event: Event) -> None:
        """One event: the table says what follows."""
        reason = reason_of(event, self.step, Situation(self.task, self.slots, self.section))
        before = self.step
        self.step, action = advance(before, event)
        if reason is not None and self.step is not before:
            self.task.refuse(reason)
        self.act(action)
        if self.step is not before:
            self.since_s = self.now_s
            log.info("%s: %s", self.task.label, self.step.name.lower())

    def act(self, action: Action) -> None:
        """Do what belongs to a step."""
        act = self._actions.get(action)
        if act is not None:
            act()

    def command(self, event: Event, task: Task | None = None) -> int:
        """What somebody asked for, and may have now; the ticket by which its outcome is known."""
        self.ticket += 1
        if task is not None:
            self.begin(task)
        self.happen(event)
        return self.ticket

    def begin(self, task: Task) -> None:
        """Another engine is on its way."""
        task.count_from(self.slots)
        self.task = task
        self.pairs.begin((), ())

    # -- what there is to see ----------------------------------------------------------

    @property
    def other(self) -> EngineSlot:
        """The place that does not judge."""
        return self.slots.places[1 - self.slots.active]

    @property
    def judging(self) -> dict[str, Path]:
        """The bundles of the place that judges."""
        ordered = self.slots.places[self.slots.active].ordered
        return dict(ordered.bundles) if ordered else {}

    @property
    def warm(self) -> bool:
        """Whether the place that does not judge could."""
        return self.other.phase is Phase.READY

    def glance(self) -> Observation:
        """What there is to see now."""
        slots, task = self.slots, self.task
        answered = slots.pending is None  # looked at before what the answer may have changed
        watched = slots.probation_left == 0
        place = slots.places[task.place]
        phase = place.phase if task.place >= 0 else Phase.EMPTY
        return Observation(
            waited_s=self.now_s - self.since_s,
            checked=self._checked(),
            phase=phase,
            lost=task.place >= 0 and self._lost(phase),
            realtime=place.realtime,
            again=task.wish.again,
            judged=self.step is Step.SHADOW and self._judged(),
            answered=answered,
            active=slots.active == task.place,
            rolled_back=slots.roll_backs[0] != task.roll_backs,
            watched=watched,
            disappointed=bool(task.doubt) and self.warm,
            emptied=self.other.acted and self.other.phase is Phase.EMPTY,
        )

    def _checked(self) -> bool | None:
        errand = self.task.errand
        return errand.error is None if errand is not None and errand.done else None

    def _lost(self, phase: Phase) -> bool:
        """Whether the process that began to load it is gone, or has begun anew."""
        epoch = self._mailboxes[self.task.place].epoch
        if self.task.epoch < 0:
            if phase is not Phase.EMPTY:
                self.task.epoch = epoch
            return False
        return phase is Phase.EMPTY or epoch != self.task.epoch

    def _judged(self) -> bool:
        parts = self.task.wish.parts
        without = self.slots.no_window - self.task.no_window
        none_fits = without >= parts and self.slots.shadowed == self.task.shadowed
        return len(self.pairs.pairs) >= parts or (none_fits and not self.task.wish.keep)

    # -- what is done ------------------------------------------------------------------

    def _check(self) -> None:
        wish, section = self.task.wish, self.section
        if wish.again:
            judging = versions_of(section, self.judging).get(wish.name)
            self.task.errand = BackgroundJob(lambda: check_previous(section, wish.name, judging))
        else:
            self.task.errand = BackgroundJob(lambda: check(section, wish.name, wish.version))

    def _order(self) -> None:
        task, errand = self.task, self.task.errand
        found: Checked | None = errand.result if errand is not None else None
        assert found is not None  # noqa: S101 - for the type checker: CHECKED says so
        task.wish = task.wish._replace(version=found.version)
        self.signers.note(found)
        task.bundles = {**self.judging, found.name: found.path}
        task.place = 1 - self.slots.active
        self.other.raised = False
        self.other.order(SlotOrder(bundles=task.bundles))

    def _shade(self) -> None:
        self.task.count_from(self.slots)
        self._compare()
        self.slots.shadowing = self.task.wish.parts > 0

    def _report(self) -> None:
        self.task.prove(self.pairs.pairs)
        self.slots.shadowing = self.task.wish.keep
        self._end("is loaded; `gonogo swap activate` has it judge")

    def _raise(self) -> None:
        self.task.prove(self.pairs.pairs)
        self.slots.shadowing = False
        for place in self.slots.places:  # the one that judges stays as quick once it does not
            place.raised = True

    def _switch(self) -> None:
        self.task.roll_backs, _ = self.slots.roll_backs
        self.slots.watch(self.section.trial_parts)
        self.slots.command(OrderKind.SWITCH, self.task.place)

    def _try(self) -> None:
        if self.task.proof is not None:
            self.task.watch = Watch(self.task.proof, self.section.trial_parts)
        self._compare()
        self.slots.shadowing = True
        self.write()

    def _settle(self) -> None:
        self.slots.shadowing = False
        self.write()
        self._end("judges; the former engine is warm for a while")

    def _back(self) -> None:
        self.slots.shadowing = False
        self.slots.command(OrderKind.BACK, 1 - self.task.place)

    def _empty(self) -> None:
        self.slots.shadowing = False
        self.write()
        self.other.raised = False
        self.other.order(None)
        if self.slots.active == self.task.place:
            self._end("judges; the former engine is unloaded")
        else:
            self._end("is unloaded; the former engine judges")

    def _tell(self) -> None:
        self._end("is given up")

    def _compare(self) -> None:
        active = self.slots.active
        self.pairs.begin(self._ids(active), self._ids(1 - active))

    def _ids(self, place: int) -> EngineIds:
        found = (self.slots.places[place].limits(view) for view in range(MAX_VIEWS))
        return tuple(limits.engine_id if limits else None for limits in found)

    def write(self) -> None:
        """The folder shall call active what judges."""
        self.ledger.want(versions_of(self.section, self.judging))

    def _end(self, good: str) -> None:
        why: GonogoError | None = self.task.why
        if why is None:
            self.outcome = Outcome(self.ticket, 0, f"{self.task.label} {good}")
            return
        self.task.why = None
        self.outcome = self.refused = Outcome(self.ticket, number_of(why), str(why))
        log.error("%s", why)
