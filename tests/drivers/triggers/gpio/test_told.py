"""What a trigger by GPIO tells the log."""

from __future__ import annotations

from gonogo.base.errors import GpioAbsent
from gonogo.base.gpio.lines import Edge
from gonogo.drivers.triggers.gpio.told import EVERY_NS, Told
from gonogo.drivers.triggers.gpio.watch import EyeWatch
from gonogo.tests.drivers.triggers.gpio.eyes import MS, gpio

WHERE = "trigger: chip eye, line 17"


def test_told_says_each_thing_once() -> None:
    """That it is gone, why it does not come back, and that it has."""
    told, watch = Told(gpio().order), EyeWatch(gpio(), 0)
    told.back()
    assert list(told.messages(None, watch, 0)) == []
    told.gone(OSError(19, "No such device"))
    absent = GpioAbsent("chip 'eye' is not there")
    first = list(told.messages(absent, watch, 0))
    assert first[0].startswith(f"{WHERE}: gone ([Errno 19] No such device); no part is accepted")
    assert first[1:] == ["GN231: chip 'eye' is not there"]
    assert list(told.messages(absent, watch, 0)) == []
    told.back()
    assert list(told.messages(None, watch, 0)) == [
        f"{WHERE}: open again; the next part is rejected"
    ]
    # gone again, it is said again
    assert list(told.messages(absent, watch, 0)) == ["GN231: chip 'eye' is not there"]


def test_told_gathers_counts_for_a_second() -> None:
    """A photo-eye that flickers fills no disk; what has not changed is no news."""
    told, watch = Told(gpio().order), EyeWatch(gpio(), 0)
    now_ns = EVERY_NS
    assert list(told.messages(None, watch, now_ns)) == []
    watch.look(Edge(0, 100 * MS, active=True, sequence=5), 100 * MS)
    watch.look(Edge(0, 150 * MS, active=False, sequence=6), 150 * MS)
    watch.look(Edge(0, 160 * MS, active=True, sequence=7), 160 * MS)
    assert list(told.messages(None, watch, now_ns + EVERY_NS - 1)) == []
    (said,) = told.messages(None, watch, now_ns + EVERY_NS)
    counts = "4 edges of the eye lost, 2 parts missed, or perhaps, 1 parts too close"
    assert said == f"{WHERE}: {counts} since the last such line"
    assert list(told.messages(None, watch, now_ns + 2 * EVERY_NS)) == []
