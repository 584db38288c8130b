"""backend = "auto": which backend is the faster one for this model on this very box.

INT8 is not faster everywhere, nor is one runtime: it depends on the model and the
processor, so it is measured, for a second, before the engine serves.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError, MissingExtra, ModelError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import Outputs
from gonogo.engines.backends.catalogue import BACKENDS, cpu_backends, open_backend
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend

AUTO = "auto"  # in the station file: whichever is measured faster
WARM_UPS = 4  # runs that are not counted: the first ones take longer
RUNS = 20
_SEED = 20


class Choice(NamedTuple):
    """The faster backend, and the median of each (frame to score, ms) that was measured."""

    name: str
    medians_ms: dict[str, float]


class ModelFiles(NamedTuple):
    """One engine as files: `model` is what messages name, `proven` the backends it may run in.

    `files`: what each of them opens, by its name, or why it has nothing to open here.
    """

    model: Path
    proven: Sequence[str]
    files: Mapping[str, Path | GonogoError]

    def file_of(self, backend: str) -> Path:
        """What this backend opens; MissingExtra, ModelError where it has nothing to open."""
        found = self.files[backend]
        if isinstance(found, GonogoError):
            raise found
        return found


def choose_backend(engine: ModelFiles, geometry: FrameShape, threads: int) -> Choice:
    """Measure every backend that is installed and that the engine was proven with.

    Runs alternate, so that a busy box slows all alike. ModelError when none can run it.
    """
    backends = _open_all(engine, geometry, threads)
    try:
        return _fastest(measure(backends, geometry))
    finally:
        # also the one that was chosen: it is opened again where it serves, with its own slots
        for backend in backends.values():
            backend.close()


def settle_backend(wanted: str, engine: ModelFiles, geometry: FrameShape, threads: int) -> Choice:
    """The backend that the station file wants, or the faster one for "auto".

    ModelError for one in which this INT8 file was not proven to rank parts as its FP32 form.
    """
    if wanted == AUTO:
        return choose_backend(engine, geometry, threads)
    if wanted not in engine.proven:
        raise ModelError(
            f"{engine.model}: backend '{wanted}': expected one in which it was proven "
            f'({", ".join(engine.proven)}); choose that, or "auto"'
        )
    return Choice(wanted, {})


def proven_among(proven: Sequence[str]) -> Sequence[str]:
    """The backends of these that there are; none named: those that open the form for CPUs."""
    # in the catalogue's order, whatever that of the card: of two that are equal ours goes first
    return [name for name in BACKENDS if name in (proven or cpu_backends())]


def measure(
    backends: dict[str, Backend], geometry: FrameShape, runs: int = RUNS
) -> dict[str, float]:
    """Median milliseconds from frame to score of each backend, taken in turns on a noise frame."""
    pixels = np.random.default_rng(_SEED).integers(0, 256, geometry.shape, np.uint8)
    for backend in backends.values():
        backend.bind(0, pixels, result_arrays())
        for _ in range(WARM_UPS):
            backend.run(0)
    taken: dict[str, list[float]] = {name: [] for name in backends}
    # in turns: what else the box does in that second slows all alike
    for _ in range(runs):
        for name, backend in backends.items():
            start_ns = time.perf_counter_ns()
            backend.run(0)
            taken[name].append((time.perf_counter_ns() - start_ns) / NS_PER_MS)
    # the median: one interruption does not decide
    return {name: statistics.median(times_ms) for name, times_ms in taken.items()}


def result_arrays() -> Outputs:
    """Outputs as large as a result area, in ordinary memory."""
    score, reals = np.zeros(1), np.zeros(MAP_MAX + EMBED_MAX, np.float32)
    return Outputs(score, reals[:MAP_MAX], reals[MAP_MAX:])


def _open_all(engine: ModelFiles, geometry: FrameShape, threads: int) -> dict[str, Backend]:
    refused: list[str] = []  # told only where none is left
    tried = {name: _open(name, engine, geometry, threads, refused) for name in engine.proven}
    opened = {name: backend for name, backend in tried.items() if backend is not None}
    if not opened:
        raise ModelError(f"{engine.model}: no backend can run it: {'; '.join(refused)}")
    return opened


def _open(
    name: str, engine: ModelFiles, geometry: FrameShape, threads: int, refused: list[str]
) -> Backend | None:
    try:
        return open_backend(name, engine.file_of(name), geometry, threads)
    except (MissingExtra, ModelError) as error:  # another one may do
        refused.append(str(error))
        return None


def _fastest(medians_ms: dict[str, float]) -> Choice:
    return Choice(min(medians_ms, key=medians_ms.__getitem__), medians_ms)
