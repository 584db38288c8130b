"""Charts drawn once more from the hours that are kept."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.records.drift.history import WARM, history
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.view_charts import RECENT, ViewCharts
from gonogo.tests.records.drift.shifts import HERE, hour

LEARNT = tuple(hour(k) for k in range(HOURS))


def test_history_comes_to_where_each_chart_stands() -> None:
    """All hours since the reference, and only those; the last point is what the chart says."""
    held = ViewCharts(HERE)
    for k in range(HOURS + 30):
        held.add(hour(k, 0.4 * (k > HOURS)))
    found = history(held)
    assert set(found) == set(held.charts)
    for signal, points in found.items():
        assert len(points) == 30
        assert (points[-1].x, points[-1].z) == pytest.approx(
            (held.charts[signal].x, held.charts[signal].z)
        )
    assert found[Signal.ACCEPTED_SCORES][0].wall_s == 3600.0 * HOURS


def test_history_whose_beginning_is_gone_shows_what_has_settled() -> None:
    """The mean begins anew at its centre; by its first point that has faded."""
    held = ViewCharts(HERE, LEARNT)
    for k in range(RECENT + 100):
        held.add(hour(HOURS + k, 0.4))
    points = history(held)[Signal.ACCEPTED_SCORES]
    assert len(points) == RECENT - WARM
    assert points[-1].z == pytest.approx(held.charts[Signal.ACCEPTED_SCORES].z)
    assert points[0].z == pytest.approx(np.mean([each.z for each in points]), abs=2.0)
    assert points[0].z > 1.0


def test_history_leaves_out_hours_that_moved_no_chart_and_has_none_while_learning() -> None:
    """An hour without accepted parts has no value of theirs."""
    held = ViewCharts(HERE, LEARNT)
    held.add(hour(HOURS))
    held.add(hour(HOURS + 1)._replace(accepted=np.zeros(0, np.float32)))
    found = history(held)
    assert len(found[Signal.ACCEPTED_SCORES]) == 1
    assert len(found[Signal.BRIGHTNESS]) == 2
    assert history(ViewCharts(HERE, LEARNT[:-1])) == {}
