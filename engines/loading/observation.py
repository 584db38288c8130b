"""What the loader sees at one moment: of the engine that is swapped, the line, the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.loading.steps import Step
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from gonogo.engines.loading.resources import Resources
    from gonogo.engines.loading.task import Task


class Observation(NamedTuple):
    """A snapshot: taken once a tick, so that one event is made of one state of things."""

    waited_s: float = 0.0  # since this step began
    checked: bool | None = None  # by the registry; None: not yet
    phase: Phase = Phase.EMPTY  # of the slot that was told to hold it
    host: int | None = None  # which start of that slot's process has begun with it; None: none yet
    lost: bool = False  # its process is another than the one that began to load it
    realtime: bool = False
    again: bool = False  # it has judged before: no shadow is asked for
    judged: bool = False  # in shadow, as often as was wanted, or there were no windows for it
    answered: bool = True  # the line has no order left
    active: bool = False  # it judges
    rolled_back: bool = False  # the line has gone back by itself since it was asked
    watched: bool = False  # for all parts of its trial
    disappointed: bool = False  # and there is another to go back to
    emptied: bool = False  # the slot that does not judge has acted on that


def observe(step: Step, task: Task, at: Resources, waited_s: float) -> Observation:
    """What there is to see now; writes nothing."""
    slots = at.slots
    # The line makes a slot active, then says how many parts it watches, then answers
    # (runtime/engine_switch.py). Read the other way round, an answer is never seen without
    # what it changed, nor the end of a trial without the slot that judges since.
    answered = slots.pending is None
    watched = slots.probation_left == 0
    slot = slots.places[task.place] if task.place >= 0 else None
    phase = slot.phase if slot is not None else Phase.EMPTY
    # an epoch counts once its process has begun with this very order: before, it is the last one's
    host = at.mailboxes[task.place].epoch if phase is not Phase.EMPTY else None
    other = at.other
    return Observation(
        waited_s=waited_s,
        checked=_checked(task),
        phase=phase,
        host=host,
        lost=task.host is not None and host != task.host,
        realtime=slot is not None and slot.realtime,
        again=task.wish.again,
        judged=step is Step.SHADOW and _judged(task, at),
        answered=answered,
        active=slots.active == task.place,
        rolled_back=slots.roll_backs[0] != task.roll_backs,
        watched=watched,
        disappointed=bool(task.doubt) and at.warm,
        emptied=other.acted and other.phase is Phase.EMPTY,
    )


def _checked(task: Task) -> bool | None:
    check = task.check
    return check.error is None if check is not None and check.done else None


def _judged(task: Task, at: Resources) -> bool:
    wanted, counted = task.wish.parts, task.counted(at.slots)
    # a takt that leaves no idle time would have the shadow wait for ever: report without one
    none_fits = counted.no_window >= wanted and counted.asked == 0
    return len(at.pairs.pairs) >= wanted or (none_fits and not task.wish.keep)
