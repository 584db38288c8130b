"""What it takes to bring a frame from where the camera put it into its slot."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.words import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def taken_ms(
    convert: Callable[[NDArray[np.uint8], NDArray[np.uint8]], object],
    raw_bytes: int,
    shape: tuple[int, ...],
) -> float:
    """Of a frame of that many bytes into a slot of that shape, on this box, ms."""
    raw, out = np.zeros(raw_bytes, np.uint8), np.zeros(shape, np.uint8)
    convert(raw, out)  # the first time is that of a cold start
    began_ns = time.perf_counter_ns()
    convert(raw, out)
    return (time.perf_counter_ns() - began_ns) / NS_PER_MS
