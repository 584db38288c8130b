"""How charts came to where they stand: the hours that are kept, charted once more.

Of a chart only its last weighted mean is kept. It is found again from the hours after the
reference; where the first of these are gone the mean begins at its centre, and what it was before
has faded after WARM hours: they are not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gonogo.records.drift.part import Signal
    from gonogo.records.drift.summary import Summary
    from gonogo.records.drift.view_charts import ViewCharts

WARM = 24  # hours: 0.8 to that is half a hundredth


class Hourly(NamedTuple):
    """One hour of one chart, in sigmas: its own value, and the weighted mean with it."""

    wall_s: float
    x: float
    z: float


def history(charts: ViewCharts) -> dict[Signal, list[Hourly]]:
    """Of each chart, the oldest hour first; none while LEARNING."""
    if charts.learning:
        return {}
    began = charts.learnt[-1].number
    hours = [each for each in charts.recent if each.number > began]
    gone = bool(hours) and hours[0].number > began + 1
    return {
        signal: _charted(charts, signal, hours)[WARM if gone else 0 :] for signal in charts.charts
    }


def _charted(charts: ViewCharts, signal: Signal, hours: list[Summary]) -> list[Hourly]:
    again, found = charts.charts[signal].fresh(), []
    for hour in hours:
        value = charts.statistic(signal, hour)
        if value is not None:  # an hour with too few moves no chart
            again.add(value, hour.number)
            found.append(Hourly(hour.wall_s, again.x, again.z))
    return found
