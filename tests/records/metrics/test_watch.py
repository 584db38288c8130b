"""The alerts as they are told: once, after their time, and that they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.words import FaultBit
from gonogo.records.metrics.standing import Disk
from gonogo.records.metrics.watch import LOOK_S, QUIET_S, AlertWatch
from gonogo.tests.records.metrics.made import GB, WELL

if TYPE_CHECKING:
    import pytest

    from gonogo.records.metrics.standing import Standing

LOW = WELL._replace(disk=Disk(1, 200 * GB))
LOST = WELL._replace(records=WELL.records._replace(lost=2))


class Looks:
    """What is found at each look."""

    def __init__(self, now: Standing = WELL) -> None:
        self.now = now
        self.count = 0

    def __call__(self) -> Standing:
        """One more."""
        self.count += 1
        return self.now


def test_watch_tells_log_and_plc_once_it_has_held_for_its_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A minute of a full disk; the PLC is warned as long as it holds, and one line is written."""
    looks = Looks(LOW)
    watch = AlertWatch(looks)
    for at_s in range(60):
        watch.keep(at_s)
    assert (caplog.messages, watch.bits) == ([], 0)
    for at_s in range(60, 100):
        watch.keep(at_s)
    assert watch.bits == FaultBit.DISK
    (said,) = caplog.messages
    assert said.startswith("alert GonogoDiskLow: 0 MB are free")
    looks.now = WELL
    watch.keep(100)
    assert watch.bits == 0


def test_watch_forgets_what_was_gone_before_its_time(caplog: pytest.LogCaptureFixture) -> None:
    """Two halves of a minute with a moment between them are no minute."""
    looks = Looks(LOW)
    watch = AlertWatch(looks)
    watch.keep(0)
    looks.now = WELL
    watch.keep(50)
    looks.now = LOW
    watch.keep(51)
    watch.keep(100)
    assert (caplog.messages, watch.bits) == ([], 0)


def test_watch_says_that_it_is_over_and_not_each_time_that_it_flickers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What comes back within a minute is the same alert."""
    caplog.set_level("INFO")
    looks = Looks(LOST)
    watch = AlertWatch(looks)
    for at_s in range(0, 100, 10):
        looks.now = LOST if at_s % 20 == 0 else WELL
        watch.keep(at_s)
    assert len(caplog.messages) == 1
    looks.now = WELL
    watch.keep(90 + QUIET_S)
    assert caplog.messages[1:] == ["alert GonogoRecordsLost is over"]
    looks.now = LOST
    watch.keep(200 + QUIET_S)
    assert len(caplog.messages) == 3


def test_watch_looks_once_a_second() -> None:
    """Whoever polls each 5 ms asks the disk no more often."""
    looks = Looks()
    watch = AlertWatch(looks)
    for step in range(20):
        watch.keep(10 + step * LOOK_S / 10)
    assert looks.count == 2
