"""How fast backends are on this very box, in turns; and the files that each of them opens.

INT8 is not faster everywhere, nor is one runtime: it depends on the model and the
processor, so it is measured. Who is chosen by it: gonogo.engines.backends.settle.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import GonogoError
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.backend import Outputs
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend

WARM_UPS = 4  # runs that are not counted: the first ones take longer
RUNS = 20
RUNS_MIN, ENOUGH_S = 7, 0.4  # of slow ones fewer runs tell as much
_SEED = 20


def _as_it_is(_name: str, _backend: Backend) -> None:
    """Of an engine without frames by which it could be proven."""


class ModelFiles(NamedTuple):
    """One engine as files: `model` is what messages name, `proven` the backends it may run in.

    `files`: what each of them opens, by its name, or why it has nothing to open here. `prove`:
    BackendError where a backend does not score the engine's own frames as it should.
    """

    model: Path
    proven: Sequence[str]
    files: Mapping[str, Path | GonogoError]
    prove: Callable[[str, Backend], object] = _as_it_is

    def file_of(self, backend: str) -> Path:
        """What this backend opens; MissingExtra, ModelError where it has nothing to open."""
        found = self.files[backend]
        if isinstance(found, GonogoError):
            raise found
        return found


def measure(
    backends: dict[str, Backend], geometry: FrameShape, runs: int = RUNS
) -> dict[str, float]:
    """Median milliseconds from frame to score of each backend, taken in turns on a noise frame.

    By `runs` of each, or by RUNS_MIN where these take longer than ENOUGH_S.
    """
    pixels = noise(geometry)
    for backend in backends.values():
        backend.bind(0, pixels, result_arrays())
        for _ in range(WARM_UPS):
            backend.run(0)
    taken: dict[str, list[float]] = {name: [] for name in backends}
    # in turns: what else the box does in that second slows all alike
    end_s = time.monotonic() + ENOUGH_S
    for done in range(runs):
        if done >= RUNS_MIN and time.monotonic() > end_s:
            break
        for name, backend in backends.items():
            start_ns = time.perf_counter_ns()
            backend.run(0)
            taken[name].append((time.perf_counter_ns() - start_ns) / NS_PER_MS)
    # the median: one interruption does not decide
    return {name: statistics.median(times_ms) for name, times_ms in taken.items()}


def noise(geometry: FrameShape) -> NDArray[np.uint8]:
    """A frame to measure by, uint8 of `geometry.shape`: the same for all, and nothing simple."""
    return np.random.default_rng(_SEED).integers(0, 256, geometry.shape, np.uint8)


def result_arrays() -> Outputs:
    """Outputs as large as a result area, in ordinary memory."""
    score, reals = np.zeros(1), np.zeros(MAP_MAX + EMBED_MAX, np.float32)
    return Outputs(score, reals[:MAP_MAX], reals[MAP_MAX:])
