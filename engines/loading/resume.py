"""A loader begins: with the station, or in the middle of what a killed one was doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import LoaderRestarted, RegistryError
from gonogo.engines.installed.registry import Registry
from gonogo.engines.loading.checks import versions_of
from gonogo.engines.loading.steps import Action, Step
from gonogo.engines.loading.task import LoadRequest, Task
from gonogo.ipc.engine_slots import OrderKind

if TYPE_CHECKING:
    from gonogo.engines.loading.swap_controller import SwapController


def resume(exchange: SwapController) -> None:
    """Find out from the places and the registry where things stand, and go on from there.

    The place that judges is left alone, whatever it holds.
    """
    slots = exchange.slots
    if slots.switches:
        exchange.write()  # a loader that was killed right after a switch has not
    order = slots.pending
    if order is not None:
        back = order.kind is OrderKind.BACK
        _begin(exchange, Step.BACKING, 1 - order.place if back else order.place)
        exchange.task.refuse(_restarted(exchange))
        exchange.act(Action.BACK)
    elif exchange.other.ordered is None:
        return
    elif slots.probation_left:
        _begin(exchange, Step.TRIAL, slots.active)
        exchange.act(Action.TRY)
    elif _settled(exchange):
        _begin(exchange, Step.SETTLED, slots.active)
        exchange.act(Action.SETTLE)
    else:
        _begin(exchange, Step.UNLOADING, 1 - slots.active)
        exchange.task.refuse(_restarted(exchange))
        exchange.act(Action.EMPTY)


def _begin(exchange: SwapController, step: Step, place: int) -> None:
    """As if this loader had brought what that place holds so far."""
    held, other = (exchange.slots.places[k].ordered for k in (place, 1 - place))
    bundles = held.bundles if held else {}
    beside = other.bundles if other else {}
    changed = {name: path for name, path in bundles.items() if beside.get(name) != path}
    name, path = next(iter((changed or bundles).items()), ("", None))
    exchange.begin(Task(LoadRequest(name, path.parent.name if path else "", 0)))
    exchange.task.place = place
    exchange.task.bundles = dict(bundles)
    exchange.step = step


def _settled(exchange: SwapController) -> bool:
    """Whether the other place holds what was active before, and not what shall come."""
    slots, section = exchange.slots, exchange.section
    held = exchange.other.ordered
    if not slots.switches or slots.shadowing or held is None:
        return False
    now, before = versions_of(section, exchange.judging), versions_of(section, held.bundles)
    changed = [name for name in now if now[name] != before.get(name)]
    registry = Registry(section.folder)
    try:
        return bool(changed) and all(
            registry.selection(name) == (now[name], before.get(name)) for name in changed
        )
    except RegistryError:
        return False


def _restarted(exchange: SwapController) -> LoaderRestarted:
    return LoaderRestarted(
        f"loader was restarted: loading {exchange.task.label} is given up; load it again"
    )
