"""A thread that does nothing, and what it is told of the box by its lateness."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from gonogo.proving.bench.bystander import Processors, Stood, bystander, processors

if TYPE_CHECKING:
    from pathlib import Path


def test_bystander_wakes_as_long_as_it_stands_there() -> None:
    """Never before its time; what it saw in several runs is put together."""
    seen = Stood([], [])
    for runs in (1, 2):
        with bystander(seen):
            time.sleep(0.2)
        assert len(seen.stolen_pct) == runs
    assert seen.late_ms
    assert all(late >= 0 for late in seen.late_ms)
    assert all(0 <= share <= 100 for share in seen.stolen_pct)


def test_bystander_that_is_broken_off_leaves_nothing() -> None:
    """The run beside it has failed: what it saw is of no run."""
    seen = Stood([], [])
    with pytest.raises(RuntimeError, match="the run"), bystander(seen):
        raise RuntimeError("the run")
    assert seen == Stood([], [])


def test_processors_are_read_as_the_kernel_counts_them(tmp_path: Path) -> None:
    """The eighth number is what the host gave to others; guests are not counted twice."""
    stat = tmp_path / "stat"
    stat.write_text("cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3\n")
    assert processors(stat) == Processors(360, 80)
    assert processors().every > 0
