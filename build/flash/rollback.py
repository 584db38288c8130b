"""The other slot is started again: one write of the boot counters, if that slot is good."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import SlotRefused
from gonogo.build.flash import layout, preflight, targets
from gonogo.build.flash.confirm import confirm
from gonogo.build.flash.contents import Kind, contents, program_of
from gonogo.build.flash.counters import on_trial, other
from gonogo.build.flash.health import demand_stopped
from gonogo.build.flash.report import Steps
from gonogo.build.flash.write_slot import change

if TYPE_CHECKING:
    from contextlib import ExitStack

    from gonogo.build.flash.contents import Contents
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.report import Report

STEPS = 2


class RolledBack(NamedTuple):
    """The slot that starts next, its version and its program's, and the one that started before."""

    slot: str
    version: str
    stays: str
    steps: Steps
    program: str


def roll_back(asked: Asked, means: Means, report: Report, stack: ExitStack) -> RolledBack:
    """SlotRefused where there is no way back."""
    target = targets.only_one(targets.listed()) if asked.target == "auto" else None
    target = target or targets.named(asked.path)
    if target.why_not is not None:
        raise target.why_not
    disk = means.disk(target.path, True)  # noqa: FBT003 - whether it is written
    stack.callback(disk.close)
    found = contents(target.path)
    report.note(f"{target.path}: {preflight.slots_of(found)}; its last four: {target.last_four}")
    slot, now = _way_back(found)
    _demand_stopped(asked, means)
    version = found.versions.get(slot) or ""
    program = program_of(target.path, found.parts[layout.SLOTS[slot]].at) or version
    if not asked.yes:
        confirm(target, f"{target.path}: slot {slot} ({version}) starts next", means.ask)
    steps = Steps(report, STEPS)
    steps.begin(f"switch to slot {slot}")
    change(disk, found.env_at, found.env, on_trial(slot))
    steps.end("it starts next, on trial")
    return RolledBack(slot, version, now, steps, program)


def _way_back(found: Contents) -> tuple[str, str]:
    """The slot to go back to, and the one that starts now."""
    if found.kind is not Kind.STATION or found.counters is None:
        raise SlotRefused(f"the disk holds {found.kind.value}; expected a station to roll back")
    now = found.counters.active
    slot = other(now)
    if not found.counters.ok[slot] or found.versions.get(slot) is None:
        raise SlotRefused(
            f"slot {slot} is not good ({slot}_OK=0, or it says no version): there is no way back "
            f"from slot {now}; write an image instead: flash.sh --image F --target ..."
        )
    return slot, now


def _demand_stopped(asked: Asked, means: Means) -> None:
    if asked.station is None:
        return
    station = means.station(asked.station)
    try:
        demand_stopped(station.health(), line_stopped=asked.line_stopped)
    finally:
        station.close()
