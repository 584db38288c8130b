"""All metrics of a station in one table: name, kind, labels, help, and where the value comes from.

The page is served from it, and docs/metrics.md is made from it. Base units, as Prometheus wants
them. No label holds a part id or a person: each value of a label is a series that is kept for
years, and the page has at most SERIES_MAX of them.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.words import FaultBit
from gonogo.records.metrics.figures import (
    alerts,
    by_view,
    drift_charts,
    drift_learnt,
    drift_one,
    each,
    engines,
    faults,
    heats,
    modes,
    one,
    places,
    temperatures,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.records.metrics.figures import Figures, Values

SERIES_MAX = 300


class Kind(str, Enum):
    """As OpenMetrics calls it; a histogram has one label, of the stages."""

    COUNTER = "counter"
    GAUGE = "gauge"
    INFO = "info"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """One row: `name` without the _total or _info that its kind adds."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    read: Callable[[Figures], Values]

    @property
    def shown(self) -> str:
        """The name by which it is asked for."""
        ends = {Kind.COUNTER: "_total", Kind.INFO: "_info"}
        return self.name + ends.get(self.kind, "")


_C, _G, _I, _H = Kind.COUNTER, Kind.GAUGE, Kind.INFO, Kind.HISTOGRAM
# fmt: off
METRICS = (
    # parts
    Metric("gonogo_parts", _C, ("verdict", "reason", "mode"),
           "Parts that were judged or refused, by verdict, its first reason and what the "
           "station stood on.",
           lambda f: [(key, float(count)) for key, count in f.counts.parts.items()]),
    Metric("gonogo_parts_unfinished", _C, (),
           "Parts that were begun and whose line ended before anything was decided.",
           lambda f: one(f.counts.unfinished)),
    Metric("gonogo_stage_seconds", _H, ("stage",),
           "Time from the trigger to the end of a stage; buckets end at 0.1 to 1.5 of the budget.",
           lambda _: []),
    Metric("gonogo_overruns", _C, ("stage",),
           "Parts of which this stage was the first to end after its own deadline.",
           lambda f: each(f.counts.overruns)),
    Metric("gonogo_budget_seconds", _G, (), "From the trigger to the verdict at the PLC, at most.",
           lambda f: one(f.identity.budget_s)),
    Metric("gonogo_last_part_age_seconds", _G, (),
           "Time since the trigger of the last part; none before the first one.",
           lambda f: one(f.part_age_s)),
    # the line
    Metric("gonogo_mode", _G, ("mode",), "1 for what the station stands on now, else 0.", modes),
    Metric("gonogo_line_alive_age_seconds", _G, (),
           "Time since the line's last sign of life; none before the first one.",
           lambda f: one(f.standing.line.alive_age_s)),
    Metric("gonogo_line_takeovers", _C, (), "Line processes that have begun.",
           lambda f: one(f.standing.line.takeovers)),
    Metric("gonogo_line_broken_cycles", _C, (),
           "Cycles that lacked a stage, which is a fault of the program.",
           lambda f: one(f.standing.line.broken)),
    # the PLC
    Metric("gonogo_link_up", _G, (), "1 while the PLC is there: FAULT link is not shown.",
           lambda f: one(not f.standing.line.faults & FaultBit.LINK)),
    Metric("gonogo_link_outages", _C, (),
           "Times that the PLC went away, as seen at a look each half second.",
           lambda f: one(f.counts.rises[FaultBit.LINK])),
    Metric("gonogo_link_disturbances", _C, (),
           "Times that another device began to write into our words, as seen at a look each "
           "half second.",
           lambda f: one(f.counts.rises[FaultBit.STRANGER])),
    Metric("gonogo_deliveries", _C, ("outcome",),
           "Verdicts that the PLC acknowledged, and that were lost to it.",
           lambda f: each(f.counts.deliveries)),
    Metric("gonogo_undelivered", _C, ("why",),
           "Verdicts that never reached the PLC, which rejected those parts by silence.",
           lambda f: each(f.counts.undelivered)),
    Metric("gonogo_fault", _G, ("fault",),
           "1 while that bit of FAULT is shown to the PLC.", faults),
    # engines
    Metric("gonogo_engine", _I, ("view", "engine", "version", "backend", "engine_id"),
           "What judges a view; version of an installed bundle, engine_id as in the "
           "records.", engines),
    Metric("gonogo_engine_ready", _G, ("place",),
           "1 while the engine of that place has loaded and serves.",
           lambda f: [((p.name,), float(p.ready)) for p in places(f)]),
    Metric("gonogo_engine_judges", _G, ("place",), "1 for the place whose scores decide.",
           lambda f: [((p.name,), float(p.judges)) for p in places(f)]),
    Metric("gonogo_engine_answers", _C, ("view",),
           "Trusted frames that got a trusted score in time.",
           lambda f: by_view(f, f.counts.answers)),
    Metric("gonogo_engine_misses", _C, ("view",),
           "Trusted frames that got none, also while the engine rests.",
           lambda f: by_view(f, f.counts.misses)),
    Metric("gonogo_engine_switches", _C, (), "Times that the place that judges has changed.",
           lambda f: one(f.standing.exchanges and f.standing.exchanges.switches)),
    Metric("gonogo_engine_roll_backs", _C, (),
           "Times that the line went back to the former engine by itself.",
           lambda f: one(f.standing.exchanges and f.standing.exchanges.roll_backs)),
    # records
    Metric("gonogo_records_entries", _C, (),
           "Entries of the journal that the records have dealt with.",
           lambda f: one(f.standing.records.taken)),
    Metric("gonogo_records_waiting_entries", _G, (), "Entries that are in no database yet.",
           lambda f: one(f.standing.records.waiting)),
    Metric("gonogo_records_room_entries", _G, (),
           "Entries that the journal holds before it overwrites the oldest.",
           lambda f: one(f.standing.records.room)),
    Metric("gonogo_records_lost", _C, (), "Entries that never became rows.",
           lambda f: one(f.standing.records.lost)),
    Metric("gonogo_records_set_aside", _C, (), "Damaged records files that were set aside.",
           lambda f: one(f.standing.records.asides)),
    Metric("gonogo_disk_free_bytes", _G, (), "What may still be written where the records lie.",
           lambda f: one(f.standing.disk and f.standing.disk.free)),
    Metric("gonogo_disk_size_bytes", _G, (), "The size of that file system.",
           lambda f: one(f.standing.disk and f.standing.disk.size)),
    # the box
    Metric("gonogo_temperature_celsius", _G, ("sensor",),
           "The hottest zone of the box (with [board]), and the chips of engines that say "
           "it.", temperatures),
    Metric("gonogo_board_heat", _G, ("heat",),
           "1 for how hot the box is by the limits of [board].", heats),
    Metric("gonogo_board_slowed", _G, (), "1 while something slows the chip down.",
           lambda f: one(None if f.standing.board.heat is None else f.standing.board.slowed)),
    Metric("gonogo_board_power_watts", _G, (),
           "What flows through the first supply, where that is measured.",
           lambda f: one(f.standing.board.power_w)),
    Metric("gonogo_process_up", _G, ("process",), "1 while that process of the station runs.",
           lambda f: [((row.name,), float(row.lives)) for row in f.standing.rows]),
    Metric("gonogo_process_starts", _C, ("process",),
           "Times that it was started; the line with its spare.",
           lambda f: [((row.name,), float(row.starts)) for row in f.standing.rows]),
    # drift
    Metric("gonogo_drift_alarms", _G, (),
           "Charts of drift that are outside of their limits, with [records.drift].",
           lambda f: drift_one(f, lambda its: its.alarms)),
    Metric("gonogo_drift_learnt_ratio", _G, (),
           "How much of its reference the view that has least of it has learnt; 1 is all.",
           drift_learnt),
    Metric("gonogo_drift_statistic", _G, ("view", "signal"),
           "Weighted mean of a chart in sigmas between hours; of overrides and reviews the share. "
           "With more than two views only the chart of each that is nearest to its limit.",
           lambda f: drift_charts(f, lambda its: its.statistic)),
    Metric("gonogo_drift_limit", _G, ("view", "signal"),
           "What that may be at most, on both sides.",
           lambda f: drift_charts(f, lambda its: its.limit)),
    Metric("gonogo_drift_waiting_parts", _G, (),
           "Recorded parts that are not charted yet, at most 100 000.",
           lambda f: drift_one(f, lambda its: its.waiting)),
    Metric("gonogo_drift_odd", _C, (),
           "Scores and embeddings that no chart could take.",
           lambda f: drift_one(f, lambda its: its.odd)),
    # of itself
    Metric("gonogo_alert", _G, ("alert", "severity"),
           "1 for each condition of docs/alerts.md that the box itself sees now.", alerts),
    Metric("gonogo_build", _I, ("version", "station"),
           "Which gonogo this is, and of which station.",
           lambda f: [((f.identity.version, f.identity.station), 1.0)]),
    Metric("gonogo_metrics_scrapes", _C, (), "Pages that were asked for and sent whole.",
           lambda f: one(f.served.scrapes)),
    Metric("gonogo_metrics_turned_away", _C, (),
           "Connections beyond those that are served at a time.",
           lambda f: one(f.served.turned_away)),
    Metric("gonogo_metrics_cut_off", _C, (),
           "Connections that did not ask, or did not read, in time.",
           lambda f: one(f.served.cut_off)),
    Metric("gonogo_metrics_journal_lost", _C, (),
           "Entries that these figures lack: overwritten before they were counted.",
           lambda f: one(f.served.lost + f.counts.unreadable)),
)
# fmt: on
