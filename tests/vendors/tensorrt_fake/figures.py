"""What the host does for one inference, measured on the stand-ins: for `make bench`.

The value is a whole run of the backend: the frame into its tensor, the launch, the event, score
and map where the line reads them. The control is the stand-in's own part of it alone (ONNX Runtime,
and what brings its arrays to the device's addresses and back), called directly, in turns with the
value. The stand-in for the driver is in the value: it is slower than a driver's calls.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import NS_PER_MS
from gonogo.testing import tiny_models
from gonogo.testing.backends import bound, noise
from gonogo.tests.engines.backends.tensorrt.boxes import trt_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.engines.backends.tensorrt.backend import TrtBackend

SIDE_PX = 256
WARM_UPS = 20
_CHANNELS = (3, 64, 96, 128, 128)  # of the convolutions, each but the last halving the image


class HostSide(NamedTuple):
    """Medians in ms: a run of the backend, and the stand-in's inference alone."""

    run_ms: float
    inference_ms: float


def model(path: Path) -> Path:
    """Some milliseconds of convolutions on one thread; a map of 32 x 32, its largest the score."""
    rng = np.random.default_rng(7)
    nodes = [helper.make_node("Cast", ["image"], ["c0"], to=TensorProto.FLOAT)]
    held = []
    for k, (into, out) in enumerate(pairwise(_CHANNELS)):
        weights = rng.normal(size=(out, into, 3, 3)).astype(np.float32) / (9 * into)
        held.append(numpy_helper.from_array(weights, f"w{k}"))
        stride = 2 if k < len(_CHANNELS) - 2 else 1
        sizes: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [stride] * 2}
        nodes.append(helper.make_node("Conv", [f"c{k}", f"w{k}"], [f"r{k}"], **sizes))
        nodes.append(helper.make_node("Relu", [f"r{k}"], [f"c{k + 1}"]))
    last = f"c{len(_CHANNELS) - 1}"
    nodes += [
        helper.make_node("ReduceMax", [last], ["anomaly_map"], axes=[1], keepdims=1),
        helper.make_node("ReduceMax", ["anomaly_map"], ["score"], axes=[2, 3], keepdims=0),
    ]
    cells = SIDE_PX >> (len(_CHANNELS) - 2)
    outputs = (("score", (1, 1)), ("anomaly_map", (1, 1, cells, cells)))
    image = (1, 3, SIDE_PX, SIDE_PX)
    return tiny_models.save(path, nodes, image=image, outputs=outputs, held=held)


@contextmanager
def backend_of(frame: FrameShape, make: Callable[[Path], Path]) -> Iterator[TrtBackend]:
    """A backend on a simulated Jetson, with slot 0 bound to noise."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name, trt_box(Path(name)) as box:
        # done when it is asked for first: while a real device works, naps between two looks at it
        # take nothing; how late the last one notices (20 us and what the kernel adds) is not in it
        box.gpu.delay = 0
        backend = box.open(make(Path(name) / "m.onnx"), frame)
        bound(backend, noise(1, frame))
        yield backend
        backend.close()


def host_side(runs: int = 200) -> HostSide:
    """Both, taken in turns."""
    with backend_of(FrameShape(SIDE_PX, SIDE_PX, 3), model) as backend:
        return _beside_its_inference(backend, runs)


def _beside_its_inference(backend: TrtBackend, runs: int) -> HostSide:
    # a function of its own: what it holds of the backend is let go before that is closed
    context = backend._slots[0]._context
    bare = partial(context.compute, dict(context._addresses))
    return in_turns(partial(backend.run, 0), bare, runs)


def in_turns(run: Callable[[], object], bare: Callable[[], object], runs: int) -> HostSide:
    """Medians of both, after some that are not counted."""
    taken: tuple[list[float], list[float]] = ([], [])
    for k in range(WARM_UPS + runs):
        for way, times_ms in zip((run, bare), taken, strict=True):
            start_ns = time.perf_counter_ns()
            way()
            if k >= WARM_UPS:
                times_ms.append((time.perf_counter_ns() - start_ns) / NS_PER_MS)
    return HostSide(*(float(np.median(times_ms)) for times_ms in taken))


def resident_kb() -> int:
    """Of this process now (proc(5))."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in text.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1])


def growth_kb(inferences: int, settled: int = 2000) -> int:
    """By how much this process has grown over so many inferences, after some uncounted ones."""
    with backend_of(FrameShape(16, 16, 3), tiny_models.brightest) as backend:
        for _ in range(settled):
            backend.run(0)
        before = resident_kb()
        for _ in range(inferences):
            backend.run(0)
        return resident_kb() - before
