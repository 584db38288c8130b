"""The steps of the Hailo backend, with the HEF that GONOGO_HEF names.

There is none that fits every box: `gonogo build --target hailo8` makes one of an engine.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import HailoMissing
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import health_of, prefer
from gonogo.engines.backends.hailo.backend import HailoBackend
from gonogo.engines.backends.hailo.device import Chip
from gonogo.engines.serving.bounds import resident_kb
from gonogo.testing.backends import bound, noise
from gonogo.tests.hardware.bench import measured, quantiles
from gonogo.tests.hardware.report import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.tests.hardware.bench import Bench

VARIABLE = "GONOGO_HEF"
FRAME = FrameShape(480, 640, 3)
PARTS, RUNS = 1000, 10_000
GROWTH_KB = 2000


def chip_present(_bench: Bench) -> Sequence[str]:
    """HailoRT, its version, and a chip that this process may have."""
    chip = _chip()
    try:
        return [f"HailoRT {getattr(chip.runtime, '__version__', 'of an unknown version')}"]
    finally:
        chip.release()


def chip_fares(_bench: Bench) -> Sequence[str]:
    """Temperature, throttling, power: what board health is told."""
    chip = _chip()
    try:
        said = chip.health()
        assert said is not None
        assert said.temperature_c is not None, "the chip does not say its temperature"
        return [f"{said.temperature_c:.1f} degC, throttled {said.throttled}, {said.power_w} W"]
    finally:
        chip.release()


def hef_loads(_bench: Bench) -> Sequence[str]:
    """What it takes and gives; the same score twice for the same frame."""
    with loaded() as backend:
        outputs = bound(backend, noise(1, FRAME))
        scores = []
        for _ in range(2):
            backend.run(0)
            scores.append(float(outputs.score[0]))
        assert np.isfinite(scores).all(), f"scores {scores}"
        assert scores[0] == scores[1], f"the same frame scores {scores}"
        return [f"{backend.shapes}, score of a frame of noise {scores[0]:g}"]


def parts_in_time(bench: Bench) -> Sequence[str]:
    """A thousand, each with its deadline; p99 within the budget."""
    with loaded() as backend:
        bound(backend, noise(1, FRAME))
        took_ms = measured(bench.times(PARTS), partial(_part, backend, bench.budget_ms))
        line = quantiles(f"{len(took_ms)} parts", took_ms)
        assert np.percentile(took_ms, 99) < bench.budget_ms, line
        return [line]


def loads_beside(bench: Bench) -> Sequence[str]:
    """A second engine on the same chip: what parts take while it is loaded, warmed and let go."""
    with loaded() as backend:
        bound(backend, noise(1, FRAME))
        prefer(backend, judges=True)
        alone_ms = measured(bench.times(PARTS), partial(_part, backend, bench.budget_ms))
        done = threading.Event()
        other = threading.Thread(target=_reload, args=(done,))
        other.start()
        beside_ms: list[float] = []
        while not done.is_set() or len(beside_ms) < 10:
            beside_ms += list(measured(1, partial(_part, backend, bench.budget_ms), warm_ups=0))
        other.join()
    return [quantiles("alone", alone_ms), quantiles("beside a load", np.array(beside_ms))]


def no_growth(bench: Bench) -> Sequence[str]:
    """Ten thousand runs."""
    with loaded() as backend:
        bound(backend, noise(1, FRAME))
        runs = bench.times(RUNS)
        measured(runs // 2, partial(_part, backend, bench.budget_ms))
        before_kb = resident_kb()
        measured(runs, partial(_part, backend, bench.budget_ms), warm_ups=0)
        grown_kb = resident_kb() - before_kb
        health = health_of(backend)
    assert grown_kb < GROWTH_KB, f"{grown_kb} kB in {runs} runs"
    return [f"{grown_kb} kB in {runs} runs; afterwards {health}"]


@contextmanager
def loaded() -> Iterator[HailoBackend]:
    """The HEF on the chip; MissingError where there is neither."""
    _chip().release()  # first: without one the HEF does not matter
    name = os.environ.get(VARIABLE, "")
    if not name:
        raise MissingError(f"no HEF: {VARIABLE}=FILE (`gonogo build --target hailo8` makes one)")
    backend = HailoBackend(Path(name), FRAME, 1)
    try:
        yield backend
    finally:
        backend.close()


def _chip() -> Chip:
    try:
        return Chip.take()
    except HailoMissing as error:
        raise MissingError(str(error)) from error


def _reload(done: threading.Event) -> None:
    """As a place that does not judge does it."""
    try:
        with loaded() as backend:
            bound(backend, noise(2, FRAME))
            for _ in range(20):
                backend.run(0)
    finally:
        done.set()


def _part(backend: HailoBackend, budget_ms: float) -> None:
    backend.run_until(0, time.monotonic_ns() + round(budget_ms * NS_PER_MS))
