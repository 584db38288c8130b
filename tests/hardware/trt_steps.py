"""The steps of the TensorRT backend, with the plans of a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import TensorRtMissing
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import NS_PER_MS
from gonogo.engines.backends.onnxruntime import OrtBackend
from gonogo.engines.backends.progress import told_to
from gonogo.engines.backends.tensorrt.backend import HERE, Options, TrtBackend
from gonogo.engines.backends.tensorrt.layers import read_layers
from gonogo.engines.backends.tensorrt.package import package
from gonogo.engines.backends.tensorrt.plan_cache import PlanCache
from gonogo.testing.backends import bound, noise
from gonogo.tests.hardware.bench import BUDGET_MS, measured, quantiles
from gonogo.tests.hardware.report import MissingError
from gonogo.tests.vendors.tensorrt_fake.figures import SIDE_PX, model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gonogo.engines.backends.backend import Backend
    from gonogo.engines.backends.tensorrt.backend import Here
    from gonogo.engines.backends.tensorrt.zero_copy import ZeroCopy
    from gonogo.tests.hardware.bench import Bench

FRAME = FrameShape(SIDE_PX, SIDE_PX, 3)
PARTS = 1000
TOLERANCE = 0.05  # of the largest of what is compared: half precision is allowed to a runtime


def tensorrt_present(bench: Bench) -> Sequence[str]:
    """Its version, or what its import says."""
    _ = bench.cuda  # first of all a device
    try:
        return [f"TensorRT {package().__version__}"]
    except TensorRtMissing as error:
        raise MissingError(str(error)) from error


def plan_built(bench: Bench) -> Sequence[str]:
    """From an ONNX file, with its progress; the second time it is taken from the folder."""
    tensorrt_present(bench)
    return built(HERE)


def scores_alike(bench: Bench) -> Sequence[str]:
    """As ONNX Runtime's on the same file."""
    tensorrt_present(bench)
    return alike(HERE)


def parts_in_zero_copy(bench: Bench) -> Sequence[str]:
    """A thousand, each before its deadline, in place and by copies."""
    tensorrt_present(bench)
    return timed(HERE, bench.times(PARTS), bench.budget_ms)


@contextmanager
def loaded(here: Here, options: Options) -> Iterator[tuple[TrtBackend, Path, list[str]]]:
    """A backend with the figures' model, its file, and what was said while it loaded."""
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="gonogo-hardware-") as name, told_to(said.append):
        plans = PlanCache(Path(name) / "plans")
        path = model(Path(name) / "m.onnx")
        where = here._replace(options=options, plans=lambda: plans)
        backend = TrtBackend(path, FRAME, 1, where)
        try:
            yield backend, path, said
        finally:
            backend.close()


def built(here: Here) -> Sequence[str]:
    """Progress, layers, and whether it was measured in place or by copies."""
    with loaded(here, Options()) as (backend, _, said):
        report = read_layers(backend.layers())
        assert report.detailed
        assert any(line.startswith("plan built") for line in said)
        return [*said, f"layers that compute: {dict(report.counts)}"]


def alike(here: Here) -> Sequence[str]:
    """Score and map of ten frames."""
    with loaded(here, Options()) as (backend, path, _):
        worst = max(_apart(backend, OrtBackend(path, FRAME, 1), seed) for seed in range(10))
    assert worst < TOLERANCE, f"scores are {worst:.4f} of their size apart"
    return [f"at most {worst:.5f} of their size apart, over 10 frames"]


def _apart(one: Backend, other: Backend, seed: int) -> float:
    outputs = [bound(each, noise(seed, FRAME)) for each in (one, other)]
    for each in (one, other):
        each.run(0)
    ours, theirs = (np.append(each.score, each.anomaly_map).astype(np.float64) for each in outputs)
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def timed(here: Here, parts: int, budget_ms: float = BUDGET_MS) -> Sequence[str]:
    """p99 within the budget, in place; the same by copies beside it."""
    ways: tuple[ZeroCopy, ...] = ("always", "never")
    lines = []
    for way in ways:
        with loaded(here, Options(zero_copy=way)) as (backend, _, _):
            bound(backend, noise(1, FRAME))
            took_ms = measured(parts, partial(_part, backend, budget_ms))
            lines.append(quantiles(f"{parts} parts, zero_copy {way}", took_ms))
            if way == "always":
                assert np.percentile(took_ms, 99) < budget_ms, lines[-1]
    return lines


def _part(backend: TrtBackend, budget_ms: float) -> None:
    backend.run_until(0, time.monotonic_ns() + round(budget_ms * NS_PER_MS))
