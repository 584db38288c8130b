"""The host's part of an inference on an accelerator, on the stand-ins for CUDA and TensorRT.

They compute with ONNX Runtime on the processor, so that the inference itself says nothing of a
device; what is beside it does. They belong to the tests: an installed gonogo has none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gonogo.proving.bench.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("tensorrt_host_over_inference_p50",)
LIMIT = 1.05
_FIGURES = "gonogo.tests.vendors.tensorrt_fake.figures"


def measure(load: Callable[[str], Any] = import_module) -> list[Row]:
    """One row, not run where the stand-ins are not there."""
    try:
        figures = load(_FIGURES)
    except ImportError as error:
        return [_row(None, None, f"not run: the stand-ins of the tests are not here ({error})")]
    found = figures.host_side()
    note = (
        "a run of the backend (frame to score) over the stand-in's inference alone, in turns, "
        f"{figures.SIDE_PX} x {figures.SIDE_PX} px; no device is in it"
    )
    return [_row(found.run_ms, found.inference_ms, note)]


def _row(value: float | None, control: float | None, note: str) -> Row:
    return Row(NAMES[0], value, control, "lower", "ms", LIMIT, note)
