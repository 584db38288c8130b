"""The process table of a station: which processes it has, and what each of them is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gonogo.engines.card import read_card
from gonogo.engines.hostplan import HostPlan, ViewPlan
from gonogo.engines.loader import LoaderPlan
from gonogo.records.process import RecordsPlan
from gonogo.runtime.errors import ModelError
from gonogo.runtime.line import LinePlan, ViewLimits, open_rules
from gonogo.runtime.recipe import others
from gonogo.watchdog.faults import FAULTS, unsupported
from gonogo.watchdog.plan import RowPlan, SupervisorPlan

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.engines.backend import EngineSection
    from gonogo.engines.section import EnginesSection
    from gonogo.runtime.station import Station

HEART_MS = 100.0  # H of the heartbeats: a line is overdue that much after its budget
ENGINE_BUDGETS = 2  # an engine that says nothing for so many budgets is hung
ENGINE_STRIKES = 3
LINE_STRIKES = 5
LOADER_LIMIT_MS = 30_000.0  # it steps back for everybody; the line watches a new engine itself
RECORDS_LIMIT_MS = 30_000.0  # a disk may take its time; the journal holds some minutes


class Origin(NamedTuple):
    """Where a station comes from.

    `fell_back`: its file is wrong, and this is the last good one. `candidate`: where the copy
    of its file may lie that becomes the last good one when the station comes up with it.
    """

    fell_back: bool
    candidate: Path | None


UNKNOWN = Origin(fell_back=False, candidate=None)


def supervisor_plan(
    station: Station, parent_pid: int = 0, origin: Origin = UNKNOWN
) -> SupervisorPlan:
    """The table of this station's processes, in the order of starting."""
    limits = tuple(limits_of(view.engine) for view in station.view)
    rows = [_records_row(station, origin)]
    if any(limits):
        rows.append(_engine_row(station))
    rows.append(_line_row(station, limits, origin))
    return SupervisorPlan(
        station=station.station.name,
        rows=tuple(rows),
        parent_pid=parent_pid,
        realtime=station.realtime,
        device=station.watchdog.device,
        device_timeout_s=station.watchdog.timeout_s,
        key_sha256=station.maintenance.key_sha256,
        refused_faults={kind: why for kind in FAULTS if (why := unsupported(kind, station))},
    )


def row_numbers(plan: SupervisorPlan) -> dict[str, tuple[int, ...]]:
    """Rows of the table of beats by the name of their process; a spare has the second one."""
    numbers: dict[str, tuple[int, ...]] = {}
    at = 1
    for row in plan.rows:
        count = 2 if row.spare else 1
        numbers[row.name] = tuple(range(at, at + count))
        at += count
    return numbers


def _engine_row(station: Station) -> RowPlan:
    plan = HostPlan(
        station=station.station.name,
        place=0,
        views=_view_plans(station),
        recipes={number: _view_plans(other) for number, other in others(station).items()},
        realtime=station.realtime,
    )
    return RowPlan(
        name="engine A",
        module="gonogo.engines.host",
        argument=plan.model_dump_json(),
        limit_ms=ENGINE_BUDGETS * station.station.budget_ms + HEART_MS,
        strikes=ENGINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
    )


def _loader_row(station: Station, engines: EnginesSection, initial: dict[str, Path]) -> RowPlan:
    """`initial`: the active bundle file of every engine that views and recipes name."""
    plan = LoaderPlan(
        station=station.station.name, engines=engines, bundles=tuple(initial), initial=initial
    )
    return RowPlan(
        name="loader",
        module="gonogo.engines.loader",
        argument=plan.model_dump_json(),
        limit_ms=LOADER_LIMIT_MS,
        growth_mb=station.watchdog.growth_mb,
    )


def _view_plans(station: Station) -> tuple[ViewPlan, ...]:
    plans = []
    for index, view in enumerate(station.view):
        if view.engine is not None:
            height, width, channels = view.camera.geometry
            plans.append(
                ViewPlan(
                    view=index,
                    height_px=height,
                    width_px=width,
                    channels=channels,
                    model=view.engine.model,
                    backend=view.engine.backend,
                    threads=view.engine.threads,
                )
            )
    return tuple(plans)


def _line_row(station: Station, limits: tuple[ViewLimits | None, ...], origin: Origin) -> RowPlan:
    plan = LinePlan(
        station=station,
        limits=limits,
        recipe_limits={
            number: tuple(limits_of(view.engine) for view in other.view)
            for number, other in others(station).items()
        },
        fell_back=origin.fell_back,
    )
    return RowPlan(
        name="line",
        module="gonogo.runtime.line",
        argument=plan.model_dump_json(),
        limit_ms=station.station.budget_ms + HEART_MS,
        strikes=LINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
        spare=station.station.warm_spare,
        required=True,
    )


def state_path(station: Station) -> Path:
    """Where the state of the last run lies: beside the records."""
    return station.records.path.with_name(f"{station.station.name}.state.json")


def _records_row(station: Station, origin: Origin) -> RowPlan:
    rules = open_rules(station)
    plan = RecordsPlan(
        station=station.station.name,
        path=station.records.path,
        state=state_path(station),
        poll_ms=station.records.poll_ms,
        views=tuple(view.name for view in station.view),
        rules=rules.names,
        units=rules.units,
        candidate=origin.candidate,
        recipes={
            number: (bound.names, bound.units)
            for number, other in others(station).items()
            for bound in (open_rules(other),)
        },
    )
    return RowPlan(
        name="records",
        module="gonogo.records.process",
        argument=plan.model_dump_json(),
        limit_ms=RECORDS_LIMIT_MS,
        growth_mb=station.watchdog.growth_mb,
    )


def limits_of(engine: EngineSection | None) -> ViewLimits | None:
    """Score limits of a view: the station file's, or those its engine's card proposes."""
    if engine is None:
        return None
    card = read_card(engine.model)
    reject = engine.reject_above if engine.reject_above is not None else card.reject_above
    proposed = card.recheck_above if engine.reject_above is None else reject
    recheck = engine.recheck_above if engine.recheck_above is not None else proposed
    if recheck > reject:
        raise ModelError(
            f"{engine.model}: recheck_above {recheck:g} is above reject_above {reject:g}; "
            "expected recheck_above <= reject_above in [view.engine]"
        )
    return ViewLimits(recheck_above=recheck, reject_above=reject)
