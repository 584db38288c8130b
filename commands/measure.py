"""What `gonogo check` and `gonogo plc probe` measure on this box; nothing is said here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.backends.preprocess import geometry_of
from gonogo.rules.image_trust.limits import findings
from gonogo.rules.image_trust.sample import Sampler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.words import RuleResult
    from gonogo.drivers.cameras.camera import Camera
    from gonogo.engines.backends.backend import Backend
    from gonogo.rules.image_trust.learnt_file import Trusted
    from gonogo.rules.ruleset import RuleSet

GRAB_S = 5.0  # far beyond any exposure: a camera that is slow is measured, not refused


class Spread(NamedTuple):
    """Quantiles of so many spans of time (`number`), all in one unit."""

    number: int
    p50: float
    p99: float
    p999: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one value at least; few of them, and the high quantiles are the longest one."""
        p50, p99, p999 = np.percentile(values, [50, 99, 99.9]).tolist()
        return cls(len(values), p50, p99, p999, max(values))


class RulesMeasured(NamedTuple):
    """What the rules said of a frame the last time, and the longest that they took, in ms."""

    checks: Sequence[RuleResult]
    most_ms: float


def grab_ms(camera: Camera, part_id: int, pixels: NDArray[np.uint8]) -> float:
    """How long one frame takes; CameraError where none comes."""
    start_ns = time.monotonic_ns()
    camera.grab(part_id, pixels, start_ns + round(GRAB_S * 1e9))
    return (time.monotonic_ns() - start_ns) / NS_PER_MS


def measure_trust(learnt: Trusted, pixels: NDArray[np.uint8], runs: int) -> float:
    """The longest that a frame is looked at by what its view has learnt, in ms."""
    sampler = Sampler(geometry_of(pixels), learnt.reference.edge_levels)
    spans_ms = []
    for _ in range(runs + 1):  # the first call of a library sets it up
        start_ns = time.monotonic_ns()
        any(findings(learnt.reference.values(sampler.take(pixels)), learnt.limits))
        spans_ms.append((time.monotonic_ns() - start_ns) / NS_PER_MS)
    return max(spans_ms[1:])


def measure_rules(rules: RuleSet, pixels: NDArray[np.uint8], runs: int) -> RulesMeasured:
    """The rules on one frame, `runs` times."""
    checks = rules.check([pixels])  # the first call of a library sets it up
    spans_ms = []
    for _ in range(runs):
        start_ns = time.monotonic_ns()
        checks = rules.check([pixels])
        spans_ms.append((time.monotonic_ns() - start_ns) / NS_PER_MS)
    # rules keep the line's own thread busy: the longest run counts, not a quantile
    return RulesMeasured(checks, max(spans_ms))


def measure_engine(backend: Backend, pixels: NDArray[np.uint8], runs: int) -> Spread:
    """Milliseconds of an engine on one frame; the backend is closed."""
    # once, as the engine's host does: a frame is scored where it lies
    backend.bind(0, pixels, result_arrays())
    spans_ms = []
    for _ in range(runs):
        start_ns = time.monotonic_ns()
        backend.run(0)
        spans_ms.append((time.monotonic_ns() - start_ns) / NS_PER_MS)
    backend.close()
    return Spread.of(spans_ms[runs // 10 :])  # the first ones warm up
