"""What each way to CUDA that this box has is worth here: measured side by side, for `gonogo check`.

Without a model: the copies of one frame to the device and back, given as a graph and anew each
time, and what the processor copies beside them where memory cannot be registered.
"""

from __future__ import annotations

import contextlib
import mmap
import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import BackendError, CudaError, MissingExtra
from gonogo.base.shm import page_up
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.cuda.probe import WAYS, open_cuda

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.engines.backends.cuda.contract import Cuda, DeviceFacts

RUNS, WARM_UPS = 50, 5
_ON_CUDA = ("tensorrt",)
_LIMIT_NS = 1000 * NS_PER_MS  # for one frame; a device that takes longer is not measured


class Measured(NamedTuple):
    """Medians of one way, in ms: the frame there and back, and of that what the processor copied.

    `graph_ms`: the same as one launch of a graph; None where there are none.
    """

    anew_ms: float
    graph_ms: float | None
    copied_ms: float
    in_place: bool

    def in_words(self) -> str:
        """What was measured."""
        said = [f"{self.anew_ms:.3f} ms given anew"]
        if self.graph_ms is not None:
            said.append(f"{self.graph_ms:.3f} ms as a graph")
        where = "in place" if self.in_place else f"{self.copied_ms:.3f} ms of it pinned copies"
        return f"{', '.join(said)}; {where}"


def facts_in_words(facts: DeviceFacts) -> str:
    """A device in one line."""
    major, minor = facts.compute_capability
    kind = "integrated" if facts.integrated else "discrete"
    driver = f"{facts.driver // 1000}.{facts.driver % 1000 // 10}"
    size_mb = facts.memory_bytes >> 20
    return f"{facts.name}, compute {major}.{minor}, {kind}, {size_mb} MB, driver for CUDA {driver}"


def ways_of(backend: str, nbytes: int) -> Sequence[str]:
    """What compare_ways says where a backend runs on CUDA; elsewhere nothing is tried."""
    return compare_ways(nbytes) if backend in _ON_CUDA else ()


def compare_ways(nbytes: int, opened: Callable[[str], Cuda] | None = None) -> Sequence[str]:
    """Each way that is here, for frames of so many bytes: what it is, lacks and takes.

    One that is not here, or fails, is one line that says why; none here is another.
    """
    return [line for name in WAYS for line in _one_way(name, nbytes, opened or _opened)]


def _one_way(name: str, nbytes: int, opened: Callable[[str], Cuda]) -> list[str]:
    try:
        with contextlib.closing(opened(name)) as cuda:
            took = measure_way(cuda, nbytes).in_words()
            return [
                f"CUDA by {name}: {facts_in_words(cuda.device)}",
                *(f"  lacks: {each}" for each in cuda.lacks),
                f"  {nbytes} bytes there and back: {took}",
            ]
    except (BackendError, MissingExtra) as error:
        return [f"CUDA by {name}: {error}"]


def _opened(name: str) -> Cuda:
    return open_cuda(name, spin=False)


def measure_way(cuda: Cuda, nbytes: int) -> Measured:
    """A frame to the device and back; CudaError where that takes longer than a second.

    What it makes is closed with the device: only that knows whether a late one is still at work.
    """
    memory = np.frombuffer(mmap.mmap(-1, page_up(nbytes)), np.uint8)[:nbytes]
    shared, buffer = cuda.share(memory), cuda.buffer(nbytes)
    stream, event = cuda.stream(), cuda.event()
    copied_ms: list[float] = []

    def give() -> None:
        stream.upload(buffer, shared)
        stream.download(shared, buffer)

    def once(work: Callable[[], None]) -> float:
        start_ns = time.perf_counter_ns()
        shared.to_device()
        given_ns = time.perf_counter_ns()
        work()
        event.record(stream)
        if not event.wait(time.monotonic_ns() + _LIMIT_NS):
            raise CudaError(f"{nbytes} bytes there and back: expected at most 1000 ms")
        done_ns = time.perf_counter_ns()
        shared.to_host()
        end_ns = time.perf_counter_ns()
        copied_ms.append((end_ns - done_ns + given_ns - start_ns) / NS_PER_MS)
        return (end_ns - start_ns) / NS_PER_MS

    anew_ms, graph_ms = _median(once, give), None
    if cuda.graphs:
        stream.begin_capture()
        give()
        graph = stream.end_capture()
        graph_ms = _median(once, lambda: graph.launch(stream))
    return Measured(anew_ms, graph_ms, statistics.median(copied_ms), shared.in_place)


def _median(once: Callable[[Callable[[], None]], float], work: Callable[[], None]) -> float:
    for _ in range(WARM_UPS):
        once(work)
    return statistics.median(once(work) for _ in range(RUNS))
