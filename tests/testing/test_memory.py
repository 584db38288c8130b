"""What is left behind is measured, and what comes and goes is not counted."""

from __future__ import annotations

import itertools

import pytest

from gonogo.testing.memory import KEPT_BYTES, RUNS, WARM_UPS, assert_keeps_nothing, growth_of

BLOCK_BYTES = 1000


def test_growth_counts_what_each_run_leaves() -> None:
    """A list that grows is found, with about its size."""
    kept: list[bytearray] = []
    growth = growth_of(lambda: kept.append(bytearray(BLOCK_BYTES)))
    assert growth.kept_bytes >= RUNS * BLOCK_BYTES
    with pytest.raises(AssertionError):
        assert_keeps_nothing(lambda: kept.append(bytearray(BLOCK_BYTES)))


def test_growth_counts_what_one_run_holds_as_its_peak() -> None:
    """It is gone afterwards."""
    growth = growth_of(lambda: bytearray(10 * BLOCK_BYTES))
    assert growth.kept_bytes < KEPT_BYTES
    assert 10 * BLOCK_BYTES <= growth.peak_bytes < 20 * BLOCK_BYTES


def test_growth_passes_over_a_pool_that_grows_now_and_then() -> None:
    """As those of numpy and of a runtime do: here in the first hundred."""
    pool: list[bytearray] = []
    runs = itertools.count()

    def work() -> None:
        if next(runs) == WARM_UPS + RUNS // 2:
            pool.append(bytearray(10 * BLOCK_BYTES))

    assert_keeps_nothing(work)
    assert len(pool) == 1


def test_growth_runs_no_more_than_it_takes_to_know() -> None:
    """A hundred that left little behind: a camera that is slow is not asked for more."""
    runs = itertools.count()
    assert growth_of(lambda: next(runs)).kept_bytes < KEPT_BYTES
    assert next(runs) == WARM_UPS + 1 + RUNS


def test_work_that_leaves_nothing_is_let_through() -> None:
    """Temporary things are no matter."""
    assert_keeps_nothing(lambda: sum(bytearray(BLOCK_BYTES)))
