"""The process table of a station: its rows, in the order in which they are started.

A row is read from left to right: what the process is called, where it begins, whether this station
has it, what it is told, how long it may go without a beat, and after how many ends within a minute
it is left alone. How hard each asks for processor time: [realtime], docs/when-things-break.md.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import FaultBit
from gonogo.config.journal_room import RECORDS_LIMIT_MS
from gonogo.config.view_limits import engines_of, limits_of
from gonogo.ipc.fault_kinds import FAULTS
from gonogo.ipc.frame_ring import PLACES
from gonogo.launch.alike import apart_alike, is_apart, line_alike, records_alike
from gonogo.launch.refused_faults import unsupported
from gonogo.launch.told import (
    UNKNOWN,
    Given,
    Origin,
    tell_board,
    tell_camera,
    tell_engine,
    tell_line,
    tell_loader,
    tell_log,
    tell_metrics,
    tell_optics,
    tell_pictures,
    tell_records,
)
from gonogo.launch.told_drift import tell_drift
from gonogo.launch.told_people import tell_console, tell_screen
from gonogo.launch.wanted import (
    always,
    consoled,
    device_views,
    drifts,
    exchanges,
    exchanges_in_one,
    exchanges_in_two,
    kept,
    learnt,
    measured,
    pictured,
    scored_by_one,
    screened,
    watched,
)
from gonogo.records.process import RecordsPlan
from gonogo.runtime.budget import CAMERA_SHARE
from gonogo.watchdog.plan import RowPlan, SupervisorPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gonogo.base.section import Section
    from gonogo.config.station import Station
    from gonogo.engines.installed.choice import Chosen

MS_PER_S = 1000.0
# limits of the table in docs/when-things-break.md: who is overdue is killed
HEART_MS = 100.0  # H of the heartbeats: a line is overdue that much after its budget
ENGINE_BUDGETS = 2  # an engine that says nothing for so many budgets is hung
ENGINE_STRIKES = 3
BEHIND_MS = 5_000.0  # one that runs behind everybody else may have to wait for its beats
LINE_STRIKES = 5
LINE_START_S = 180.0  # its memory is made resident: a minute on a slow box, without a permit
LOADER_LIMIT_MS = 30_000.0  # it steps back for everybody; the line watches a new engine itself
OPTICS_LIMIT_MS = 30_000.0  # so does this one
PICTURES_LIMIT_MS = 30_000.0  # and this one: its disk may take its time
BOARD_LIMIT_MS = 10_000.0  # a sensor may hang; the line takes it for silent before that
DRIFT_LIMIT_MS = 30_000.0  # the same, and it makes a reference of 160 hours at once
METRICS_LIMIT_MS = 30_000.0  # it steps back for everybody, and looks at a disk
CONSOLE_LIMIT_MS = 30_000.0  # the same; it asks files that may lie on a slow disk
SCREEN_LIMIT_MS = 30_000.0  # the same; a page says by itself how old it is
LOG_LIMIT_MS = 30_000.0  # a slow disk may hold it up; others drop their lines then, and count them
NEVER = 0  # however often it ends, it is started again


def line_limit_ms(station: Station) -> float:
    """A cycle ends within its budget."""
    # an idle line beats as well: between parts it beats for "nothing was due"
    return station.station.budget_ms + HEART_MS


def engine_limit_ms(station: Station) -> float:
    """Longer where it may have to load behind everybody else."""
    # whichever place does not judge loads in the idle class, and may have to wait for a beat
    behind_ms = 0.0 if station.engines is None else BEHIND_MS
    return ENGINE_BUDGETS * station.station.budget_ms + HEART_MS + behind_ms


def camera_limit_ms(station: Station, view: int) -> float:
    """Its driver may be in a call into the device for so long, or wait for a part's frame."""
    camera_ms = station.station.budget_ms / CAMERA_SHARE
    return station.view[view].camera.blocks_s * MS_PER_S + camera_ms + HEART_MS


class ProcessRow(NamedTuple):
    """One row of the table."""

    name: str
    entry: str
    wanted: Callable[[Given], bool]
    tell: Callable[[Given], Section]
    limit_ms: Callable[[Station], float]
    strikes: int = NEVER


# as `python -m` takes them: the supervisor imports none of these
LOG = "gonogo.records.log.process"
LINE, RECORDS = "gonogo.runtime.line", "gonogo.records.process"
CAMERA = "gonogo.drivers.cameras.process"
PICTURES = "gonogo.records.pictures.process"
BOARD = "gonogo.drivers.board.process"
DRIFT = "gonogo.records.drift.process"
METRICS = "gonogo.records.metrics.process"
CONSOLE = "gonogo.console.serial.process"
SCREEN = "gonogo.console.screen.process"
OPTICS = "gonogo.rules.image_trust.process"
HOST, LOADER = "gonogo.engines.serving.host", "gonogo.engines.loading.process"
HOST_OF_BOTH = "gonogo.engines.serving.shared_host"
_A, _B = partial(tell_engine, place=0), partial(tell_engine, place=1)
# fmt: off
ROWS = (
    # first, so that it is stopped last: with all that the others said
    ProcessRow("log", LOG, kept, tell_log, lambda _: LOG_LIMIT_MS),
    # before the others, so that it is stopped after them: with all that they wrote
    ProcessRow("records", RECORDS, always, tell_records, lambda _: RECORDS_LIMIT_MS),
    # before the line: the first part that is thrown out has its picture, and so has the last
    ProcessRow("pictures", PICTURES, pictured, tell_pictures, lambda _: PICTURES_LIMIT_MS),
    ProcessRow("engine A", HOST, scored_by_one, _A, engine_limit_ms, ENGINE_STRIKES),
    # A and B, where only one process can have the device: no row for B alone
    ProcessRow("engine A", HOST_OF_BOTH, exchanges_in_one, _A, engine_limit_ms, ENGINE_STRIKES),
    # Here stand the cameras, one row for each view whose camera holds a device (`each_camera`).
    ProcessRow("line", LINE, always, tell_line, line_limit_ms, LINE_STRIKES),
    # What only an exchange of engines needs comes late: parts do not wait for it, nor for optics.
    ProcessRow("engine B", HOST, exchanges_in_two, _B, engine_limit_ms, ENGINE_STRIKES),
    ProcessRow("loader", LOADER, exchanges, tell_loader, lambda _: LOADER_LIMIT_MS),
    ProcessRow("optics", OPTICS, learnt, tell_optics, lambda _: OPTICS_LIMIT_MS),
    ProcessRow("board", BOARD, watched, tell_board, lambda _: BOARD_LIMIT_MS),
    ProcessRow("drift", DRIFT, drifts, tell_drift, lambda _: DRIFT_LIMIT_MS),
    ProcessRow("metrics", METRICS, measured, lambda g: tell_metrics(g, _numbers(g)),
               lambda _: METRICS_LIMIT_MS),
    ProcessRow("console", CONSOLE, consoled, tell_console, lambda _: CONSOLE_LIMIT_MS),
    ProcessRow("screen", SCREEN, screened, tell_screen, lambda _: SCREEN_LIMIT_MS),
)
# fmt: on


def each_camera(given: Given) -> list[ProcessRow]:
    """A row for each view whose camera holds a device; one that fails takes no other with it."""
    return [
        ProcessRow(
            f"camera {given.station.view[view].name}",
            CAMERA,
            always,
            partial(tell_camera, view=view),
            partial(camera_limit_ms, view=view),
        )
        for view in device_views(given.station)
    ]


def rows_of(given: Given) -> list[ProcessRow]:
    """The rows that this station has, in the order in which they are started."""
    rows: list[ProcessRow] = []
    for row in ROWS:
        if row.name == "line":  # its first part must find the cameras open
            rows += each_camera(given)
        if row.wanted(given):
            rows.append(row)
    return rows


def supervisor_plan(
    station: Station,
    parent_pid: int = 0,
    origin: Origin = UNKNOWN,
    engines: Mapping[str, Chosen] | None = None,
) -> SupervisorPlan:
    """The rows that this station has, as the supervisor is told them.

    `engines`: left out, they are looked up.
    """
    # bundles are opened and checked once a start, for all rows alike
    engines = engines_of(station) if engines is None else engines
    limits = tuple(limits_of(view.engine, engines) for view in station.view)
    given = Given(station, origin, engines, limits)
    return SupervisorPlan(
        station=station.station.name,
        rows=tuple(_planned(row, given) for row in rows_of(given)),
        parent_pid=parent_pid,
        realtime=station.realtime,
        log=station.log,
        device=station.watchdog.device,
        device_timeout_s=station.watchdog.timeout_s,
        key_scrypt=station.maintenance.key_scrypt,
        # shown to the PLC when the memory of the station has been removed: it runs on and could not
        # be started again
        warn=FaultBit.CONFIG,
        refused_faults={
            kind: why
            for kind in FAULTS
            if (why := unsupported(kind, station, in_one=exchanges_in_one(given)))
        },
    )


def _planned(row: ProcessRow, given: Given) -> RowPlan:
    station, told = given.station, row.tell(given)
    plan = RowPlan(
        name=row.name,
        module=row.entry,
        argument=told.model_dump_json(),
        limit_ms=row.limit_ms(station),
        strikes=row.strikes,
        growth_mb=station.watchdog.growth_mb,
    )
    # what only some rows have stands beside the table, so that the table stays one that can be read
    more = _MORE.get(row.name)
    apart = _apart(plan) if is_apart(row.name) else {}
    return plan.model_copy(update={**apart, **(more(given) if more else {})})


def _apart(plan: RowPlan) -> dict[str, object]:
    """It may be told something else while parts pass; those of a camera are rejected meanwhile."""
    return {"apart": True, "alike": apart_alike(plan.name, plan.argument)}


def _more_of_records(given: Given) -> dict[str, object]:
    """What it could not write is saved once it has ended."""
    return {"aftercare": "gonogo.records.salvage", "alike": records_alike(tell_records(given))}


def _more_of_line(given: Given) -> dict[str, object]:
    """It has a spare, and the station lives and dies with it."""
    # another version of an engine became active meanwhile: the line that runs is adopted
    alike = line_alike(tell_line(given), exchanges=bool(given.engines))
    # nothing can be judged without it: a line that cannot be kept alive ends the station
    spare = given.station.station.warm_spare
    return {"spare": spare, "required": True, "alike": alike, "start_limit_s": LINE_START_S}


def _more_of_engine(given: Given) -> dict[str, object]:
    """Where bundles are loaded, that may take its time."""
    engines = given.station.engines
    # it beats only once what it was ordered to hold is loaded and proven
    return {} if engines is None else {"start_limit_s": engines.load_limit_s}


_MORE: dict[str, Callable[[Given], dict[str, object]]] = {
    "records": _more_of_records,
    "line": _more_of_line,
    # a start takes as long as its load, which needs no other row: it begins at once
    "engine A": lambda given: {"early": True, **_more_of_engine(given)},
    "engine B": _more_of_engine,
}


def row_numbers(plan: SupervisorPlan) -> dict[str, tuple[int, ...]]:
    """Rows of the table of beats by the name of their process; a spare has the second one."""
    return _numbered((row.name, row.spare) for row in plan.rows)


def _numbers(given: Given) -> dict[str, tuple[int, ...]]:
    """The same before there is a plan, for the one process that is told of all others."""
    spare = given.station.station.warm_spare
    return _numbered((row.name, spare and row.name == "line") for row in rows_of(given))


def _numbered(rows: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, ...]]:
    numbers: dict[str, tuple[int, ...]] = {}
    # row 0 is the supervisor's own
    at = 1
    for name, spare in rows:
        # the supervisor counts in the same way (gonogo.watchdog.supervisor)
        count = 2 if spare else 1
        numbers[name] = tuple(range(at, at + count))
        at += count
    return numbers


def places_of(station: Station) -> int:
    """How many engine places it has: two where engines are exchanged while parts flow."""
    return 1 if station.engines is None else PLACES


def journal_about(plan: SupervisorPlan) -> str:
    """What the journal of a station says of itself."""
    # read back from what records is told, so that both say the same to the byte
    row = next(row for row in plan.rows if row.name == "records")
    return RecordsPlan.model_validate_json(row.argument).about
