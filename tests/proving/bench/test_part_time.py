"""Part times: from which stamp to which, and what a row compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.proving.bench.part_time import Side, breakdown, lower
from gonogo.proving.figures import Tally
from gonogo.tests.proving.bench.timedparts import timed
from gonogo.tests.stations import small_station

if TYPE_CHECKING:
    from pathlib import Path


def test_part_is_timed_from_its_trigger_and_from_its_frame() -> None:
    """To the arrival of its record at the PLC."""
    part = timed(1, 100)
    assert (part.part_ms, part.from_frame_ms) == (8.0, 7.0)


def test_side_compares_percentiles_with_those_of_the_bare_engine(tmp_path: Path) -> None:
    """p50 and p99 under a limit, the time from the frame without one."""
    times = [10.0] * 99 + [20.0]
    side = Side(small_station(tmp_path), times, [9.0] * 100, [8.0] * 100, "how")
    p50, p99, frame = side.rows("x")
    assert [(row.name, row.value, row.control) for row in (p50, frame)] == [
        ("x_p50", 10.0, 8.0), ("x_from_frame_p50", 9.0, 8.0),
    ]  # fmt: skip
    assert (p50.limit, p99.limit, frame.limit) == (1.10, 1.30, None)
    assert not p50.met
    assert p99.value is not None
    assert 10.0 < p99.value < 20.0


def test_lower_is_a_row_in_ms() -> None:
    """Less is better."""
    row = lower("x", 1.0, 2.0, None, "how")
    assert (row.better, row.unit, row.ratio) == ("lower", "ms", 0.5)


def test_breakdown_tells_how_long_the_engine_was_busy() -> None:
    """Beside the stages of the tally."""
    tally = Tally()
    tally.take([timed(1, 100).entry, timed(2, 200).entry])
    assert breakdown(tally).endswith("engine busy 4.00")
