"""What an alarm says."""

from __future__ import annotations

from gonogo.records.drift.part import Alarm, Looks, Signal
from gonogo.tests.records.drift.shifts import HERE


def test_alarm_says_signal_duration_looks_and_parts() -> None:
    """Everything that a person needs to go and look, with its number."""
    then, now = Looks(120.0, 30.0, 2.0), Looks(108.0, 27.0, float("nan"))
    alarm = Alarm(
        HERE, Signal.BRIGHTNESS, 130, 2.0, 128, 1.0, then, now, ((1, 7),), ((2, 9), (2, 8))
    )
    said = str(alarm.warning())
    assert alarm.warning().code == 616
    for words in (
        "view 'top', engine flange 3, recipe 2, 500 us: brightness drifted, for 3 h of production",
        "brightness 120 then, 108 now",
        "noise 2 then, nan now",
        "compare the parts 2/9 2/8 with 1/7",
    ):
        assert words in said
