"""A hot engine is known before it is late."""

from __future__ import annotations

from gonogo.runtime.engine_pace import ALARM_SHARE, REST_SHARE, WINDOW, LatencyMonitor


def test_pace_warns_within_two_slow_parts_and_not_after_one() -> None:
    """One hiccup in a hundred parts is no alarm; the second one is their p99."""
    pace = LatencyMonitor()
    for _ in range(WINDOW):
        pace.add(0.3)
    pace.add(1.0)
    after_one = pace.tight
    pace.add(ALARM_SHARE)
    assert (after_one, pace.tight) == (False, True)


def test_pace_on_a_ramp_warns_before_the_first_miss() -> None:
    """An engine that takes 2 % more of its time with every part."""
    pace, share, at_share = LatencyMonitor(), 0.3, 0.0
    while not pace.tight:
        share += 0.02
        pace.add(share)
        at_share = share
    assert ALARM_SHARE <= at_share < 1.0


def test_pace_rests_only_well_below_the_alarm() -> None:
    """Between the two shares it stays as it was, from either side."""
    between = (ALARM_SHARE + REST_SHARE) / 2
    pace = LatencyMonitor()
    for _ in range(WINDOW):
        pace.add(between)
    from_below = pace.tight
    pace.add(0.9)
    pace.add(0.9)
    for _ in range(WINDOW):
        pace.add(between)
    from_above = pace.tight
    for _ in range(WINDOW):
        pace.add(REST_SHARE - 0.01)
    assert (from_below, from_above, pace.tight) == (False, True, False)


def test_pace_says_nothing_of_a_single_part() -> None:
    """The first part after a start may be slow."""
    pace = LatencyMonitor()
    pace.add(1.0)
    assert (pace.p99, pace.tight) == (0.0, False)


def test_pace_has_the_shares_of_the_fault_table() -> None:
    """Alarm at 80 % of the allowed time, rest below 70 %, over a hundred parts."""
    assert (ALARM_SHARE, REST_SHARE, WINDOW) == (0.8, 0.7, 100)


def test_pace_is_that_of_the_last_hundred_parts() -> None:
    """A slow pair is forgotten when the hundred and first part after it has come."""
    pace = LatencyMonitor()
    pace.add(0.9)
    pace.add(0.9)
    for _ in range(98):
        pace.add(0.1)
    assert pace.p99 == 0.9
    pace.add(0.1)
    assert (pace.p99, pace.tight) == (0.1, False)


def test_pace_alarms_at_the_share_and_rests_below_the_other() -> None:
    """At 80 % it is tight; at exactly 70 % it still is."""
    pace = LatencyMonitor()
    for share in (0.8, 0.8):
        pace.add(share)
    at_alarm = pace.tight
    for _ in range(WINDOW):
        pace.add(0.7)
    assert (at_alarm, pace.tight) == (True, True)
