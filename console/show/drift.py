"""The charts of drift in lines for people, and what an alarm rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gonogo.base.errors import RecordsUnreadable
from gonogo.console.show.local_time import local
from gonogo.records.drift.part import Looks
from gonogo.records.drift.reference import HOURS
from gonogo.records.questions.parts import by_rows
from gonogo.records.questions.pictures import kept_between, pictures_of
from gonogo.records.schema import SERIAL_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gonogo.console.show.part import Maker
    from gonogo.records.drift.part import Alarm, ChartStanding, Conditions, PartId
    from gonogo.records.drift.view_charts import ViewCharts
    from gonogo.records.drift.watch import DriftWatch
    from gonogo.records.questions.files import Files

SHOWN = 3  # pictures of then and of now
_MS = 1000
_HOUR_MS = 3600 * _MS


def in_lines(watch: DriftWatch, files: Files, engines: Mapping[str, Maker]) -> Iterator[str]:
    """All of it; the charts of a view that were used last come first, and former ones in a line."""
    current = {id(found.charts) for found in watch.current.values()}
    for at, found in reversed(watch.watched.items()):
        if id(found.charts) in current:
            yield from _charts(at, found.charts, files, engines)
        else:
            yield f"{_where(at, engines)}: not in use now, {len(found.charts.learnt)} h learnt"
    for each in watch.said:
        if each.said.alarmed:
            yield f"ALARM {each.warning().args[0]}"
    for restart in watch.restarts:
        yield (
            f"{local(round(_MS * restart.wall_s))}: {restart.who} began the reference of "
            f"{_where(restart.conditions, engines)} anew: {restart.why}"
        )
    if watch.dropped:
        yield f"{watch.dropped} sets of charts gave way to newer ones"
    if not watch.watched:
        yield "no part was charted yet"


def _charts(
    at: Conditions, charts: ViewCharts, files: Files, engines: Mapping[str, Maker]
) -> Iterator[str]:
    if charts.learning:
        yield f"{_where(at, engines)}: LEARNING, {len(charts.learnt)} of {HOURS} h of production"
        return
    found = charts.standing()
    newest = f"; newest hour {local(round(_MS * charts.recent[-1].wall_s))}" if found else ""
    yield f"{_where(at, engines)}: {len(charts.charts)} charts{newest}"
    for each in found:
        yield _chart(each)
    yield from _shown_alone(charts)
    for each in found:
        if each.alarm is not None:
            yield from _alarm(each.alarm, files)


def _chart(its: ChartStanding) -> str:
    low = "" if its.low is None else f"{its.low:.2f} to "
    out = "" if its.alarm is None else f"  OUT since {local(round(_MS * its.since_wall_s))}"
    hour = "" if math.isinf(its.point) else f"; hour {its.hour:+.2f}, limit +-{its.point:.2f}"
    return f"  {its.signal.value:<34} {its.ewma:+6.2f}, limit {low}{its.high:.2f}{hour}{out}"


def _shown_alone(charts: ViewCharts) -> Iterator[str]:
    rolling, distance = charts.rolling(), charts.mmd_of_last()
    if rolling is not None:
        low, middle, high = rolling.quantiles
        yield (
            f"  accepted scores of seven days: 5, 50, 95 % at {low:.4g}, {middle:.4g}, {high:.4g}; "
            f"the usual band of an hour's 95 %: {rolling.band[0]:.4g} to {rolling.band[1]:.4g}"
        )
    if distance is not None:
        yield f"  MMD of the last good embeddings: {distance:.3g}"


def _alarm(alarm: Alarm, files: Files) -> Iterator[str]:
    hours = alarm.number - alarm.since_number + 1
    since = local(round(_MS * alarm.since_wall_s))
    yield f"  ALARM {alarm.signal.value}: for {hours} h of production, since {since}"
    for name, then, now in zip(Looks._fields, alarm.looks_then, alarm.looks_now, strict=True):
        if not math.isnan(then + now):
            yield f"    {name:<10} {then:.4g} then, {now:.4g} now"
    view = alarm.conditions.view
    yield from _parts("then", alarm.parts_then, view, files)
    yield from _parts("now", alarm.parts_now, view, files)


def _parts(when: str, parts: Sequence[PartId], view: str, files: Files) -> Iterator[str]:
    """Those of the alarm; where none has its picture, pictures of other parts of their time."""
    rows = [run << SERIAL_BITS | serial for run, serial in parts]
    try:
        found = [(part, _pictures(files, part.age, view)) for part in by_rows(files, rows)]
        for part, paths in found:
            shown = " ".join(paths) or "no picture"
            yield f"    {when:<5} part {part.part_id} at {local(part.wall_ms)}  {shown}"
        if found and not any(paths for _, paths in found):
            times = [part.wall_ms for part, _ in found]
            for path in kept_between(files, view, (min(times), max(times) + _HOUR_MS), SHOWN):
                yield f"    {when:<5} picture of these hours  {path}"
    except RecordsUnreadable as error:
        yield f"    {when:<5} {error.args[0]}"


def _pictures(files: Files, row: int, view: str) -> list[str]:
    found = files.ask(lambda file: pictures_of(file, row))
    return [
        str(each.place)
        for some in found
        for each in some
        if each.view == view and each.place is not None
    ]


def _where(at: Conditions, engines: Mapping[str, Maker]) -> str:
    engine = f"engine {engines.get(at.engine, at.engine)}" if at.engine else "no engine"
    light = f", {at.exposure_us:g} us" if at.exposure_us else ""
    return f"view '{at.view}', {engine}, recipe {at.recipe}{light}"
