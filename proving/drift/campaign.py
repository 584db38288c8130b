"""Twenty seeds side by side, and what they show together."""

from __future__ import annotations

import math
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.proving.drift.simulate import Order, simulate
from gonogo.proving.drift.world import DAY_H, Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.proving.drift.simulate import Delay, Seed
    from gonogo.records.drift.part import Signal

SEEDS, FIRST = 20, 101  # limits were chosen on other seeds: docs/drift.md
MONTH_H = 30 * DAY_H
SURE = 0.95
_NORMAL = 1.645  # one-sided 95 %


class Rate(NamedTuple):
    """False alarms in thirty days: the mean, and its upper 95 % bound."""

    mean: float
    upper: float


def simulate_all(seeds: int = SEEDS, order: Order | None = None) -> list[Seed]:
    """Seeds FIRST and up, on at most two cores; each is the same whatever runs beside it."""
    wanted = range(FIRST, FIRST + seeds)
    workers = min(2, os.cpu_count() or 1, seeds)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        return list(pool.map(partial(simulate, order=order or Order()), wanted))


def false_alarms(seeds: Sequence[Seed]) -> Rate:
    """Of all charts together: an alarm of two of them counts twice."""
    return rate([sum(seed.false.values()) for seed in seeds], seeds)


def rate(counts: Sequence[int], seeds: Sequence[Seed]) -> Rate:
    """Of so many in each seed. The bound: the larger of Poisson's and of the spread of seeds.

    A reference that was drawn badly cries wolf for the whole month: such alarms are no Poisson
    process, and their spread from seed to seed says so.
    """
    months = sum(seed.hours for seed in seeds) / MONTH_H
    total = sum(counts)
    own = float(np.std(counts, ddof=1)) if len(counts) > 1 else 0.0
    spread = own * _NORMAL * float(np.sqrt(len(counts)))
    return Rate(total / months, max(poisson_upper(total), total + spread) / months)


def poisson_upper(count: int) -> float:
    """The mean of which so few or fewer come in 5 % of cases (Garwood, Biometrika 28, 1936)."""
    low, high = float(count), count + 10 + 5 * float(np.sqrt(count))
    for _ in range(60):
        middle = (low + high) / 2
        below = sum(
            math.exp(k * math.log(middle) - middle - math.lgamma(k + 1)) if middle else 1.0
            for k in range(count + 1)
        )
        low, high = (middle, high) if below > 1 - SURE else (low, middle)
    return high


def by_signal(seeds: Sequence[Seed]) -> dict[Signal, int]:
    """False alarms of each chart, over all seeds."""
    found: dict[Signal, int] = {}
    for seed in seeds:
        for signal, count in seed.false.items():
            found[signal] = found.get(signal, 0) + count
    return found


def delays(seeds: Sequence[Seed], cause: Cause) -> list[Delay]:
    """Of one cause, a delay a seed."""
    return [seed.delays[cause] for seed in seeds]


def within(found: Sequence[Delay], hours: int) -> int:
    """In how many seeds some signal was there by then."""
    return sum(each.hours is not None and each.hours <= hours for each in found)
