"""Whether the device uses the host's memory in place, or copies of it: measured at load.

On Jetson both share one memory, and the device reads pinned memory without its cache: an engine
whose first layer reads its input again and again may be faster from a copy.
Source: CUDA for Tegra, "Memory Selection".
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

import numpy as np

from gonogo.base.errors import EngineTimeout
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends import progress
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.preprocess import Preprocesses
from gonogo.engines.backends.tensorrt.bound_slot import BoundSlot, Job
from gonogo.engines.backends.tensorrt.in_flight import in_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.tensorrt.bound_slot import Device

    ZeroCopy = Literal["auto", "always", "never"]

WARM_UPS, RUNS = 3, 15


def in_place_is_faster(
    device: Device,
    contract: Contract,
    wanted: ZeroCopy,
    clock_ns: Callable[[], int] = time.perf_counter_ns,
) -> bool:
    """What is wanted, or for "auto" what is measured; it is said."""
    if wanted != "auto":
        return wanted == "always"
    if not device.cuda.device.can_register:
        progress.say("the device cannot use memory of ours: frames and results are copied")
        return False
    with ExitStack() as stack:
        both: dict[bool, BoundSlot] = {}
        for way in (True, False):
            both[way] = _slot(device, contract, in_place=way)
            stack.callback(both[way].close)
        if not both[True].in_place:
            progress.say("the driver keeps copies of our memory: frames and results are copied")
            return False
        medians_ms = _measured(device, both, clock_ns)
    faster = medians_ms[True] <= medians_ms[False]
    progress.say(
        f"{'in place' if faster else 'by copies'}: in place {medians_ms[True]:.3f} ms, "
        f"by copies {medians_ms[False]:.3f} ms"
    )
    return faster


def _slot(device: Device, contract: Contract, *, in_place: bool) -> BoundSlot:
    channels, height_px, width_px = contract.image.shape[1:]
    size = (height_px, width_px) if channels == 1 else (height_px, width_px, channels)
    job = Job(contract, Preprocesses(contract), np.zeros(size, np.uint8), result_arrays())
    return BoundSlot(device, job, in_place=in_place)


def _measured(
    device: Device, both: Mapping[bool, BoundSlot], clock_ns: Callable[[], int]
) -> dict[bool, float]:
    """Median milliseconds of each, from a frame that is there to a score; taken in turns."""
    taken: dict[bool, list[float]] = {way: [] for way in both}
    for k in range(WARM_UPS + RUNS):
        for way, bound in both.items():
            start_ns = clock_ns()
            _run(device, bound)
            took_ms = (clock_ns() - start_ns) / NS_PER_MS
            if k >= WARM_UPS:
                taken[way].append(took_ms)
    return {way: statistics.median(times_ms) for way, times_ms in taken.items()}


def _run(device: Device, bound: BoundSlot) -> None:
    bound.fill()
    device.work.give(bound.launch)
    if not device.work.ended(in_s(device.first_s)):
        raise EngineTimeout(f"TensorRT: an inference took longer than {device.first_s:g} s")
    bound.finish()
