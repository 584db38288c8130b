"""Why a swap of engines was given up: the numbered error of each event that ends one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import EngineWentBack, HostLost, LoadHung, SwitchRefused
from gonogo.engines.loading.steps import Event, Step
from gonogo.engines.loading.task import SlotRefusal
from gonogo.ipc.engine_slot import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.errors import GonogoError
    from gonogo.engines.loading.task import Task
    from gonogo.engines.section import EnginesSection
    from gonogo.ipc.engine_slots import LoaderSlots

_STAYS = "the engine that judges was not touched"


class Situation(NamedTuple):
    """What a swap is about when something ends it."""

    task: Task
    slots: LoaderSlots
    section: EnginesSection


def reason_of(event: Event, step: Step, at: Situation) -> GonogoError | None:
    """What to tell, if this event is the end of something."""
    why = _REASONS.get(event)
    return why(step, at) if why else None


def _refused(_: Step, at: Situation) -> GonogoError | None:
    task = at.task
    if task.place < 0:  # no slot was told yet: it was the registry
        return task.check.error if task.check else None
    slot = at.slots.places[task.place]
    # under the host's own number: it knows better than we do what is wrong with its engine
    return SlotRefusal(slot.error, slot.message or f"{task.label} was refused; {_STAYS}")


def _late(step: Step, at: Situation) -> GonogoError | None:
    label, limit_s = at.task.label, at.section.load_limit_s
    if step is Step.CHECKING:
        return LoadHung(
            f"{label}: its bundle was not read within {limit_s:g} s; check the disk of "
            f"{at.section.folder}, or raise [engines] load_limit_s; {_STAYS}"
        )
    if step is Step.LOADING:
        phase = at.slots.places[at.task.place].phase
        return LoadHung(
            f"{label}: loader hung: {_doing(phase)} for {limit_s:g} s; a smaller model, "
            f"or raise [engines] load_limit_s; {_STAYS}"
        )
    if step is Step.SWITCHING:
        return SwitchRefused(f"{label}: the line did not answer; is it running? {_STAYS}")
    return None  # UNLOADING: nobody waits for that


def _lost(step: Step, at: Situation) -> GonogoError:
    return HostLost(
        f"{at.task.label}: its engine process ended at step {step.name.lower()}: memory "
        f"above the limit, or a crash; see the messages of the station; {_STAYS}"
    )


def _not_ready(step: Step, at: Situation) -> GonogoError:
    if step is Step.BACKING:
        return SwitchRefused(
            f"{at.task.label} goes on judging: the former engine is not ready; "
            "`gonogo swap rollback` once it is, or load another version"
        )
    return SwitchRefused(
        f"{at.task.label}: it scored no live frame in time, so the line did not change "
        f"to it; {_STAYS}"
    )


def _rolled_back(step: Step, at: Situation) -> GonogoError | None:
    task = at.task
    if step is Step.BACKING:
        return None  # whoever had it go back has said why
    _, reason = at.slots.roll_backs  # the line's, of the last time
    return EngineWentBack(
        f"{task.label} did not answer in time ({reason.name}); the line went back by itself, "
        "and the former engine judges again"
    )


def _disappointed(_: Step, at: Situation) -> GonogoError:
    return EngineWentBack(f"{at.task.label}: {at.task.doubt}; the former engine judges again")


def _doing(phase: Phase) -> str:
    # EMPTY: the order stands, and no process has taken it up
    return "nobody began with it" if phase is Phase.EMPTY else f"still {phase.name.lower()}"


_REASONS: dict[Event, Callable[[Step, Situation], GonogoError | None]] = {
    Event.REFUSED: _refused,
    Event.LATE: _late,
    Event.LOST: _lost,
    Event.NOT_READY: _not_ready,
    Event.ROLLED_BACK: _rolled_back,
    Event.DISAPPOINTED: _disappointed,
}
