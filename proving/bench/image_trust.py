"""What image trust costs a part: every check of a 2 MP colour frame, in the line's own way."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Part
from gonogo.ipc.frame_ring import FrameRing
from gonogo.proving.bench.image_reference import reference
from gonogo.proving.bench.rows import Row
from gonogo.rules.image_trust.learnt_file import Trusted
from gonogo.rules.image_trust.limits import Noise, draw, reference_of
from gonogo.rules.image_trust.sample import Sampler
from gonogo.runtime.frame_trust import LEAD_NS, FrameTrust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

MOST_MS = 1.5  # of all checks, p50
GEOMETRY = FrameShape(1080, 1920, 3)
SLOTS, EDGE_LEVELS, NOISE = 8, 20, 2.0  # slots: more memory than the caches near a core hold
TIMES, SLOW_TIMES = 200, 5
NAMES = ("image_trust_p50", "image_trust_over_reference_p50")


def measure(times: int = TIMES, slow_times: int = SLOW_TIMES) -> list[Row]:
    """The checks against their bound, and against the same from all pixels in numpy."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # as the line does
    try:
        with _filled_ring() as ring:
            fast_ms, slow_ms = _times_ms(ring, times, slow_times)
    finally:
        cv2.setNumThreads(threads)
    size = f"{GEOMETRY.width_px}x{GEOMETRY.height_px} colour, {times} frames in {SLOTS} slots"
    bound = f"{size}; all checks of a live view, one thread; control: the bound"
    slow = f"{size}; control: the same measures from all pixels in numpy, {slow_times} times"
    return [
        Row(NAMES[0], fast_ms, MOST_MS, "lower", "ms", 1.0, bound),
        Row(NAMES[1], fast_ms, slow_ms, "lower", "ms", 0.1, slow),
    ]


def part_picture(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A plate with holes and noise, uint8 of GEOMETRY."""
    frame = np.full(GEOMETRY.shape, 50, np.uint8)
    cv2.rectangle(frame, (300, 200), (1600, 900), (150, 170, 160), cv2.FILLED)
    for x in range(450, 1600, 230):
        cv2.circle(frame, (x, 540), 60, (40, 45, 50), cv2.FILLED, cv2.LINE_AA)
    noise = rng.normal(0, NOISE, GEOMETRY.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


@contextmanager
def _filled_ring() -> Iterator[FrameRing]:
    rng = np.random.default_rng(5)
    ring = FrameRing.create(f"trust-bench-{os.getpid()}", 0, GEOMETRY, SLOTS)
    try:
        for slot in ring.slots:
            slot.pixels[...] = part_picture(rng)
        yield ring
    finally:
        ring.segment.unlink()


def _times_ms(ring: FrameRing, times: int, slow_times: int) -> tuple[float, float]:
    slots = ring.slots
    trust = FrameTrust(ring, LEAD_NS, 0, live=True, learnt=learnt_from(ring))
    part = Part(1, 1, 0, 0, 0, 0)

    def check(number: int) -> None:
        found = trust.of_pixels(part, slots[number % SLOTS])
        # from the second round on each slot holds what it held before: that is a finding, too
        assert number >= SLOTS or found is None, found

    def slowly(number: int) -> None:
        frame, former = slots[number % SLOTS].pixels, slots[number % SLOTS - 1].pixels
        reference(frame, former, EDGE_LEVELS)

    return _median_ms(check, times), _median_ms(slowly, slow_times)


def learnt_from(ring: FrameRing) -> Trusted:
    """What the frames in a ring have in common, with every check there is."""
    sampler = Sampler(ring.geometry, EDGE_LEVELS)
    samples = [sampler.take(slot.pixels).kept() for slot in ring.slots]
    common = reference_of(samples, EDGE_LEVELS)
    values = [common.values(each) for each in samples]
    return Trusted(
        common, draw(values, Noise(NOISE, NOISE)), float(np.mean([each.light for each in values]))
    )


def _median_ms(work: Callable[[int], None], times: int) -> float:
    spans_ns = []
    for number in range(times):
        start_ns = time.monotonic_ns()
        work(number)
        spans_ns.append(time.monotonic_ns() - start_ns)
    return float(np.median(spans_ns)) / 1e6
