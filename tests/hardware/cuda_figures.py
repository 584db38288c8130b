"""The steps of the CUDA layer that measure: ratios of what is taken side by side in one run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gonogo.base.shm import PAGE
from gonogo.tests.hardware.bench import LONG_NS, frame, measured, quantiles, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.tests.hardware.bench import Bench

_BUSY_BYTES = 64 << 20  # of each kernel that keeps the device busy
_BUSY_KERNELS = 50


def priority(bench: Bench) -> Sequence[str]:
    """How long a small kernel of ours takes while another stream keeps the device busy."""
    cuda = bench.cuda
    api: Any = cast("Any", cuda).way.work._call  # another priority is not in the contract
    shared, stream, event = cuda.share(frame(2 * PAGE)), cuda.stream(), cuda.event()
    big = cuda.buffer(nbytes := _BUSY_BYTES >> 8 if bench.quick else _BUSY_BYTES)
    low = api("cuStreamCreateWithPriority", 1, 0)
    other: Any = SimpleNamespace(token=low, handle=int(low))
    times = bench.times(1000)
    alone = [_small(bench, stream, event, shared.pointer) for _ in range(times)]
    busy = np.empty(times // 10)
    for number in range(len(busy)):
        for _ in range(_BUSY_KERNELS):
            bench.rig.add_one(other, big.pointer, big.pointer, nbytes)
        busy[number] = _small(bench, stream, event, shared.pointer)
        settle(other, event)
    api("cuStreamDestroy", low)
    for each in (big, event, stream, shared):
        each.close()
    return [
        quantiles("alone", np.array(alone)),
        quantiles(f"behind {_BUSY_KERNELS} of lower priority", busy),
    ]


def _small(bench: Bench, stream: Any, event: Any, pointer: int) -> float:  # noqa: ANN401
    start_ns = time.perf_counter_ns()
    bench.rig.add_one(stream, pointer, pointer + PAGE, PAGE)
    event.record(stream)
    assert event.wait(time.monotonic_ns() + LONG_NS)
    return (time.perf_counter_ns() - start_ns) / 1e6


def no_growth(bench: Bench) -> Sequence[str]:
    """Memory of this process and descriptors, after the first tenth and at the end."""
    cuda = bench.cuda
    cycles = bench.times(10_000)
    shared, stream, event = cuda.share(frame()), cuda.stream(), cuda.event()
    buffer = cuda.buffer(shared_bytes := frame().nbytes)
    before = (0, 0)
    for cycle in range(cycles):
        if cycle == cycles // 10:
            before = _resident_bytes(), _descriptors()
        shared.to_device()
        stream.upload(buffer, shared)
        bench.rig.add_one(stream, buffer.pointer, buffer.pointer, shared_bytes)
        stream.download(shared, buffer)
        settle(stream, event)
        shared.to_host()
    after = _resident_bytes(), _descriptors()
    for each in (buffer, event, stream, shared):
        each.close()
    grown = after[0] - before[0]
    assert after[1] <= before[1], f"descriptors: {before[1]} before, {after[1]} after"
    assert grown < 1 << 20, f"this process grew by {grown} bytes"
    return [f"{cycles} cycles: {grown} bytes, {after[1] - before[1]} descriptors more"]


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count


def in_place_against_copies(bench: Bench) -> Sequence[str]:
    """A frame to a kernel and its result back: in place, and through memory of the device."""
    cuda = bench.cuda
    memory, result = frame(), frame()
    there, back = cuda.share(memory), cuda.share(result)
    first, second = cuda.buffer(memory.nbytes), cuda.buffer(memory.nbytes)
    stream, event = cuda.stream(), cuda.event()

    def in_place() -> None:
        there.to_device()
        bench.rig.add_one(stream, there.pointer, back.pointer, memory.nbytes)
        settle(stream, event)
        back.to_host()

    def copied() -> None:
        there.to_device()
        stream.upload(first, there)
        bench.rig.add_one(stream, first.pointer, second.pointer, memory.nbytes)
        stream.download(back, second)
        settle(stream, event)
        back.to_host()

    times = bench.times(2000)
    took = {
        name: measured(times, once) for name, once in (("in place", in_place), ("copied", copied))
    }
    for each in (event, stream, second, first, back, there):
        each.close()
    ratio = float(np.median(took["in place"]) / np.median(took["copied"]))
    where = "registered" if there.in_place else "no registered memory: pinned copies"
    return [*(quantiles(*each) for each in took.items()), f"ratio {ratio:.2f} ({where})"]


def launch_to_event(bench: Bench) -> Sequence[str]:
    """A kernel of one page, given as a graph and as a launch."""
    cuda = bench.cuda
    shared, stream, event = cuda.share(frame(2 * PAGE)), cuda.stream(), cuda.event()
    stream.begin_capture()
    bench.rig.add_one(stream, shared.pointer, shared.pointer + PAGE, PAGE)
    captured = stream.end_capture()

    def by_graph() -> None:
        captured.launch(stream)
        settle(stream, event)

    def by_launch() -> None:
        bench.rig.add_one(stream, shared.pointer, shared.pointer + PAGE, PAGE)
        settle(stream, event)

    times = bench.times(10_000)
    took = {"graph": measured(times, by_graph), "launch": measured(times, by_launch)}
    for each in (captured, event, stream, shared):
        each.close()
    jitter = {name: float(np.quantile(ms, 0.999) - np.median(ms)) for name, ms in took.items()}
    return [
        *(quantiles(*each) for each in took.items()),
        *(f"{name}: p99.9 - p50 {ms:.3f} ms" for name, ms in jitter.items()),
    ]
