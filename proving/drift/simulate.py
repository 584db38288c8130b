"""One seed of the simulation: a reference, thirty calm days, and each cause of drift by itself.

An hour of 3600 parts is made of 40 judged frames, which are all that the hour's engine saw: the
other parts are drawn from them, so that the hour has the sampling error of 3600 parts. Scores are
drawn with a little spread (smoothed bootstrap: Silverman and Young, Biometrika 74, 1987), or one
part near the limit would be 90 parts, all of them passed in one hour and rejected in the next.
The same 40 parts come in each hour: what differs between two hours is lot, hour, cause and noise.
"""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.proving.drift.eyes import taught
from gonogo.proving.drift.world import DAY_H, Cause, World
from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.laney import Counts
from gonogo.records.drift.looks import looks_of
from gonogo.records.drift.part import Conditions, Signal
from gonogo.records.drift.reference import HOURS, SHOWN
from gonogo.records.drift.summary import Summary, at, mean_looks, quantiles
from gonogo.records.drift.view_charts import ViewCharts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gonogo.proving.drift.eyes import Eyes
    from gonogo.proving.drift.world import HourLooks

PARTS, BAD, PARTS_AN_HOUR = 40, 1, 3600
DAYS = 30
CALM_H = 8  # after the reference, before a cause begins
SOON_H = 6  # within which a cause is to be found
WAIT_H = 24  # what is not found by then is not found
TEACH_H = 24  # that the engine was taught from
SMOOTH = 1.06  # Silverman's rule, of the spread that each drawn score gets
QUARTERS = 1.34  # sigmas between the quarters of a normal distribution
REJECT = 1.5  # times the highest score of the good parts that it was taught from


class Order(NamedTuple):
    """How much is simulated."""

    days: int = DAYS
    parts: int = PARTS
    reference_h: int = HOURS
    wait_h: int = WAIT_H


class Delay(NamedTuple):
    """Hours until the first signal, and which; None: not within the wait.

    `plain_h`: of the plain chart, None where it was later than SOON_H and than the first signal.
    """

    hours: int | None
    signal: Signal | None
    plain_h: int | None
    each: dict[Signal, int]


class Seed(NamedTuple):
    """What one seed showed: false alarms by signal, those of the plain chart, and delays."""

    false: dict[Signal, int]
    plain: int
    hours: int
    delays: dict[Cause, Delay]


class Line:
    """A camera, an engine and hours of production of one seed."""

    def __init__(self, seed: int, parts: int) -> None:
        self.world = World(seed, parts, BAD)
        self.looks = self.world.hours()
        good = [
            frame
            for looks in islice(self.looks, TEACH_H)
            for frame in list(self.world.frames(looks))[BAD:]
        ]
        self.eyes: Eyes = taught(good)
        self.limit = REJECT * max(self.eyes.see(frame).score for frame in good)
        self.embedded = Embedded()
        self._rng = np.random.default_rng([seed, 2])

    def hour(self, number: int, looks: HourLooks, cause: Cause = Cause.NONE) -> Summary:
        """The summary of an hour."""
        frames = list(self.world.frames(looks, cause))
        seen, shown = [self.eyes.see(frame) for frame in frames], [looks_of(f) for f in frames]
        scores = np.array([each.score for each in seen], np.float32)
        rows = np.array([each.embedding for each in seen])
        drawn = self._rng.integers(0, len(seen), PARTS_AN_HOUR)
        middle = float(np.subtract(*np.quantile(scores, (0.75, 0.25)))) / QUARTERS
        # by the middle half: a defect's score is far off, and would smear all the others
        spread = SMOOTH * min(float(scores.std()), middle) * len(seen) ** -0.2
        found = scores[drawn] + spread * self._rng.standard_normal(PARTS_AN_HOUR, np.float32)
        passed = found < self.limit
        good = drawn[passed]
        features = self._features(rows, good)
        return Summary(
            number, 3600.0 * number, Counts(PARTS_AN_HOUR - len(good), PARTS_AN_HOUR),
            quantiles(found[passed]), quantiles(found),
            features, len(good) if len(features) else 0,
            mean_looks([each.looks for each in shown]), ((1, PARTS_AN_HOUR * number),),
            np.mean([each.places for each in shown], axis=0, dtype=np.float32),
        )  # fmt: skip

    def _features(self, rows: NDArray[np.float32], good: NDArray[np.int64]) -> NDArray[np.float32]:
        """Mean features of the good ones: each row as often as it was drawn."""
        if self.embedded.map is None:
            for k in np.unique(good):
                self.embedded.add(rows[k])
            return self.embedded.mean()[0]
        if not len(good):
            return np.zeros(0, np.float32)
        weights = np.bincount(good, minlength=len(rows)) / len(good)
        return np.asarray(weights @ self.embedded.map.of(rows), np.float32)


def simulate(seed: int, order: Order = Order()) -> Seed:  # noqa: B008 - frozen
    """All of one seed; of one thread, as several seeds run side by side."""
    cv2.setNumThreads(1)
    line = Line(seed, order.parts)
    charts = ViewCharts(Conditions("drawn", "eyes 1", 0, 0.0))
    hours = enumerate(line.looks)
    for number, looks in islice(hours, order.reference_h):
        charts.add(line.hour(number, looks))
    at_end = copy.deepcopy(charts)
    false, plain, total = _calm(line, charts, islice(hours, order.days * DAY_H))
    delays: dict[Cause, Delay] = {
        cause: _delay(line, copy.deepcopy(at_end), cause, order)
        for cause in Cause
        if cause is not Cause.NONE
    }
    return Seed(false, plain, total, delays)


def _calm(
    line: Line, charts: ViewCharts, hours: Iterator[tuple[int, HourLooks]]
) -> tuple[dict[Signal, int], int, int]:
    """Alarms without any cause, by signal; those of the plain chart; hours."""
    false, plain, total = dict.fromkeys(charts.charts, 0), 0, 0
    for number, looks in hours:
        hour = line.hour(number, looks)
        for alarm in charts.add(hour).alarms:
            false[alarm.signal] += 1
        plain += _outside(charts, hour)
        total += 1
    return false, plain, total


def _delay(line: Line, charts: ViewCharts, cause: Cause, order: Order) -> Delay:
    each: dict[Signal, int] = {}
    plain_h: int | None = None
    start = order.reference_h + CALM_H
    for number, looks in islice(enumerate(line.looks, order.reference_h), CALM_H + order.wait_h):
        on = number >= start
        hour = line.hour(number, looks, cause if on else Cause.NONE)
        found = charts.add(hour)
        if on:
            for point in found.points:
                if point.alarmed:
                    each.setdefault(point.signal, number - start + 1)
            if plain_h is None and _outside(charts, hour):
                plain_h = number - start + 1
            # some hours in any case: the plain chart is given as many
            if each and number - start + 1 >= SOON_H:
                break
    first = min(each, key=lambda signal: each[signal], default=None)
    return Delay(None if first is None else each[first], first, plain_h, each)


def _outside(charts: ViewCharts, hour: Summary) -> bool:
    """Whether the plain chart says so: the hour's 95 % quantile beyond 2 sigma."""
    rolling = charts.rolling()
    if rolling is None or not len(hour.accepted):
        return False
    low, high = rolling.band
    return not low <= at(hour.accepted, SHOWN) <= high
