"""The host's part of an inference on an accelerator, on the stand-ins for CUDA, TensorRT and Hailo.

They compute with ONNX Runtime on the processor, so that the inference itself says nothing of a
device; what is beside it does. They belong to the tests: an installed gonogo has none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gonogo.proving.bench.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable

FIGURES = {
    "tensorrt_host_over_inference_p50": "gonogo.tests.vendors.tensorrt_fake.figures",
    "hailo_host_over_inference_p50": "gonogo.tests.vendors.hailo_fake.figures",
}
NAMES = tuple(FIGURES)
LIMIT = 1.05


def measure(load: Callable[[str], Any] = import_module) -> list[Row]:
    """A row each, not run where the stand-ins are not there."""
    return [_measured(name, module, load) for name, module in FIGURES.items()]


def _measured(name: str, module: str, load: Callable[[str], Any]) -> Row:
    try:
        figures = load(module)
    except ImportError as error:
        note = f"not run: the stand-ins of the tests are not here ({error})"
        return Row(name, None, None, "lower", "ms", LIMIT, note)
    found = figures.host_side()
    note = (
        "a run of the backend (frame to score) over the stand-in's inference alone, in turns, "
        f"{figures.SIDE_PX} x {figures.SIDE_PX} px; no device is in it"
    )
    return Row(name, found.run_ms, found.inference_ms, "lower", "ms", LIMIT, note)
