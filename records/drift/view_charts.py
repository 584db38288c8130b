"""The charts of one view under one engine, recipe and exposure: LEARNING, then watching."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.records.drift.fourier import mmd2
from gonogo.records.drift.part import Alarm, ChartStanding, Point, Rolling
from gonogo.records.drift.reference import HOURS, charts, reference
from gonogo.records.drift.summary import mean_looks

if TYPE_CHECKING:
    from gonogo.records.drift.ewma import Ewma
    from gonogo.records.drift.part import Conditions, Signal
    from gonogo.records.drift.reference import Reference
    from gonogo.records.drift.summary import Summary

RECENT = 168  # hours: seven days without a pause
WEEK_S = 7 * 86400.0
GOOD = 10_000  # embeddings that the shown MMD is of
SHOWN_PARTS = 3


class Found(NamedTuple):
    """What an hour showed: nothing while LEARNING, then a point for each signal."""

    points: tuple[Point, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class ViewCharts:
    """Takes summaries in order. `learnt`: the hours of the reference, HOURS of them at the end."""

    def __init__(self, conditions: Conditions, learnt: tuple[Summary, ...] = ()) -> None:
        self.conditions = conditions
        self.learnt = learnt
        self.recent: deque[Summary] = deque(maxlen=RECENT)
        self.charts: dict[Signal, Ewma] = {}
        self._reference: Reference | None = None
        self._settle()

    @property
    def learning(self) -> bool:
        """Whether the reference is not complete yet."""
        return self._reference is None

    def add(self, hour: Summary) -> Found:
        """Take the next hour of production."""
        self.recent.append(hour)
        if self._reference is None:
            self.learnt = (*self.learnt, hour)
            self._settle()
            return Found()
        return self._judged(self._reference, hour)

    def standing(self) -> tuple[ChartStanding, ...]:
        """Every chart as it stands after the last hour; none while LEARNING."""
        held = self._reference
        if held is None or not self.recent:
            return ()
        newest = self.recent[-1]
        return tuple(
            ChartStanding(
                signal, chart.z, chart.low, chart.base.limit, chart.x, chart.base.point,
                chart.worst, self._run(signal)[0].wall_s,
                self._alarm(held, signal, newest) if chart.alarmed else None,
            )
            for signal, chart in self.charts.items()
        )  # fmt: skip

    def _run(self, signal: Signal) -> list[Summary]:
        """The hours since a chart last crossed its centre, as far back as they are kept."""
        since = self.charts[signal].since
        return [each for each in self.recent if each.number >= since] or [self.recent[-1]]

    def statistic(self, signal: Signal, hour: Summary) -> float | None:
        """What is charted of an hour; None while LEARNING, and of one that had too few for it."""
        return None if self._reference is None else self._reference.value(signal, hour)

    def rolling(self) -> Rolling | None:
        """The scores of accepted parts over seven days; None before there is a reference."""
        if self._reference is None:
            return None
        newest_s = self.recent[-1].wall_s if self.recent else 0.0
        grids = [each.accepted for each in self.recent if abs(newest_s - each.wall_s) < WEEK_S]
        pool = np.concatenate(grids) if grids else np.zeros(0, np.float32)
        if not len(pool):
            return None
        low, middle, high = (float(np.quantile(pool, share)) for share in (0.05, 0.5, 0.95))
        return Rolling((low, middle, high), self._reference.band)

    def mmd_of_last(self, count: int = GOOD) -> float | None:
        """MMD of the last so many good embeddings, in whole hours, from the reference."""
        total, taken = None, 0
        for hour in reversed(self.recent):
            if taken < count and len(hour.features):
                more = hour.features.astype(np.float64) * hour.embeddings
                total, taken = more if total is None else total + more, taken + hour.embeddings
        if self._reference is None or total is None or not len(self._reference.features):
            return None
        return float(mmd2(np.asarray(total / taken, np.float32), self._reference.features) ** 0.5)

    def _settle(self) -> None:
        """From LEARNING to watching, once the reference is complete."""
        if len(self.learnt) >= HOURS:
            self._reference = reference(self.learnt)
            self.charts = charts(self.learnt)

    def _judged(self, held: Reference, hour: Summary) -> Found:
        points, alarms = [], []
        for signal, chart in self.charts.items():
            value = held.value(signal, hour)
            if value is not None and chart.add(value, hour.number):
                alarms.append(self._alarm(held, signal, hour))
            points.append(
                Point(
                    signal,
                    hour.number,
                    hour.wall_s,
                    value,
                    chart.z,
                    chart.low,
                    chart.base.limit,
                    chart.alarmed,
                )
            )
        return Found(tuple(points), tuple(alarms))

    def _alarm(self, held: Reference, signal: Signal, hour: Summary) -> Alarm:
        since, run = self.charts[signal].since, self._run(signal)
        parts = [part for each in reversed(run) for part in each.parts]
        return Alarm(
            self.conditions,
            signal,
            hour.number,
            hour.wall_s,
            since,
            run[0].wall_s,
            held.looks,
            mean_looks([each.looks for each in run]),
            held.parts,
            tuple(parts[:SHOWN_PARTS]),
        )
