"""The line process: opens what the station file names, then cycles until it is stopped.

Started as `python -m gonogo.runtime.line` with one JSON argument (`LinePlan`).
Imports no inference library, writes no file, and is the only process that
speaks to the PLC.
"""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from gonogo.drivers.camera import open_camera
from gonogo.drivers.plc_trigger import PlcTrigger
from gonogo.drivers.timer import TimerSection, TimerTrigger
from gonogo.engines.client import EngineClient
from gonogo.engines.mailbox import Mailbox
from gonogo.plc.link import PlcLink
from gonogo.rules.ruleset import RuleSet
from gonogo.runtime.budget import Budget, Wire
from gonogo.runtime.decide import Limits, Policy
from gonogo.runtime.errors import GonogoError
from gonogo.runtime.eyes import Eyes, View
from gonogo.runtime.frames import FrameRing
from gonogo.runtime.journal import Journal
from gonogo.runtime.loop import Line, Stages
from gonogo.runtime.realtime import settle
from gonogo.runtime.section import Section
from gonogo.runtime.station import Station
from gonogo.watchdog import child
from gonogo.watchdog.heartbeat import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.drivers.trigger import Trigger

log = logging.getLogger(__name__)


class ViewLimits(Section):
    """Score limits of one view's engine, as the supervisor read them from its card."""

    recheck_above: float
    reject_above: float


class LinePlan(Section):
    """The process's one argument; `limits` has one entry a view, None where no engine is."""

    station: Station
    parent_pid: int
    ask_fd: int
    done_fd: int
    limits: tuple[ViewLimits | None, ...]


def open_eyes(station: Station, rings: Sequence[FrameRing], engines: EngineClient) -> Eyes:
    """Open every view's camera on its ring."""
    views = [
        View(view.name, open_camera(view.camera, view.name), ring)
        for view, ring in zip(station.view, rings, strict=True)
    ]
    return Eyes(views, engines)


def open_rules(station: Station) -> RuleSet:
    """Bind every view's rules to the geometry of its frames."""
    sections = [view.rule for view in station.view]
    geometries = [view.camera.geometry for view in station.view]
    return RuleSet(sections, geometries, Path())  # every path in a station is absolute by now


def build_policy(station: Station, limits: Sequence[ViewLimits | None]) -> Policy:
    """The judging policy of the station file and the engine cards."""
    known = [Limits(x.recheck_above, x.reject_above) if x else None for x in limits]
    return Policy(tuple(known), station.station.engineless)


def open_trigger(station: Station) -> tuple[Trigger, PlcTrigger | None]:
    """The trigger, and the mailbox that the PLC link fills where the PLC is the trigger."""
    if isinstance(station.trigger, TimerSection):
        return TimerTrigger(station.trigger), None
    mailbox = PlcTrigger()
    return mailbox, mailbox


def open_line(plan: LinePlan, stack: ExitStack) -> Line:
    """Attach the shared memory and open every device, in the order a part meets them."""
    station = plan.station
    name = station.station.name
    rings = [
        FrameRing.attach(name, index, view.camera.geometry)
        for index, view in enumerate(station.view)
    ]
    judged = [limit is not None for limit in plan.limits]
    engines = EngineClient(
        Mailbox.attach(name, 0), rings, judged, place=0, ask_fd=plan.ask_fd, done_fd=plan.done_fd
    )
    eyes = open_eyes(station, rings, engines)
    stack.callback(eyes.close)
    rules = open_rules(station)
    trigger, mailbox = open_trigger(station)
    stack.callback(trigger.close)
    budget = Budget(station.station.budget_ms, Wire(station.plc.scan_ms, station.plc.poll_ms))
    plc = PlcLink(station.plc, mailbox, budget.budget_ns)
    stack.callback(plc.close)
    stages = Stages(
        trigger, eyes, engines, rules, plc, Journal.attach(name), Heartbeat.attach(name)
    )
    policy = build_policy(station, plan.limits)
    return Line(stages, budget, policy, own_eye=mailbox is None)


def main(argument: str) -> int:
    """Open, settle, cycle; exit code 1 when a device cannot be opened."""
    plan = LinePlan.model_validate_json(argument)
    stop = child.begin("line", plan.parent_pid)
    cv2.setNumThreads(1)  # rules must not compete with the engine for cores
    with ExitStack() as stack:
        try:
            line = open_line(plan, stack)
        except GonogoError as error:
            log.error("%s", error)  # noqa: TRY400 - the message is for a technician
            return 1
        for refusal in settle(plan.station.realtime):
            log.info("running without: %s", refusal)
        line.warm_up()
        line.plc.start()
        line.run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
