"""What a step has the loader do: one small function an action of the table.

Each writes the loader's own words in shared memory, or begins work in a thread; none
waits, and none but SWITCH and BACK, which ask the line, touches the slot that judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.engines.loading.background_job import BackgroundJob
from gonogo.engines.loading.checks import check, check_previous, noted, versions_of
from gonogo.engines.loading.steps import Action
from gonogo.ipc.engine_slot import SlotOrder
from gonogo.ipc.engine_slots import OrderKind
from gonogo.ipc.journal import MAX_VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.engines.loading.pairs import EngineIds
    from gonogo.engines.loading.resources import Resources
    from gonogo.engines.loading.task import Task
    from gonogo.ipc.engine_slot import LoaderSlot

ON = ""  # the command goes on: nothing to say of it yet


def perform(action: Action, task: Task, at: Resources) -> str:
    """Do it; what to say of the command that has ended by that if nothing went wrong, or ON."""
    act = _ACTIONS.get(action)
    return act(task, at) if act is not None else ON


def _check(task: Task, at: Resources) -> str:
    wish, section = task.wish, at.section
    if wish.again:
        judging = versions_of(section, at.judging).get(wish.name)
        task.check = BackgroundJob(
            lambda: noted(check_previous(section, wish.name, judging), at.records)
        )
    else:
        task.check = BackgroundJob(
            lambda: noted(check(section, wish.name, wish.version), at.records)
        )
    return ON


def _order(task: Task, at: Resources) -> str:
    found = task.check.result if task.check is not None else None
    assert found is not None  # noqa: S101 - for the type checker: CHECKED says so
    task.wish = task.wish._replace(version=found.version)
    at.signers.remember(found)
    task.place = 1 - at.slots.active
    # its host loads behind everybody: it needs real time from RAISE on, and not before
    at.other.raised = False
    # the other views keep the engines that judge now: one engine changes at a time
    at.other.order(SlotOrder(bundles={**at.judging, found.name: found.path}))
    return ON


def _shade(task: Task, at: Resources) -> str:
    task.count_from(at.slots)
    _compare(at)
    at.slots.shadowing = task.wish.parts > 0
    return ON


def _report(task: Task, at: Resources) -> str:
    task.prove(at.pairs.pairs)
    at.slots.shadowing = task.wish.keep
    return "is loaded; `gonogo swap activate` has it judge"


def _raise(task: Task, at: Resources) -> str:
    task.prove(at.pairs.pairs)  # anew: one that was kept in shadow has judged more parts since
    at.slots.shadowing = False
    for slot in at.slots.places:  # the one that judges stays as quick once it does not
        slot.raised = True
    return ON


def _switch(task: Task, at: Resources) -> str:
    task.roll_backs, _ = at.slots.roll_backs
    at.slots.watch(at.section.trial_parts)  # before the order: the line reads it as it switches
    at.slots.command(OrderKind.SWITCH, task.place)
    return ON


def _try(task: Task, at: Resources) -> str:
    task.begin_trial()
    _compare(at)  # anew: judging and asked have changed places
    at.slots.shadowing = True
    at.keep_active()
    return ON


def _settle(_: Task, at: Resources) -> str:
    at.slots.shadowing = False
    at.keep_active()
    return "judges; the former engine is warm for a while"


def _back(task: Task, at: Resources) -> str:
    at.slots.shadowing = False
    # the slot of before, whatever the line was asked last: a later order takes its place
    at.slots.command(OrderKind.BACK, 1 - task.place)
    return ON


def _empty(task: Task, at: Resources) -> str:
    at.slots.shadowing = False
    at.keep_active()  # after a way back, too: the folder was told of the switch
    at.other.raised = False  # its host ends behind everybody: freeing memory takes its time
    at.other.order(None)
    if at.slots.active == task.place:
        return "judges; the former engine is unloaded"
    return "is unloaded; the former engine judges"


def _tell(_: Task, __: Resources) -> str:
    return "is given up"


def _compare(at: Resources) -> None:
    """Pairs from now on are of the engines that are in the slots now."""
    active = at.slots.active
    at.pairs.begin(_ids(at.slots.places[active]), _ids(at.slots.places[1 - active]))


def _ids(slot: LoaderSlot) -> EngineIds:
    found = (slot.limits(view) for view in range(MAX_VIEWS))
    return tuple(limits.engine_id if limits else None for limits in found)


_ACTIONS: dict[Action, Callable[[Task, Resources], str]] = {
    Action.CHECK: _check,
    Action.ORDER: _order,
    Action.SHADE: _shade,
    Action.REPORT: _report,
    Action.RAISE: _raise,
    Action.SWITCH: _switch,
    Action.TRY: _try,
    Action.SETTLE: _settle,
    Action.BACK: _back,
    Action.EMPTY: _empty,
    Action.TELL: _tell,
}
