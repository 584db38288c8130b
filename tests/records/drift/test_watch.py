"""All charts of a station."""

from __future__ import annotations

import numpy as np

from gonogo.records.drift.embedded import Embedded
from gonogo.records.drift.hour import Hour
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.view_charts import Found, ViewCharts
from gonogo.records.drift.watch import CHARTS, RESTARTS, DriftWatch, Restart, Watched
from gonogo.tests.records.drift.shifts import HERE, hour, part


def watch() -> DriftWatch:
    """One whose reference is complete."""
    held = DriftWatch()
    charts = ViewCharts(HERE, tuple(hour(k) for k in range(HOURS)))
    held.take(Watched(charts, Hour(HOURS), Embedded()))
    return held


def test_watch_turns_parts_into_points() -> None:
    """Scores far above those of the reference, for hours: an alarm with the parts' own numbers."""
    held = watch()
    rng = np.random.default_rng(1)
    found = [
        done
        for k in range(2200)
        if (done := held.add(part(k, 10.0 * k, float(rng.normal(9, 1))))) is not None
    ]
    assert len(found) == 6
    alarms = [alarm for each in found for alarm in each.alarms]
    assert any("scores of accepted parts" in str(alarm.warning()) for alarm in alarms)
    assert all(0 <= serial < 2200 for alarm in alarms for _, serial in alarm.parts_now)


def test_watch_keeps_another_engine_apart() -> None:
    """Swapped in the middle of an hour: it is learnt anew, and the former one goes on after."""
    held = watch()
    other = HERE._replace(engine="flange 4")
    for k in range(180):
        assert held.add(part(k, 10.0 * k)) is None
    for k in range(180, 380):
        assert held.add(part(k, 10.0 * k, conditions=other)) is None
    found = [held.add(part(k, 10.0 * k)) for k in range(380, 600)]
    assert [len(each.points) > 0 for each in found if each is not None] == [True]
    assert held.watched[other].charts.learning
    assert not held.watched[HERE].charts.learning


def test_watch_restarts_a_reference_for_who_says_so() -> None:
    """LEARNING anew, also from the half of an hour; who and why is kept, and not without bounds."""
    held = watch()
    held.add(part(1, 0.0))
    order = Restart(HERE, "M. Muster", "new lamp", 5.0)
    held.restart(order)
    assert held.restarts == [order]
    held.add(part(2, 10.0))
    assert held.watched[HERE].charts.learning
    for k in range(2 * RESTARTS):
        held.restart(order._replace(wall_s=float(k)))
    assert [each.wall_s for each in held.restarts] == [float(k) for k in range(64, 128)]


def test_watch_holds_so_many_charts_and_no_more() -> None:
    """The one that was used longest ago goes, and is counted."""
    held = watch()
    for k in range(CHARTS - 1):
        held.add(part(k, 1.0 * k, conditions=HERE._replace(exposure_us=float(k))))
    held.add(part(50, 50.0))
    held.add(part(51, 51.0, conditions=HERE._replace(recipe=9)))
    assert len(held.watched) == CHARTS
    assert held.dropped == 1
    assert HERE in held.watched
    assert HERE._replace(exposure_us=0.0) not in held.watched


def test_watch_answers_nothing_within_an_hour_and_something_at_its_end() -> None:
    """While LEARNING: an hour without points."""
    held = DriftWatch()
    found = [held.add(part(k, 10.0 * k)) for k in range(365)]
    assert [each for each in found if each is not None] == [Found()]
