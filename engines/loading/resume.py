"""A loader begins: with the station, or in the middle of what a killed one was doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import LoaderRestarted, RegistryError
from gonogo.engines.installed.registry import Registry
from gonogo.engines.loading.checks import versions_of
from gonogo.engines.loading.steps import Action, Step
from gonogo.engines.loading.task import LoadRequest, Task
from gonogo.ipc.engine_slots import OrderKind

if TYPE_CHECKING:
    from gonogo.engines.loading.resources import Resources
    from gonogo.ipc.engine_slots import LoaderSlots


class Interrupted(NamedTuple):
    """What a loader that was killed leaves to go on with: at that step, with that action."""

    task: Task
    step: Step
    action: Action


def find_interrupted(at: Resources) -> Interrupted | None:
    """Where things stand, by the slots and the registry; None where nothing was under way.

    The killed loader wrote down nothing of its own: what the line and the hosts say is
    newer than any note of it. The slot that judges is left alone, whatever it holds.
    """
    slots = at.slots
    order = slots.pending
    if order is not None:
        # the line may carry it out at any moment: only a later order takes its place
        back = order.kind is OrderKind.BACK
        task = _task(slots, 1 - order.place if back else order.place)
        return _given_up(task, Step.BACKING, Action.BACK)
    if at.other.ordered is None:
        return None
    if slots.probation_left:  # the line still watches it, with the former one ready
        return Interrupted(_task(slots, slots.active), Step.TRIAL, Action.TRY)
    if _settled(at):
        return Interrupted(_task(slots, slots.active), Step.SETTLED, Action.SETTLE)
    return _given_up(_task(slots, 1 - slots.active), Step.UNLOADING, Action.EMPTY)


def _task(slots: LoaderSlots, place: int) -> Task:
    """As if this loader had brought what that slot holds so far."""
    held, other = (slots.places[k].ordered for k in (place, 1 - place))
    bundles = held.bundles if held else {}
    beside = other.bundles if other else {}
    # an order names the engines of all views; the one that was swapped is the one that differs
    changed = {name: path for name, path in bundles.items() if beside.get(name) != path}
    name, path = next(iter((changed or bundles).items()), ("", None))
    task = Task(LoadRequest(name, path.parent.name if path else "", 0))
    task.place = place
    return task


def _settled(at: Resources) -> bool:
    """Whether the other slot holds what was active before, and not what shall come."""
    slots, section = at.slots, at.section
    held = at.other.ordered
    # before the first switch there is no former engine; what is asked in shadow may be the next
    if not slots.switches or slots.shadowing or held is None:
        return False
    now, before = versions_of(section, at.judging), versions_of(section, held.bundles)
    changed = [name for name in now if now[name] != before.get(name)]
    registry = Registry(section.folder)
    try:
        return bool(changed) and all(
            registry.selection(name) == (now[name], before.get(name)) for name in changed
        )
    except RegistryError:
        return False  # nobody knows: it is unloaded, and the one that judges goes on


def _given_up(task: Task, step: Step, action: Action) -> Interrupted:
    text = f"loader was restarted: loading {task.label} is given up; load it again"
    task.refuse(LoaderRestarted(text))
    return Interrupted(task, step, action)
