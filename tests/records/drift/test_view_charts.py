"""From LEARNING to alarms, for one view under one engine."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.records.drift.fourier import mmd2
from gonogo.records.drift.part import Signal
from gonogo.records.drift.reference import HOURS
from gonogo.records.drift.view_charts import GOOD, RECENT, ViewCharts
from gonogo.tests.records.drift.shifts import HERE, hour

LEARNT = tuple(hour(k) for k in range(HOURS))


def test_view_charts_learn_until_the_reference_is_complete() -> None:
    """They show nothing until then, whatever comes."""
    held = ViewCharts(HERE)
    for k in range(HOURS):
        assert held.learning
        assert held.add(hour(k, 3.0 * (k > 150))) == ((), ())
        assert held.rolling() is None or k == HOURS - 1
    assert not held.learning
    assert len(held.add(hour(HOURS)).points) == len(held.charts)


def test_view_charts_stay_quiet_over_hours_like_their_reference() -> None:
    """And hold no more than a week of them."""
    held = ViewCharts(HERE, LEARNT)
    alarms = [alarm for k in range(200) for alarm in held.add(hour(HOURS + k)).alarms]
    assert alarms == []
    assert len(held.recent) == RECENT


def test_view_charts_alarm_once_and_say_since_when() -> None:
    """A part of a sigma for ten hours: what, since which hour, parts then and now."""
    held = ViewCharts(HERE, LEARNT)
    for k in range(100, 120):
        held.add(hour(k))
    alarms = [alarm for k in range(120, 130) for alarm in held.add(hour(k, 0.5)).alarms]
    (found,) = (alarm for alarm in alarms if alarm.signal is Signal.ACCEPTED_SCORES)
    # the hour of the last crossing, which chance may have put some hours before
    assert 105 <= found.since_number <= 120 < found.number < 126
    assert found.since_wall_s == 3600.0 * found.since_number
    assert found.parts_now == tuple((1, 3600 * (found.number - k)) for k in range(3))
    assert found.parts_then[0] == (1, 0)
    assert found.looks_now.brightness == pytest.approx(120, abs=3)


def test_view_charts_stand_still_while_a_signal_starves() -> None:
    """When all is rejected no accepted part is there to say so: the others do."""
    held = ViewCharts(HERE, LEARNT)
    none = hour(100)._replace(accepted=np.zeros(0, np.float32))
    dark = none._replace(rejects=none.rejects._replace(hits=none.rejects.of))
    found = held.add(dark)
    by_signal = {point.signal: point for point in found.points}
    assert by_signal[Signal.ACCEPTED_SCORES].value is None
    assert by_signal[Signal.ACCEPTED_SCORES].ewma == 0
    # one such hour is a jam, some of them are drift
    assert found.alarms == ()
    alarms = [alarm for _ in range(6) for alarm in held.add(dark).alarms]
    assert Signal.REJECTS in {alarm.signal for alarm in alarms}


def test_rolling_shows_the_last_seven_days() -> None:
    """Hours before that do not count, nor does it matter that the clock was set back since."""
    held = ViewCharts(HERE, LEARNT)
    for k in range(100, 104):
        held.add(hour(k, 9.0)._replace(wall_s=0.0))
    for k in range(104, 110):
        held.add(hour(k)._replace(wall_s=8 * 86400.0 + k))
    found = held.rolling()
    assert found is not None
    assert found.quantiles[1] == pytest.approx(5.0, abs=0.2)
    assert found.band[0] < found.quantiles[2] < found.band[1]


def test_mmd_is_of_the_last_good_embeddings() -> None:
    """Whole hours, the newest first, until there are ten thousand."""
    held = ViewCharts(HERE, LEARNT)
    assert held.mmd_of_last() is None
    hours = [hour(k)._replace(embeddings=GOOD // 2) for k in range(100, 103)]
    for each in hours:
        held.add(each)
    assert held._reference is not None
    mean = np.asarray((hours[1].features + hours[2].features) / 2, np.float32)
    wanted = mmd2(mean, held._reference.features) ** 0.5
    assert held.mmd_of_last() == pytest.approx(wanted, rel=1e-5)


def test_standing_says_of_every_chart_where_it_is() -> None:
    """None while LEARNING; an alarm that stands is told with what it rests on now."""
    assert ViewCharts(HERE, LEARNT[:5]).standing() == ()
    held = ViewCharts(HERE, LEARNT)
    for k in range(8):
        held.add(hour(HOURS + k, 0.6 * (k > 2)))
    found = {each.signal: each for each in held.standing()}
    assert set(found) == set(held.charts)
    out = found[Signal.ACCEPTED_SCORES]
    assert out.alarm is not None
    assert (out.alarm.number, out.ewma > out.high) == (HOURS + 7, True)
    assert out.since_wall_s == out.alarm.since_wall_s == 3600.0 * out.alarm.since_number
    calm = found[Signal.SHARPNESS]
    assert (calm.alarm, calm.low, np.isinf(calm.point)) == (None, -calm.high, True)
