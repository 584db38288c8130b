"""Drift: false alarms in thirty simulated days, whether every cause is found, and what it costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.proving.bench.rows import Row
from gonogo.proving.drift.campaign import SEEDS, delays, false_alarms, rate, simulate_all, within
from gonogo.proving.drift.simulate import SOON_H
from gonogo.proving.drift.world import Cause
from gonogo.records.drift.part import Conditions, JudgedPart, Looks
from gonogo.records.drift.watch import DriftWatch

if TYPE_CHECKING:
    from gonogo.proving.drift.simulate import Order

NAMES = (
    "drift_false_alarms", "drift_false_alarms_upper", "drift_found_in_6_h", "drift_us_a_part",
)  # fmt: skip
MOST, MOST_UPPER, MOST_US = 1.0, 2.0, 1000.0  # a thousandth of a core at a part a second
SURE = tuple(cause for cause in Cause if cause not in {Cause.NONE, Cause.LIGHT_2})
LENGTH, PARTS, PITCH_S = 64, 100_000, 10.0  # numbers of an embedding; parts: of 277 hours


def measure(seeds: int = SEEDS, order: Order | None = None, parts: int = PARTS) -> list[Row]:
    """The simulation and its plain control, and what a part costs the drift process."""
    found = simulate_all(seeds, order)
    alarms, plain = false_alarms(found), rate([seed.plain for seed in found], found)
    soon = sum(within(delays(found, cause), SOON_H) for cause in SURE)
    all_causes, size = len(SURE) * len(found), f"{len(found)} seeds of {found[0].hours} h"
    said = f"the plain 95 % quantile at 2 sigma gave {plain.mean:.1f}"
    note = f"{size}, all charts together; control: the bound; {said}"
    return [
        Row(NAMES[0], alarms.mean, MOST, "lower", "a month", 1.0, note),
        Row(NAMES[1], alarms.upper, MOST_UPPER, "lower", "a month", 1.0, f"{note}; upper 95 %"),
        Row(NAMES[2], soon, all_causes, "higher", "causes", 1.0,
            f"{size}; light -5 and -10 %, defocus, dust, noise; by at least one signal"),
        Row(NAMES[3], us_a_part(parts), MOST_US, "lower", "us", 1.0,
            f"{parts} parts 10 s apart, {LENGTH} numbers an embedding; control: a thousandth of a "
            "core at a part a second"),
    ]  # fmt: skip


def us_a_part(parts: int) -> float:
    """Processor time of a part in microseconds, with the ends of its hours and the learning."""
    rng = np.random.default_rng(3)
    rows = rng.normal(0, 1, (256, LENGTH)).astype(np.float32)
    at, looks, watch = (
        Conditions("top", "flange 3", 0, 500.0),
        Looks(120.0, 30.0, 2.0),
        DriftWatch(),
    )
    # of the processor: what else runs on the box is no matter
    start_ns = time.process_time_ns()
    for k in range(parts):
        row = rows[k % len(rows)]
        watch.add(
            JudgedPart(
                1, k, PITCH_S * k, int(PITCH_S * 1e9) * k, at,
                accepted=True, trusted=True, score=float(row[0]), embedding=row, looks=looks,
            )
        )  # fmt: skip
    return (time.process_time_ns() - start_ns) / 1e3 / parts
