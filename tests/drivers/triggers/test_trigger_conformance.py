"""What every trigger promises, checked on each one that needs no device."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gonogo.base.words import TriggerEvent
from gonogo.drivers.triggers.plc_part_id import PlcTrigger
from gonogo.drivers.triggers.timer import TimerSection, TimerTrigger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.drivers.triggers.trigger import Trigger

NS_PER_MS = 1_000_000


class Bench(NamedTuple):
    """A trigger and what makes its next part come."""

    trigger: Trigger
    feed: Callable[[int], object]


def timer_bench() -> Bench:
    """The timer feeds itself."""
    return Bench(TimerTrigger(TimerSection(driver="timer", period_ms=2.0)), lambda _: None)


def plc_bench() -> Bench:
    """The link thread's side is played by the test."""
    trigger = PlcTrigger()
    return Bench(trigger, lambda part_id: trigger.offer(TriggerEvent(part_id, time.monotonic_ns())))


@pytest.fixture(params=[timer_bench, plc_bench], ids=["timer", "plc"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """One trigger after the other."""
    made: Bench = request.param()
    yield made
    made.trigger.close()


def test_trigger_hands_out_each_part_once_in_order(bench: Bench) -> None:
    """Part ids run from 1, and no part is stamped after it was handed out."""
    last_ns = 0
    for part_id in range(1, 8):
        bench.feed(part_id)
        pulse = bench.trigger.wait(time.monotonic_ns() + 10_000 * NS_PER_MS)
        assert pulse is not None
        assert pulse.part_id == part_id
        assert last_ns < pulse.at_ns <= time.monotonic_ns()
        last_ns = pulse.at_ns


def test_trigger_returns_none_when_the_time_is_over(bench: Bench) -> None:
    """Without a part `wait` lasts until the given moment, and a past moment does not block."""
    until_ns = time.monotonic_ns() + NS_PER_MS // 2
    assert bench.trigger.wait(until_ns) is None
    assert time.monotonic_ns() >= until_ns
    assert bench.trigger.wait(0) is None


def test_trigger_close_is_idempotent(bench: Bench) -> None:
    """After closing there are no parts, and nobody waits for them."""
    bench.feed(1)
    bench.trigger.close()
    bench.trigger.close()
    assert bench.trigger.wait(1 << 62) is None
