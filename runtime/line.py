"""The line process: opens what the station file names, then cycles until it is stopped.

Started as a row of the process table, with a `LinePlan` (gonogo.runtime.line_plan). Imports no
inference library, writes no file, and is the only process that speaks to the PLC. A standby
line is imported and configured but holds no device, no PLC and no frame, until the supervisor
gives it its turn.
"""

from __future__ import annotations

import sys
import time
import zlib
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import cv2

from gonogo.base.doorbell import open_bell
from gonogo.base.errors import GonogoError
from gonogo.base.log.logger import get_logger
from gonogo.base.realtime import settle, settle_threads
from gonogo.base.scores import ScoreLimits
from gonogo.base.words import NS_PER_MS, FaultBit
from gonogo.config.recipe_switch import FIRST, others, with_recipe
from gonogo.config.view import rules_of
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.remote import RemoteCamera
from gonogo.drivers.fault_injection import BouncingTrigger, FaultyCamera
from gonogo.drivers.triggers.catalogue import open_trigger
from gonogo.ipc import worker
from gonogo.ipc.board_health import BoardView
from gonogo.ipc.engine_queue import LineMailbox
from gonogo.ipc.engine_slots import LineSlots
from gonogo.ipc.fault_table import FaultsToShow
from gonogo.ipc.frame_ring import PLACES, FrameRing
from gonogo.ipc.heartbeat import Heartbeat
from gonogo.ipc.journal_line import LineJournal
from gonogo.ipc.master_part import LineMasterPart
from gonogo.ipc.output_test import OutputTestView
from gonogo.plc.link.link import LinkedStation, PlcLink
from gonogo.plc.reject_tracker import RejectTracker
from gonogo.rules.image_trust.learnt_file import read_learnt
from gonogo.rules.ruleset import RuleSet
from gonogo.runtime.acquire import Acquisition, View
from gonogo.runtime.board_heat import BoardHeat
from gonogo.runtime.budget import Budget, Wire
from gonogo.runtime.changeover import Changeover
from gonogo.runtime.decide import Policy
from gonogo.runtime.engine_client import EngineClient
from gonogo.runtime.engine_requests import EnginePort
from gonogo.runtime.engine_shadow import Shadow
from gonogo.runtime.engine_switch import EngineSwitch, Exchange
from gonogo.runtime.judging import Judging
from gonogo.runtime.line_plan import LinePlan
from gonogo.runtime.loop import Line
from gonogo.runtime.master_trial import MasterTrial, quiet_ns
from gonogo.runtime.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.drivers.triggers.trigger import DeviceTrigger
    from gonogo.engines.section import ViewLimits
    from gonogo.plc.link.events import TriggerMailbox
    from gonogo.rules.image_trust.learnt_file import Trusted

log = get_logger(__name__)


def open_views(
    station: Station, rings: Sequence[FrameRing], board: FaultsToShow
) -> tuple[View, ...]:
    """The cameras of all views: opened here, or, where they hold a device, asked in their process.

    None of them holds a device here, so a warm spare may have them ready, too.
    """
    views = []
    for view, ring, delay_ms in zip(station.view, rings, station.delays_ms, strict=True):
        section = view.camera
        device = None
        if not section.shareable:
            device = RemoteCamera(station.station.name, view.name, ring)
        camera = device or open_camera(section, view.name)
        views.append(
            View(
                view.name,
                FaultyCamera(camera, board),
                ring,
                section.live,
                device,
                section.needs_part,
                round(section.lead_ms * NS_PER_MS),
                round(delay_ms * NS_PER_MS),
                learnt_of(view),
            )
        )
    return tuple(views)


def learnt_of(view: ViewSection) -> Trusted | None:
    """What the frames of a view are held against, read at the start: no disk in the cycle."""
    if view.trust is None:
        return None
    return read_learnt(view.trust.learnt, view.name, view.camera.geometry)


def open_rules(station: Station) -> RuleSet:
    """Bind every view's rules to the geometry of its frames."""
    sections = [rules_of(view) for view in station.view]
    geometries = [view.camera.geometry for view in station.view]
    return RuleSet(sections, geometries, Path())  # every path in a station is absolute by now


def build_policy(
    station: Station, limits: Sequence[ViewLimits | None], checksum: int = 0
) -> Policy:
    """The judging policy of the station file and the engine cards."""
    known = [
        ScoreLimits(x.recheck_above, x.reject_above, x.engine_id) if x else None for x in limits
    ]
    return Policy(tuple(known), station.station.engineless, checksum)


class Bound(NamedTuple):
    """What is read and reckoned before the line begins, so that a change of recipe is quick.

    `rules`: of each recipe, or why they cannot be had. `trust`: digests of what views have learnt.
    """

    rules: Mapping[int, RuleSet | GonogoError]
    trust: Sequence[str] = ()

    def rules_of(self, recipe: int) -> RuleSet:
        """Those of a recipe; KeyError without it, or why they cannot be had."""
        found = self.rules[recipe]
        if isinstance(found, GonogoError):
            raise found
        return found


def bind(station: Station, views: Sequence[View] = ()) -> Bound:
    """The rules of all recipes: to straighten a lens alone takes longer than a line may hang."""
    rules = {number: _opened(with_recipe(station, number)) for number in (FIRST, *others(station))}
    return Bound(rules, [view.learnt.digest for view in views if view.learnt is not None])


def _opened(station: Station) -> RuleSet | GonogoError:
    try:
        return open_rules(station)
    except GonogoError as error:  # the other recipes judge all the same
        return error


def judging_of(plan: LinePlan, recipe: int, bound: Bound) -> Judging:
    """What judges in a recipe; KeyError without it, GonogoError where its rules cannot be had."""
    rules = bound.rules_of(recipe)
    station = with_recipe(plan.station, recipe)
    limits = plan.limits if recipe == FIRST else plan.recipe_limits[recipe]
    # as they are judged by, not as they were at the start
    learnt = "".join((*rules.digests, *bound.trust)).encode()
    checksum = zlib.crc32(learnt, plan.checksums.get(recipe, 0))
    return Judging(rules, build_policy(station, limits, checksum), recipe)


class Prepared(NamedTuple):
    """All of a line that needs no device: a warm spare has it ready."""

    views: Sequence[View]
    bound: Bound
    engines: EngineSwitch
    journal: LineJournal
    heartbeat: Heartbeat
    board: FaultsToShow
    master_part: LineMasterPart


def prepare(plan: LinePlan) -> Prepared:
    """Attach the shared memory, bind the rules, draw what simulated cameras show."""
    station = plan.station
    name = station.station.name
    rings = [
        FrameRing.attach(name, index, view.camera.geometry)
        for index, view in enumerate(station.view)
    ]
    journal = LineJournal.attach(name)
    board = FaultsToShow.attach(name)
    views = open_views(station, rings, board)
    return Prepared(
        views,
        bind(station, views),
        open_engines(plan, rings, journal),
        journal,
        Heartbeat.attach(name),
        board,
        LineMasterPart.attach(name),
    )


def open_engines(plan: LinePlan, rings: Sequence[FrameRing], journal: LineJournal) -> EngineSwitch:
    """The engine slots: one, or two where engines are exchanged while parts flow."""
    station = plan.station
    name = station.station.name
    judged = [limit is not None for limit in plan.limits]
    if station.engines is None:
        return EngineSwitch([_client(name, 0, rings, judged)])
    slots = LineSlots.attach(name)
    shadow = Shadow(slots, journal, round(station.station.pitch_ms * NS_PER_MS))
    clients = [_client(name, k, rings, judged) for k in range(PLACES)]
    return EngineSwitch(clients, Exchange(slots, shadow))


def open_heat(plan: LinePlan) -> BoardHeat:
    """How hot the box is, where that is watched, and there is an engine that could rest."""
    watched = plan.station.board is not None and any(limit is not None for limit in plan.limits)
    view = BoardView.attach(plan.station.station.name) if watched else None
    return BoardHeat(view, time.monotonic_ns())


def _client(
    station: str, place: int, rings: Sequence[FrameRing], judged: Sequence[bool]
) -> EngineClient:
    mailbox = LineMailbox.attach(station, place)
    ask_fd, done_fd = open_bell(station, f"ask{place}"), open_bell(station, f"done{place}")
    return EngineClient(EnginePort(mailbox, place, ask_fd, done_fd), rings, judged)


def open_line(plan: LinePlan, ready: Prepared, stack: ExitStack) -> Line:
    """Open every device, in the order a part meets them."""
    station, board = plan.station, ready.board
    acquisition = Acquisition(ready.views, ready.engines)
    stack.callback(acquisition.close)
    refused = ready.journal.refusals.add
    line = station.station
    section = station.trigger.of_station(line.name, line.pitch_ms, line.pitch_mm)
    trigger = open_trigger(section, ready.heartbeat.part_id, refused)
    eye = cast("DeviceTrigger", trigger) if section.holds_device else None
    mailbox = cast("TriggerMailbox", trigger) if station.trigger.named_by_plc else None
    if mailbox is None:
        trigger = BouncingTrigger(trigger, board)
    stack.callback(trigger.close)
    wire = station.plc.of_station(line.name)
    budget = Budget(line.budget_ms, Wire(wire.scan_ms, wire.poll_ms))
    ejector = RejectTracker(station.eject, line.speed_mm_s) if station.eject is not None else None
    box = ready.heartbeat.box  # a line that takes over is the same device to the PLC
    table = ready.heartbeat.link
    outputs = OutputTestView(board.segment)
    plc = PlcLink(wire, LinkedStation(budget.budget_ns, mailbox, box, ejector, table, outputs))
    stack.callback(plc.close)  # closed first of all: permit off, then triggers and cameras
    recipe = ready.heartbeat.recipe  # of the line before this one, if there was one
    # read now, not when a spare was made ready: engines may have been switched meanwhile
    bound, engines, heart = ready.bound, ready.engines, ready.heartbeat
    judging = judging_of(plan, recipe, bound)._replace(slot=engines.slot)
    changeover = Changeover(partial(judging_of, plan, bound=bound), heart.want, engines.clients)
    quiet = quiet_ns(line.pitch_ms)
    known = MasterTrial(ready.master_part, ready.journal, station.master_part, quiet)
    stages = Stages(
        trigger, acquisition, engines, plc, ready.journal, heart, board, known,
        eye=eye, heat=open_heat(plan),
    )  # fmt: skip
    return Line(stages, budget, judging, changeover, own_eye=mailbox is None)


def main(argument: str, row: int, *, standby: bool) -> int:
    """Prepare, settle, wait for the turn of a spare, open, cycle; 1 or 2 where it cannot."""
    plan = LinePlan.model_validate_json(argument)
    process = worker.begin("line", plan.station.station.name, row)
    turn = worker.Turn() if standby else None
    cv2.setNumThreads(1)  # rules must not compete with the engine for cores
    with ExitStack() as stack:
        try:
            ready = prepare(plan)
            refused = settle(plan.station.realtime)  # locks memory: last
            if turn is not None and not turn.wait(process):
                return 0
            line = open_line(plan, ready, stack)
        except GonogoError as error:
            log.error("line_failed", text="%(error)s", error=error)  # noqa: TRY400 - the message is for a technician
            return error.start_code
        for refusal in refused:
            log.info("realtime_refused", text="running without: %(what)s", what=refusal)
        process.warn(FaultBit.CONFIG if plan.fell_back else 0)
        line.plc.start()  # after all is open: with the first exchange the PLC may send parts
        settle_threads(plan.station.realtime)  # the link's
        line.warm_up()
        line.run(process)
        line.finish()
    return 0


if __name__ == "__main__":
    told = worker.told(sys.argv)
    sys.exit(worker.guarded(partial(main, told.argument, told.row, standby=told.standby)))
