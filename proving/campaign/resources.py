"""What the processes of a station hold while it runs: memory of their own, descriptors."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.watchdog.growth import BYTES_PER_MB, own_bytes
from gonogo.watchdog.rowstate import RowState

if TYPE_CHECKING:
    from gonogo.launch.running_station import RunningStation

SETTLE_S = 20.0  # of each process: its buffers and caches are filled first
S_PER_H = 3600.0
ENOUGH = 10  # samples for a slope


class Sample(NamedTuple):
    """One look at one process."""

    name: str
    pid: int
    at_s: float
    own_mb: float
    descriptors: int


class Resources:
    """Samples of the supervisor and of every working row, once each has lived for `settle_s`."""

    def __init__(self, settle_s: float = SETTLE_S) -> None:
        self._settle_s = settle_s
        self._samples: list[Sample] = []
        self._born_s: dict[int, float] = {}

    def sample(self, running: RunningStation) -> None:
        """Take one sample of each process that has settled."""
        now_s = time.monotonic()
        # it is no row of its own table
        pids = {"supervisor": running.supervisor.pid}
        for name, numbers in running.rows.items():
            beats = (running.beats.rows[k] for k in numbers)
            # of a line and its spare the one that works
            pids[name] = next((beat.pid for beat in beats if beat.state == RowState.UP), 0)
        for name, pid in pids.items():
            # seen first, which is later than born: good enough, as it only has to settle
            born_s = self._born_s.setdefault(pid, now_s)
            if pid and now_s - born_s > self._settle_s:
                self._take(name, pid, now_s)

    def _take(self, name: str, pid: int, now_s: float) -> None:
        try:
            # one that has just ended has none
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names only
        except OSError:
            return
        own_mb = own_bytes(pid) / BYTES_PER_MB
        # 0: it ended between these two lines
        if own_mb:
            self._samples.append(Sample(name, pid, now_s, own_mb, descriptors))

    def as_json(self) -> list[dict[str, Any]]:
        """One entry a process: memory slope with its standard error, descriptors."""
        names = list(dict.fromkeys(sample.name for sample in self._samples))
        return [self._of([s for s in self._samples if s.name == name]) for name in names]

    def _of(self, samples: list[Sample]) -> dict[str, Any]:
        slope, error = slope_mb_h(samples)
        counts = [sample.descriptors for sample in samples]
        return {
            "process": samples[0].name,
            "samples": len(samples),
            "lives": len({sample.pid for sample in samples}),
            "own_mb": own_mb(samples),
            "own_mb_first": round(samples[0].own_mb, 2),
            "own_mb_last": round(samples[-1].own_mb, 2),
            "slope_mb_h": slope,
            "slope_error_mb_h": error,
            "descriptors_min": min(counts),
            "descriptors_max": max(counts),
        }


def own_mb(samples: list[Sample]) -> list[list[list[float]]]:
    """What was seen when it changed, life by life: seconds since the first look, and MB."""
    lives: dict[int, list[list[float]]] = {}
    for sample in samples:
        life = lives.setdefault(sample.pid, [])
        if not life or life[-1][1] != round(sample.own_mb, 3):
            life.append([round(sample.at_s - samples[0].at_s, 1), round(sample.own_mb, 3)])
    return list(lives.values())


def slope_mb_h(samples: list[Sample]) -> tuple[float | None, float | None]:
    """Growth in MB an hour and its standard error, each life with a level of its own.

    Of each life the later half: caches and buffers fill for a while, and a leak never ends.
    """
    lives: dict[int, list[Sample]] = {}
    for sample in samples:
        lives.setdefault(sample.pid, []).append(sample)
    times, levels, freedom = [], [], -1  # and the common slope one more
    # a process that was started anew has another level: a slope over both would be of the step
    for whole in lives.values():
        life = whole[len(whole) // 2 :]
        at_h = np.array([sample.at_s for sample in life]) / S_PER_H
        own = np.array([sample.own_mb for sample in life])
        times.append(at_h - at_h.mean())
        levels.append(own - own.mean())
        # each life costs one: its own level
        freedom += len(life) - 1
    x, y = np.concatenate(times), np.concatenate(levels)
    spread = float(x @ x)
    # too few to tell a slope from noise
    if freedom < ENOUGH or spread == 0:
        return None, None
    slope = float(x @ y) / spread
    # as of any straight line fitted by least squares
    error = float(np.sqrt(np.sum((y - slope * x) ** 2) / freedom / spread))
    return round(slope, 3), round(error, 3)
