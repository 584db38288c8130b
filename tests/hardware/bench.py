"""What the steps share: the device in use, how often to measure, and quantiles."""

from __future__ import annotations

import mmap
import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.shm import page_up
from gonogo.base.words import NS_PER_MS
from gonogo.tests.hardware.real_rig import RealRig, why_not
from gonogo.tests.hardware.report import MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.engines.backends.cuda.contract import Cuda, Event, Stream

WAY = "real cuda-bindings"
LONG_NS = 10_000 * NS_PER_MS
BUDGET_MS = 50.0  # of an inference, a quarter of a part's 200 ms
FRAME_BYTES = 1280 * 1024  # a frame of a common camera, grey


class Bench:
    """The first device by cuda-bindings, opened by the first step that needs it."""

    def __init__(self, *, quick: bool = False, budget_ms: float = BUDGET_MS) -> None:
        self.quick, self.budget_ms = quick, budget_ms
        self.rig = RealRig(WAY)
        self._cuda: Cuda | None = None

    def close(self) -> None:
        """The device, where it was opened."""
        if self._cuda is not None:
            self._cuda.close()

    @property
    def cuda(self) -> Cuda:
        """In use; MissingError where there is none."""
        if self._cuda is None:
            if missing := why_not(WAY):
                raise MissingError(missing)
            self._cuda = self.rig.open()
        return self._cuda

    def times(self, count: int) -> int:
        """How often, or a hundredth of it."""
        return max(count // 100, 10) if self.quick else count


def frame(nbytes: int = FRAME_BYTES) -> NDArray[np.uint8]:
    """Whole pages, noise in them."""
    memory = np.frombuffer(mmap.mmap(-1, page_up(nbytes)), np.uint8)[:nbytes]
    memory[:] = np.random.default_rng(1).integers(0, 256, nbytes, np.uint8)
    return memory


def settle(stream: Stream, event: Event) -> None:
    """Until all that the stream was given is done."""
    event.record(stream)
    assert event.wait(time.monotonic_ns() + LONG_NS), "the device did not answer within 10 s"


def measured(times: int, once: Callable[[], None], warm_ups: int = 20) -> NDArray[np.float64]:
    """Milliseconds of each of so many runs."""
    for _ in range(warm_ups):
        once()
    took_ms = np.empty(times)
    for number in range(times):
        start_ns = time.perf_counter_ns()
        once()
        took_ms[number] = (time.perf_counter_ns() - start_ns) / NS_PER_MS
    return took_ms


def quantiles(name: str, took_ms: NDArray[np.float64]) -> str:
    """p50, p99, p99.9 and the longest."""
    p50, p99, p999 = np.quantile(took_ms, [0.5, 0.99, 0.999])
    return (
        f"{name:34} p50 {p50:.3f}  p99 {p99:.3f}  p99.9 {p999:.3f}  max {took_ms.max():.3f} ms "
        f"of {len(took_ms)}"
    )
