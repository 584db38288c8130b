"""Which parts came after silence, and where the time of each goes."""

from __future__ import annotations

from gonogo.proving.bench.pace import FIRST_FAST, GAP_MS, by_pace, stages_ms
from gonogo.proving.bench.part_time import Timed
from gonogo.tests.proving.bench.timedparts import timed


def test_pace_tells_parts_after_silence_from_those_inside_a_burst() -> None:
    """The first ones of a burst belong to neither: they still warm up."""
    bursts = [timed(k, (GAP_MS if k >= 12 else 0.0) + 50.0 * k) for k in range(24)]
    slow, fast = by_pace(bursts)
    assert [part.entry.part.serial for part in slow] == [12]
    assert [part.entry.part.serial for part in fast] == [
        *range(FIRST_FAST, 12), *range(12 + FIRST_FAST, 24),
    ]  # fmt: skip


def test_pace_lays_the_stages_end_to_end() -> None:
    """Camera, engine, decision and wire are all of a part's time; without a score it has none."""
    part = timed(1, 100)
    bare = Timed(part.arrival_ns, part.entry._replace(scores=(None,)))
    stages = stages_ms([part, part, bare])
    assert stages == {
        "camera": 1.0, "engine": 5.0, "decide": 1.0, "wire": 1.0, "rules": 2.0, "engine busy": 4.0,
    }  # fmt: skip
    assert sum(stages[k] for k in ("camera", "engine", "decide", "wire")) == part.part_ms
