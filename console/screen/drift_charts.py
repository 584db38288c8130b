"""The charts of drift for a page: where each stands, since when, and how it came there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gonogo.console.screen.archive import clock_of, day_of
from gonogo.records.drift.history import history
from gonogo.records.drift.part import Looks
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.saving import beside_records, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gonogo.records.drift.history import Hourly
    from gonogo.records.drift.overrides import SaidOf
    from gonogo.records.drift.part import Alarm, ChartStanding
    from gonogo.records.drift.view_charts import ViewCharts

_MS_PER_S = 1000
_DIGITS = 3  # of a sigma


def drift_charts(records: Path) -> dict[str, Any]:
    """Of each view the charts that were used last; DriftStateError.

    `charted` is false where no chart was ever kept: no [records.drift], or no hour of parts yet.
    """
    path = beside_records(records)
    if not path.exists():
        return {"charted": False, "views": [], "said": []}
    watch = read(path)
    return {
        "charted": True,
        "views": [_view(found.charts) for found in watch.current.values()],
        "said": [_said(each) for each in watch.said],
    }


def _view(charts: ViewCharts) -> dict[str, Any]:
    at, points = charts.conditions, history(charts)
    return {
        "view": at.view, "engine": at.engine, "recipe": at.recipe, "learning": charts.learning,
        "learnt_h": len(charts.learnt), "of_h": HOURS,
        "charts": [_chart(each, points[each.signal]) for each in charts.standing()],
    }  # fmt: skip


def _chart(its: ChartStanding, points: Iterable[Hourly]) -> dict[str, Any]:
    since = round(its.since_wall_s * _MS_PER_S)
    return {
        "signal": its.signal.name, "now": _rounded(its.ewma), "low": _rounded(its.low),
        "high": _rounded(its.high), "hour": _rounded(its.hour), "point": _rounded(its.point),
        "out": its.alarm is not None, "since": f"{day_of(since)} {clock_of(since)[:5]}",
        "looks": [] if its.alarm is None else _looks(its.alarm),
        "points": [[round(each.wall_s), _rounded(each.x), _rounded(each.z)] for each in points],
    }  # fmt: skip


def _looks(alarm: Alarm) -> list[dict[str, Any]]:
    """How the frames looked then and now, as far as that is known."""
    pairs = zip(Looks._fields, alarm.looks_then, alarm.looks_now, strict=True)
    return [
        {"name": name, "then": _rounded(then), "now": _rounded(now)}
        for name, then, now in pairs
        if math.isfinite(then + now)
    ]


def _said(of: SaidOf) -> dict[str, Any]:
    """Of overrides and reviews; of shares, of 1000."""
    began = round(of.wall_s * _MS_PER_S)
    said = of.said
    return {
        "view": of.view, "reason": of.reason, "signal": said.signal.name, "out": said.alarmed,
        "share": round(1000 * said.share), "low": round(1000 * max(said.low, 0.0)),
        "high": round(1000 * min(said.high, 1.0)),
        "began": f"{day_of(began)} {clock_of(began)[:5]}",
    }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return round(value, _DIGITS) if value is not None and math.isfinite(value) else None
