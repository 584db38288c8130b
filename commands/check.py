"""`gonogo check`: a station file, its devices, its engine and its time, all tried at once.

Everything is tried, and everything found is reported at once. The engine is
measured in this process, which is not the line.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import cv2
import numpy as np

from gonogo.base.errors import CameraError, GonogoError, StationFileError
from gonogo.commands.board.box import Box
from gonogo.commands.board.machine import in_a_line
from gonogo.commands.check_board import check_board
from gonogo.commands.check_ejector import check_ejector
from gonogo.commands.check_engine import EngineCheck
from gonogo.commands.check_fence import check_fence
from gonogo.commands.check_links import check_links
from gonogo.commands.check_memory import check_memory
from gonogo.commands.check_pictures import check_pictures
from gonogo.commands.check_trigger import check_trigger
from gonogo.commands.measure import grab_ms, measure_rules, measure_trust
from gonogo.commands.report import Report, span
from gonogo.config import journal_room
from gonogo.config.last_good import changes
from gonogo.config.latency import captured_ms, latency_sum
from gonogo.config.reader import read
from gonogo.config.recipe_switch import with_recipe
from gonogo.config.station import parse_station
from gonogo.config.view import rules_of
from gonogo.console.show.codes import numbers_in
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.ipc.last_good_file import digest
from gonogo.plc.link.map_check import standing
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.plc.transports.module import ModuleSection, in_words
from gonogo.plc.transports.transport import ALONE
from gonogo.rules.calibration import read_calibration
from gonogo.rules.image_trust.learnt_file import read_learnt
from gonogo.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.gpio.chip import Found
    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.drivers.cameras.camera import Camera
    from gonogo.plc.transports.module import Module
    from gonogo.plc.transports.transport import Transport

FRAMES = 20  # photographed a view


class Measured(NamedTuple):
    """What one view costs, p99.9 in ms; None where there is nothing to measure.

    `frame`: the last one of its camera, uint8 of the view's geometry.
    """

    capture_ms: float | None
    engine_ms: float | None
    rules_ms: float | None
    frame: NDArray[np.uint8]


SCHEMA = 1


def check_station(path: Path, say: Callable[[str], None] = print) -> int:
    """Check one station file; 0 when parts may flow, 1 otherwise. StationFileError is raised."""
    return 1 if findings_of(path, say) else 0


def as_json(path: Path) -> dict[str, Any]:
    """The same for programs; a file that cannot be read is a finding, too (docs/status.md)."""
    said: list[str] = []
    try:
        found = findings_of(path, said.append)
    except StationFileError as error:
        found = [f"GN{error.code}: {line}" for line in error.args[0].splitlines()]
    findings = [
        {"number": next(iter(numbers_in(text)), None), "text": text.strip()} for text in found
    ]
    return {
        "schema": SCHEMA, "file": str(path), "ok": not found, "findings": findings, "said": said,
    }  # fmt: skip


def findings_of(path: Path, say: Callable[[str], None]) -> list[str]:
    """What is to be mended before parts flow; all that is seen goes to `say`."""
    # as the line does: what is measured here must be what it will take
    cv2.setNumThreads(1)
    # read once: the digest that is shown is of the very bytes that are checked
    raw = read(path)
    station = parse_station(path, raw)
    report = Report(say)
    line = station.station
    say(in_a_line(Box()))
    say(f"station '{line.name}' ({path}, sha256 {digest(raw)[:16]})")
    for changed in changes(path, raw):
        say(f"  changed since the station last came up: {changed}")
    say(f"  {line.in_words(station.trigger.driver)}")
    say(f"  without a trusted score: {line.without_engine}; records in {station.records.path}")
    if told := station.master_part.in_words():
        say(f"  {told}")
    if station.records.drift is not None:
        say(f"  {station.records.drift.in_words()}")
    if station.console is not None:
        say(f"  {station.console.in_words()}")
    if station.metrics is not None:
        say(f"  {station.metrics.in_words()}")
    if station.screen is not None:
        say(f"  {station.screen.in_words(station.access)}")
    check_memory(report, station)
    check_fence(report)
    check_board(report, station)
    say(f"  {journal_room.in_words(station)}")
    if found := journal_room.problem(station):
        report.wrong(found)
    taken = check_trigger(report, station)
    # before any camera is opened: all that stands in their way is told at once
    planned_ms = check_links(report, station)
    # once for all views and recipes: opening a bundle checks every byte of it
    engines = EngineCheck(report, station)
    measured = [_view(report, view, engines, planned_ms) for view in station.view]
    check_pictures(report, station, [each.frame for each in measured])
    _plc(report, station, taken)
    _time(report, station, measured)
    for recipe in station.recipe:
        say(f"recipe {recipe.number} '{recipe.name}', in place of the above:")
        other = with_recipe(station, recipe.number)
        # another recipe has other engines and rules: its own sum
        views = [_view(report, view, engines, planned_ms) for view in other.view]
        _time(report, other, views)
    say(f"{len(report.findings)} finding(s)" if report.findings else "nothing wrong found")
    return report.findings


def _view(
    report: Report, view: ViewSection, engines: EngineCheck, planned_ms: dict[str, float]
) -> Measured:
    report.say(f"view '{view.name}': {view.camera.in_words()}")
    # filled by the camera: rules and engine then see its last frame, as in service
    pixels = np.zeros(view.camera.geometry.shape, np.uint8)
    capture_ms = _camera(report, view, pixels)
    if view.camera.needs_part:  # nothing to measure: as long as it must take at least
        capture_ms = planned_ms.get(view.name)
    trust_ms = _trust(report, view, pixels)
    if capture_ms is not None:  # each frame is looked at before the next view is photographed
        capture_ms += trust_ms
    # engine and rules after the camera, of the frame that it left
    return Measured(capture_ms, engines.check(view, pixels), _rules(report, view, pixels), pixels)


def _camera(report: Report, view: ViewSection, pixels: NDArray[np.uint8]) -> float | None:
    try:
        camera = open_camera(view.camera, view.name)
    except GonogoError as error:
        report.wrong(str(error))
        return None
    with contextlib.closing(camera):
        if view.camera.needs_part:  # none passes now; and a picture would be some other part's
            report.say("  camera opens; it brings a frame for a part alone")
            return None
        # no part of the contract: only a replayed folder knows of files that it cannot show
        for problem in getattr(camera, "problems", ()):
            report.wrong(f"view '{view.name}': {problem}")
        for line in getattr(camera, "left_out", ()):
            report.say(f"  {line}")
        spans_ms = [_frame(report, camera, part_id, pixels) for part_id in range(1, FRAMES + 1)]
    good = [span for span in spans_ms if span is not None]
    if not good:
        report.wrong(f"view '{view.name}': none of {FRAMES} frames could be had")
        return None
    report.say(f"  camera opens; {len(good)} of {FRAMES} frames, {max(good):.2f} ms at most")
    # the longest, not a quantile: of twenty there is none to speak of
    return max(good)


def _frame(report: Report, camera: Camera, part_id: int, pixels: NDArray[np.uint8]) -> float | None:
    """Milliseconds; a frame that is lost is told at once, as the next ones may take long."""
    try:
        return grab_ms(camera, part_id, pixels)
    except CameraError as error:
        report.say(f"  frame {part_id}: {error}")
        return None


def _trust(report: Report, view: ViewSection, pixels: NDArray[np.uint8]) -> float:
    if view.trust is None:
        return 0.0
    try:
        learnt = read_learnt(view.trust.learnt, view.name, view.camera.geometry)
    except GonogoError as error:
        report.wrong(f"view '{view.name}': {error}")
        return 0.0
    took_ms = measure_trust(learnt, pixels, FRAMES)
    report.say(f"  image trust: {', '.join(learnt.limits) or 'no check'}; {took_ms:.2f} ms at most")
    return took_ms


def _rules(report: Report, view: ViewSection, pixels: NDArray[np.uint8]) -> float | None:
    try:
        _calibration(report, view)
        if not view.rule:
            report.say("  no rules")
            return None
        # one view at a time, though the line has them in one set: so that each is measured alone
        rules = RuleSet([rules_of(view)], [view.camera.geometry], Path())
    except GonogoError as error:
        report.wrong(f"view '{view.name}': {error}")
        return None
    found = measure_rules(rules, pixels, FRAMES)
    for name, unit, check in zip(rules.names, rules.units, found.checks, strict=True):
        report.say(
            f"  rule {name}: {span(check.low, check.high)} {unit}; "
            f"last frame {check.value:.4g} ({check.status.name})"
            + (f' "{check.text}"' if check.text else "")
        )
    report.say(f"  rules take {found.most_ms:.2f} ms at most")
    return found.most_ms


def _calibration(report: Report, view: ViewSection) -> None:
    if view.calibration is not None:
        known = read_calibration(view.calibration, view.name, view.camera.geometry)
        report.say(f"  calibration {view.calibration}: {known.in_words()}")


def _plc(report: Report, station: Station, taken: Sequence[Found] = ()) -> None:
    """`taken`: lines of a GPIO chip that the trigger wants."""
    plc = station.plc.of_station(station.station.name)
    report.say(f"PLC: {plc.driver} {plc.place}")
    for line in plc.in_words():
        report.say(f"  {line}")
    if station.eject is not None:
        report.say(f"  {station.eject.in_words(station.station.speed_mm_s)}")
    # to open it would be to switch it
    if isinstance(plc, GpioIoSection):
        check_ejector(report, plc, taken)
        return
    # every transport wants one to be woken by; nobody rings here
    wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
    transport = make_transport(plc, wake_fd)
    try:
        # a client connects, a server binds its port and lets it go again: nothing is written to a
        # PLC
        transport.open()
        report.say("  the port is free" if plc.we_serve else "  the PLC answers")
        if plc.rights:
            report.say(f"  {plc.rights}")
        # a remote module has no words of ours, only coils and inputs that can be read
        if isinstance(plc, ModuleSection):
            for line in in_words(cast("Module", transport).found()):
                report.say(f"  {line}")
        _words(report, transport)
    except GonogoError as error:
        report.wrong(str(error))
    finally:
        transport.close()
        os.close(wake_fd)


def _words(report: Report, transport: Transport) -> None:
    """Whether our words are where the station file says; nothing is written."""
    # D0-D31, which another station may be writing
    words = transport.read_back()
    # of a server: nobody else can write them
    if words == ALONE:
        return
    found = standing(words)
    if found.wrong:
        report.wrong(found.text)
    else:
        report.say(f"  {found.text}")


def _time(report: Report, station: Station, measured: list[Measured]) -> None:
    # what there is none of counts as nothing; what could not be measured is wrong, see above
    captures = [view.capture_ms or 0.0 for view in measured]
    engines = [view.engine_ms or 0.0 for view in measured]
    rules = [view.rules_ms or 0.0 for view in measured]
    # summed up over the views: one core may have to do them one after the other
    found = latency_sum(station, captured_ms(station, captures), sum(engines), sum(rules))
    for row in found.rows():
        report.say(f"  {row}")
    for problem in found.problems():
        report.wrong(problem)
