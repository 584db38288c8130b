"""A part that comes after ten seconds of silence over one that comes 50 ms after the last.

One run, the PLC triggers: bursts of parts with a gap after each, so that both paces see
the same minutes of the box. The first part after a gap is the slow pace; of a burst, the
parts from the FIRST_FAST-th on are the fast one. Where the difference lies stands in the
note: each stage of both, at its median.
"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.proving.bench.part_time import SETTLE, lower, run_parts
from gonogo.proving.bench.station import bench_station, percentile
from gonogo.proving.plcsim.plan import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.bench.part_time import Timed
    from gonogo.proving.bench.rows import Row

GAPS, BURST, GAP_MS = 12, 25, 10_000.0  # ten seconds: enough to cool what a burst keeps warm
FIRST_FAST = 6  # of a burst; those before it still warm up what the silence has cooled
LIMIT = 1.10  # of the median: a part that comes alone is judged as fast as one of many
NAMES = ("pace",)


def measure() -> list[Row]:
    """The row of this file; it takes two minutes, because silence does."""
    # the last part of each burst; the gap is behind it
    firsts = [SETTLE + BURST * (k + 1) for k in range(GAPS)]
    # the simulator's scan goes on: only parts stay away, and the link stays up
    script = tuple(Step(at_part=part, do="gap", for_ms=GAP_MS) for part in firsts)
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        station = bench_station(Path(name), "plc")
        found = run_parts(station, firsts[-1] + BURST, Path(name), script=script)
    slow, fast = by_pace(found.parts)
    note = f"one part per {GAP_MS / 1000:g} s ({len(slow)}) over one per "
    note += f"{station.station.pitch_ms:g} ms ({len(fast)}), {found.engine}; p50 of stages "
    note += f"slow {stages_ms(slow)}, fast {stages_ms(fast)}"
    slow_ms, fast_ms = (percentile([x.part_ms for x in parts], 50) for parts in (slow, fast))
    return [lower(NAMES[0], slow_ms, fast_ms, LIMIT, note)]


def by_pace(parts: Sequence[Timed]) -> tuple[list[Timed], list[Timed]]:
    """The parts that came after silence, and those well inside a burst."""
    slow: list[Timed] = []
    fast: list[Timed] = []
    since = 0  # parts since the last gap
    for last, part in itertools.pairwise(parts):
        quiet_ms = (part.entry.part.trigger_ns - last.entry.part.trigger_ns) / 1e6
        # by the times that were measured, not by part ids: a part may be missing
        since = 0 if quiet_ms > GAP_MS / 2 else since + 1
        if since == 0:
            slow.append(part)
        elif since >= FIRST_FAST:
            fast.append(part)
    return slow, fast


def stages_ms(parts: Sequence[Timed]) -> dict[str, float]:
    """Medians of where the time goes: the first four lie one after the other, two inside them."""
    spans: dict[str, list[int]] = {}
    for part in parts:
        stamps, score = part.entry.stamps, part.entry.scores[0]
        # judged by rules alone: no engine, no stages
        if score is None:
            continue
        for stage, span_ns in {
            "camera": stamps.frame_ns - part.entry.part.trigger_ns,
            "engine": score.done_ns - stamps.frame_ns,
            "decide": stamps.decided_ns - score.done_ns,
            "wire": part.arrival_ns - stamps.decided_ns,
            "rules": stamps.rules_ns - stamps.frame_ns,
            "engine busy": score.done_ns - score.start_ns,
        }.items():
            spans.setdefault(stage, []).append(span_ns)
    return {stage: round(percentile(found, 50) / 1e6, 3) for stage, found in spans.items()}
