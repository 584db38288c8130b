"""What each process of a station is told at its start: one function a process."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.shm import file_safe
from gonogo.config.recipe import bundles_of
from gonogo.config.recipe_switch import FIRST, checksum_of, others, with_recipe
from gonogo.config.view_limits import limits_of
from gonogo.drivers.board.process import BoardPlan
from gonogo.drivers.cameras.process import CameraPlan
from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection
from gonogo.engines.loading.process import LoaderPlan
from gonogo.engines.serving.hostplan import HostPlan, ViewPlan
from gonogo.records.log.process import LogPlan
from gonogo.records.metrics.process import MetricsPlan
from gonogo.records.pictures.process import PicturesPlan, PicturesView
from gonogo.records.process import RecordsPlan
from gonogo.rules.image_trust.process import OpticsPlan, OpticsView
from gonogo.runtime.line import open_rules
from gonogo.runtime.line_plan import LinePlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EngineSection, ViewLimits


class Origin(NamedTuple):
    """Where a station comes from.

    `fell_back`: its file is wrong, and this is the last good one. `candidate`: where the copy
    of its file may lie that becomes the last good one when the station comes up with it.
    `sha256`: of the bytes that it was parsed from; '' for a station without a file. `file`: that
    file, None where there is none.
    """

    fell_back: bool
    candidate: Path | None
    sha256: str = ""
    file: Path | None = None


UNKNOWN = Origin(fell_back=False, candidate=None)


# all that rows are made from, read once a start: every process is told of the same bytes
class Given(NamedTuple):
    """A station that is to be brought up: its file, where that is from, and its engines."""

    station: Station
    origin: Origin
    engines: Mapping[str, Chosen]
    limits: tuple[ViewLimits | None, ...]


def tell_engine(given: Given, place: int) -> HostPlan:
    """Of an engine process: what it may be asked to load, and for which frames."""
    station = given.station
    return HostPlan(
        station=station.station.name,
        place=place,
        views=_view_plans(station),
        recipes={number: _view_plans(other) for number, other in others(station).items()},
        realtime=station.realtime,
        engines=station.engines,
    )


def tell_camera(given: Given, view: int) -> CameraPlan:
    """Of the process that holds the device of a view."""
    station, its = given.station, given.station.view[view]
    return CameraPlan(
        station=station.station.name,
        view=view,
        name=its.name,
        camera=its.camera,
        budget_ms=station.station.budget_ms,
        finds=_finds(station) if view == 0 else None,
        realtime=station.realtime,
    )


def _finds(station: Station) -> CameraTriggerSection | None:
    line = station.station
    section = station.trigger.of_station(line.name, line.pitch_ms, line.pitch_mm)
    return section if isinstance(section, CameraTriggerSection) else None


def tell_loader(given: Given) -> LoaderPlan:
    """Of the process that brings other engines into service."""
    station = given.station
    if station.engines is None:
        raise ValueError("a station without [engines] has no loader")
    bundles = tuple(bundles_of(station.view, station.recipe))
    return LoaderPlan(station=station.station.name, engines=station.engines, bundles=bundles)


def tell_board(given: Given) -> BoardPlan:
    """Of the process that watches the heat of the box."""
    station = given.station
    if station.board is None:
        raise ValueError("a station without [board] has no such process")
    return BoardPlan(station=station.station.name, board=station.board)


def tell_log(given: Given) -> LogPlan:
    """Of the process that keeps the messages of all others."""
    its = given.station.log
    if its.path is None:
        raise ValueError("a station without [log] path has no such process")
    name = given.station.station.name
    return LogPlan(station=name, path=its.path, file_mb=its.file_mb, files=its.files)


def tell_optics(given: Given) -> OpticsPlan:
    """Of the process that looks for dead pixels and dust: views that have learnt, and how often."""
    name = given.station.station.name
    return OpticsPlan(
        station=name,
        views=tuple(
            OpticsView(
                view=index,
                name=view.name,
                height_px=view.camera.geometry.height_px,
                width_px=view.camera.geometry.width_px,
                channels=view.camera.geometry.channels,
                learnt=view.trust.learnt,
                picture=picture_path(given.station, index),
                look_every_s=view.trust.look_every_s,
            )
            for index, view in enumerate(given.station.view)
            if view.trust is not None
        ),
    )


def tell_pictures(given: Given) -> PicturesPlan:
    """Of the process that keeps pictures of parts: which, where, and of which views."""
    station, records = given.station, given.station.records
    if records.images is None:
        raise ValueError("a station without [records.images] has no such process")
    return PicturesPlan(
        station=station.station.name,
        path=records.path,
        shift_starts=records.shift_starts,
        images=records.images,
        views=tuple(
            PicturesView(name=view.name, **view.camera.geometry._asdict()) for view in station.view
        ),
    )


def picture_path(station: Station, view: int) -> Path:
    """Where the picture of dead pixels and dust of a view lies: beside the records."""
    # with its number: two names may become the same as part of a file's name
    words = station.station.name, f"{view}-{file_safe(station.view[view].name)}", "optics.png"
    return station.records.path.with_name(".".join(words))


def tell_line(given: Given) -> LinePlan:
    """Of the line: the whole station, and by which limits it judges in each recipe."""
    station = given.station
    plan = LinePlan(
        station=station,
        limits=given.limits,
        recipe_limits={
            number: tuple(limits_of(view.engine, given.engines) for view in other.view)
            for number, other in others(station).items()
        },
        fell_back=given.origin.fell_back,
    )
    # last: the sum is of what the plan says
    return plan.model_copy(update={"checksums": _checksums(plan, given.origin)})


def _checksums(plan: LinePlan, origin: Origin) -> dict[int, int]:
    """What each recipe judges by, as far as it was read for the plan: station file and cards."""
    found = {}
    for number, limits in {FIRST: plan.limits, **plan.recipe_limits}.items():
        # '' of a bundle, which has no card
        cards = "".join(its.card for its in limits if its is not None)
        station = with_recipe(plan.station, number)
        # no protection against anybody, only a number for the PLC to compare (D8)
        found[number] = zlib.crc32(cards.encode(), checksum_of(station, origin.sha256))
    return found


def tell_records(given: Given) -> RecordsPlan:
    """Of the records: where they go, and what views, rules and units are called."""
    station = given.station
    return RecordsPlan(
        station=station.station.name,
        path=station.records.path,
        state=state_path(station),
        poll_ms=station.records.poll_ms,
        views=tuple(view.name for view in station.view),
        rules=_rule_names(station),
        units=open_rules(station).units,
        candidate=given.origin.candidate,
        station_sha256=given.origin.sha256,
        recipes={
            number: (_rule_names(other), open_rules(other).units)
            for number, other in others(station).items()
        },
    )


def tell_metrics(given: Given, rows: dict[str, tuple[int, ...]]) -> MetricsPlan:
    """Of the figures: where they are served, and what views, engines and `rows` are called."""
    station = given.station
    if station.metrics is None:
        raise ValueError("a station without [metrics] has no such process")
    return MetricsPlan(
        station=station.station.name,
        metrics=station.metrics,
        records=station.records.path,
        budget_ms=station.station.budget_ms,
        views=tuple(view.name for view in station.view),
        engines={
            number: view.engine.bundle or view.engine.file.stem
            for number, view in enumerate(station.view)
            if view.engine is not None
        },
        rows=rows,
    )


def _rule_names(station: Station) -> tuple[str, ...]:
    """What each rule is called in the records: with its view where two are called the same."""
    named = [(view.name, rule.name) for view in station.view for rule in view.rule]
    names = [rule for _, rule in named]
    return tuple(f"{view}/{rule}" if names.count(rule) > 1 else rule for view, rule in named)


def state_path(station: Station) -> Path:
    """Where the state of the last run lies: beside the records."""
    return station.records.path.with_name(f"{station.station.name}.state.json")


def _view_plans(station: Station) -> tuple[ViewPlan, ...]:
    return tuple(
        # numbered among all views, as frames and scores are
        view_plan(index, view, view.engine)
        for index, view in enumerate(station.view)
        if view.engine is not None
    )


def view_plan(index: int, view: ViewSection, engine: EngineSection) -> ViewPlan:
    """What an engine process must know of a view."""
    # of the camera, not of the model: what the ring holds, which the engine brings to its own size
    height_px, width_px, channels = view.camera.geometry
    return ViewPlan(
        view=index,
        height_px=height_px,
        width_px=width_px,
        channels=channels,
        model=engine.model,
        bundle=engine.bundle,
        backend=engine.backend,
        threads=engine.threads,
        cuda=engine.cuda,
    )
