"""Ticks stay on their grid."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.ticks import Ticks, sleep_until


@given(st.integers(0, 1 << 60), st.integers(1, 1 << 40), st.integers(-(1 << 50), 1 << 61))
def test_ticks_latest_is_the_last_one_not_in_the_future(epoch: int, period: int, now: int) -> None:
    """The latest tick has come, the one after it has not."""
    ticks = Ticks(epoch, period)
    latest = ticks.latest(now)
    assert ticks.at_ns(latest) <= now < ticks.at_ns(latest + 1)


def test_sleep_until_returns_no_earlier_than_asked() -> None:
    """Neither a moment ahead nor one long past is cut short or waited for."""
    at_ns = time.monotonic_ns() + 2_000_000
    sleep_until(at_ns)
    assert time.monotonic_ns() >= at_ns
    sleep_until(0)
