"""What a look for dead pixels and dust costs: a frame of 2 MP in colour, in the optics process."""

from __future__ import annotations

import time

import cv2
import numpy as np

from gonogo.proving.bench.image_trust import GEOMETRY, part_picture
from gonogo.proving.bench.rows import Row
from gonogo.rules.image_trust.dust import CALM, LEAST, Clean, cells_of
from gonogo.rules.image_trust.optics import PARTS, OpticsWatch
from gonogo.rules.image_trust.optics_learnt import Optics
from gonogo.rules.image_trust.stuck import Usual, tiles_of

NAMES = ("optics_look_p50", "optics_round_end")
MOST_MS = 100.0  # a tenth of a core, with a look a second
MOST_END_MS = 1000.0  # once in 64 looks: the time that they have between two of them
FRAMES = 8  # more memory than the caches near a core hold


def measure(parts: int = 2 * PARTS) -> list[Row]:
    """A look, and the one that ends a round; of one thread, as in the process."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        looks_ms = _looks_ms(parts)
    finally:
        cv2.setNumThreads(threads)
    size = f"{GEOMETRY.width_px}x{GEOMETRY.height_px} colour, {parts} looks, one thread"
    ends = looks_ms[PARTS - 1 :: PARTS]
    return [
        Row(NAMES[0], float(np.median(looks_ms)), MOST_MS, "lower", "ms", 1.0,
            f"{size}; dead pixels and dust; control: a tenth of a core at a look a second"),
        Row(NAMES[1], float(max(ends)), MOST_END_MS, "lower", "ms", 1.0,
            f"{size}; the slowest look that ends a round; control: a look a second"),
    ]  # fmt: skip


def learnt() -> Optics:
    """Of a view without any feature that stands still."""
    cells = np.zeros(cells_of(GEOMETRY), np.float32)
    bits = np.zeros((GEOMETRY.height_px, -(-GEOMETRY.width_px // 8)), np.uint8)
    usual = Usual(bits, np.full(tiles_of(GEOMETRY), 255, np.uint8))
    return Optics(usual, Clean(cells, cells + np.float32(LEAST), cells + np.float32(2 * CALM)))


def _looks_ms(parts: int) -> list[float]:
    rng = np.random.default_rng(5)
    frames = [part_picture(rng) for _ in range(FRAMES)]
    watch, spans_ms = OpticsWatch(GEOMETRY, learnt()), list[float]()
    for number in range(parts):
        start_ns = time.monotonic_ns()
        care = watch.add(frames[number % FRAMES])
        spans_ms.append((time.monotonic_ns() - start_ns) / 1e6)
        assert care is None, care
    return spans_ms
