"""The process table of a station: which processes it has, and what each of them is told."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError
from gonogo.base.words import FaultBit
from gonogo.config.journal_room import RECORDS_LIMIT_MS
from gonogo.config.recipe import bundles_of
from gonogo.config.recipe_switch import FIRST, checksum_of, others, with_recipe
from gonogo.engines.backends.catalogue import BACKENDS
from gonogo.engines.card import read_card
from gonogo.engines.installed.choice import choose_installed
from gonogo.engines.loading.process import LoaderPlan
from gonogo.engines.serving.hostplan import HostPlan, ViewPlan
from gonogo.ipc.fault_kinds import FAULTS, fault
from gonogo.ipc.frame_ring import PLACES
from gonogo.records.process import RecordsPlan
from gonogo.runtime.line import LinePlan, ViewLimits, open_rules
from gonogo.watchdog.plan import RowPlan, SupervisorPlan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.config.station import Station
    from gonogo.config.view import ViewSection
    from gonogo.engines.installed.choice import Chosen
    from gonogo.engines.section import EngineSection, EnginesSection

HEART_MS = 100.0  # H of the heartbeats: a line is overdue that much after its budget
ENGINE_BUDGETS = 2  # an engine that says nothing for so many budgets is hung
ENGINE_STRIKES = 3
BEHIND_MS = 5_000.0  # one that runs behind everybody else may have to wait for its beats
LINE_STRIKES = 5
LOADER_LIMIT_MS = 30_000.0  # it steps back for everybody; the line watches a new engine itself


class Origin(NamedTuple):
    """Where a station comes from.

    `fell_back`: its file is wrong, and this is the last good one. `candidate`: where the copy
    of its file may lie that becomes the last good one when the station comes up with it.
    `sha256`: of the bytes that it was parsed from; '' for a station without a file.
    """

    fell_back: bool
    candidate: Path | None
    sha256: str = ""


UNKNOWN = Origin(fell_back=False, candidate=None)


def engines_of(station: Station) -> Mapping[str, Chosen]:
    """The installed engines that a station starts with, opened and checked, by name.

    BundleError, RegistryError, KeyFileError where one cannot be had.
    """
    if station.engines is None:
        return {}
    return choose_installed(bundles_of(station.view, station.recipe), station.engines)


def supervisor_plan(
    station: Station,
    parent_pid: int = 0,
    origin: Origin = UNKNOWN,
    engines: Mapping[str, Chosen] | None = None,
) -> SupervisorPlan:
    """The table of this station's processes, in the order of starting.

    `engines`: left out, they are looked up.
    """
    engines = engines_of(station) if engines is None else engines
    limits = tuple(limits_of(view.engine, engines) for view in station.view)
    rows = [_records_row(station, origin)]
    if any(limits):
        rows.append(_engine_row(station, 0))
    rows.append(_line_row(station, limits, engines, origin))
    # What only an exchange of engines needs comes last: parts do not wait for it.
    rows += [_engine_row(station, place) for place in range(1, places_of(station))]
    if station.engines is not None:  # whatever it needs is up by then
        rows.append(_loader_row(station, station.engines))
    return SupervisorPlan(
        station=station.station.name,
        rows=tuple(rows),
        parent_pid=parent_pid,
        realtime=station.realtime,
        device=station.watchdog.device,
        device_timeout_s=station.watchdog.timeout_s,
        key_scrypt=station.maintenance.key_scrypt,
        warn=FaultBit.CONFIG,
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


def places_of(station: Station) -> int:
    """How many engine places it has: two where engines are exchanged while parts flow."""
    return 1 if station.engines is None else PLACES


def _engine_row(station: Station, place: int) -> RowPlan:
    engines = station.engines
    plan = HostPlan(
        station=station.station.name,
        place=place,
        views=_view_plans(station),
        recipes={number: _view_plans(other) for number, other in others(station).items()},
        realtime=station.realtime,
        engines=engines,
    )
    row = RowPlan(
        name=f"engine {'AB'[place]}",
        module="gonogo.engines.serving.host",
        argument=plan.model_dump_json(),
        limit_ms=ENGINE_BUDGETS * station.station.budget_ms + HEART_MS,
        strikes=ENGINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
    )
    if engines is None:
        return row
    update = {"limit_ms": row.limit_ms + BEHIND_MS, "start_limit_s": engines.load_limit_s}
    return row.model_copy(update=update)


def _loader_row(station: Station, engines: EnginesSection) -> RowPlan:
    bundles = tuple(bundles_of(station.view, station.recipe))
    plan = LoaderPlan(station=station.station.name, engines=engines, bundles=bundles)
    return RowPlan(
        name="loader",
        module="gonogo.engines.loading.process",
        argument=plan.model_dump_json(),
        limit_ms=LOADER_LIMIT_MS,
        growth_mb=station.watchdog.growth_mb,
    )


def _view_plans(station: Station) -> tuple[ViewPlan, ...]:
    return tuple(
        view_plan(index, view, view.engine)
        for index, view in enumerate(station.view)
        if view.engine is not None
    )


def view_plan(index: int, view: ViewSection, engine: EngineSection) -> ViewPlan:
    """What an engine process must know of a view."""
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
    )


def _line_row(
    station: Station,
    limits: tuple[ViewLimits | None, ...],
    engines: Mapping[str, Chosen],
    origin: Origin,
) -> RowPlan:
    plan = LinePlan(
        station=station,
        limits=limits,
        recipe_limits={
            number: tuple(limits_of(view.engine, engines) for view in other.view)
            for number, other in others(station).items()
        },
        fell_back=origin.fell_back,
    )
    plan = plan.model_copy(update={"checksums": _checksums(plan, origin)})
    return RowPlan(
        name="line",
        module="gonogo.runtime.line",
        argument=plan.model_dump_json(),
        limit_ms=station.station.budget_ms + HEART_MS,
        strikes=LINE_STRIKES,
        growth_mb=station.watchdog.growth_mb,
        spare=station.station.warm_spare,
        required=True,
        alike=_without_limits(plan) if engines else "",
    )


def _checksums(plan: LinePlan, origin: Origin) -> dict[int, int]:
    """What each recipe judges by, as far as it was read for the plan: station file and cards."""
    found = {}
    for number, limits in {FIRST: plan.limits, **plan.recipe_limits}.items():
        cards = "".join(its.card for its in limits if its is not None)
        station = with_recipe(plan.station, number)
        found[number] = zlib.crc32(cards.encode(), checksum_of(station, origin.sha256))
    return found


def _without_limits(plan: LinePlan) -> str:
    """Another version that was activated meanwhile does not make it another line."""
    return plan.model_copy(update={"limits": (), "recipe_limits": {}}).model_dump_json()


def state_path(station: Station) -> Path:
    """Where the state of the last run lies: beside the records."""
    return station.records.path.with_name(f"{station.station.name}.state.json")


def _records_row(station: Station, origin: Origin) -> RowPlan:
    plan = RecordsPlan(
        station=station.station.name,
        path=station.records.path,
        state=state_path(station),
        poll_ms=station.records.poll_ms,
        views=tuple(view.name for view in station.view),
        rules=_rule_names(station),
        units=open_rules(station).units,
        candidate=origin.candidate,
        station_sha256=origin.sha256,
        recipes={
            number: (_rule_names(other), open_rules(other).units)
            for number, other in others(station).items()
        },
    )
    return RowPlan(
        name="records",
        module="gonogo.records.process",
        argument=plan.model_dump_json(),
        limit_ms=RECORDS_LIMIT_MS,
        growth_mb=station.watchdog.growth_mb,
        aftercare="gonogo.records.salvage",
    )


def _rule_names(station: Station) -> tuple[str, ...]:
    """What each rule is called in the records: with its view where two are called the same."""
    named = [(view.name, rule.name) for view in station.view for rule in view.rule]
    names = [rule for _, rule in named]
    return tuple(f"{view}/{rule}" if names.count(rule) > 1 else rule for view, rule in named)


def journal_about(plan: SupervisorPlan) -> str:
    """What the journal of a station says of itself."""
    row = next(row for row in plan.rows if row.name == "records")
    return RecordsPlan.model_validate_json(row.argument).about


def limits_of(
    engine: EngineSection | None, engines: Mapping[str, Chosen] | None = None
) -> ViewLimits | None:
    """Score limits of a view: the station file's, or those its engine's card proposes.

    Of an installed engine: the strictest of the backends that may serve it, until the
    one that does says its own (gonogo.ipc.engine_slot).
    """
    if engine is None:
        return None
    if engine.bundle is not None:
        return _strictest(engine, (engines or {})[engine.bundle])
    card = read_card(engine.file)
    reject = engine.reject_above if engine.reject_above is not None else card.reject_above
    proposed = card.recheck_above if engine.reject_above is None else reject
    recheck = engine.recheck_above if engine.recheck_above is not None else proposed
    if recheck > reject:
        raise ModelError(
            f"{engine.file}: recheck_above {recheck:g} is above reject_above {reject:g}; "
            "expected recheck_above <= reject_above in [view.engine]"
        )
    return ViewLimits(
        recheck_above=recheck, reject_above=reject, engine_id=card.engine_id, card=card.digest
    )


def _strictest(engine: EngineSection, chosen: Chosen) -> ViewLimits:
    wanted = BACKENDS.names if engine.backend == "auto" else (engine.backend,)
    facts = [its for name, its in chosen.manifest.backends.items() if name in wanted]
    if not facts:
        raise ModelError(
            f"{chosen.path}: it is for {', '.join(chosen.manifest.backends)}, expected "
            f"{' or '.join(wanted)}; choose another backend, or ask its maker for that form"
        )
    return ViewLimits(
        recheck_above=min(its.recheck_above for its in facts),
        reject_above=min(its.reject_above for its in facts),
    )


def unsupported(kind: str, station: Station) -> str:
    """Why this fault has no meaning on this station; '' where it has."""
    where = fault(kind).where
    judged = any(view.engine is not None for view in station.view)
    if (where == "engine" or fault(kind).row == "engine A") and not judged:
        return "no [view.engine] in the station file"
    if fault(kind).row in {"engine B", "loader"} and station.engines is None:
        return "no [engines] in the station file: no second place, no loader"
    if where == "trigger" and station.trigger.named_by_plc:
        return "the PLC triggers: it names each part once"
    if kind == "trigger-lost" and not station.trigger.named_by_plc:
        return "the station's own photo-eye names the parts"
    return ""
