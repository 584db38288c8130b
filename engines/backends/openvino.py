"""OpenVINO on the CPU (Intel and ARM).

Source: OpenVINO, "CPU device" (properties) and "Tensor" (shared memory).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import openvino as ov

from gonogo.base.errors import BackendError, ModelError
from gonogo.engines.backends.backend import CPU_ROLE
from gonogo.engines.backends.model import open_model
from gonogo.engines.backends.outputs import OutputBinding
from gonogo.engines.backends.preprocess import Preprocess, Preprocesses, aligned, geometry_of
from gonogo.engines.backends.signal_stack import kept_signal_stack

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Outputs
    from gonogo.engines.backends.placing import Sight


class _Slot(NamedTuple):
    """One bound ring slot; the request holds tensors over the arrays of `tensor` and `landing`."""

    preprocess: Preprocess
    pixels: NDArray[np.uint8]
    tensor: NDArray[Any]
    landing: OutputBinding
    request: Any


class OvBackend:
    """One compiled model; every slot has its own infer request over its own memory."""

    file_role = CPU_ROLE

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        self._contract = open_model(model)
        self.shapes = self._contract.shapes
        self._preprocess = Preprocesses(self._contract)
        self._preprocess.of(geometry)  # made while it loads, not at the first frame
        self._compiled = _compile(model, threads)
        self._slots: dict[int, _Slot] = {}

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Bind a ring slot once at start; binding it again replaces the old binding."""
        tensor = aligned(self._contract.image.shape, self._contract.dtype)
        landing = OutputBinding(self._contract, outputs)
        preprocess = self._preprocess.of(geometry_of(pixels))
        request = self._compiled.create_infer_request()  # one a slot: its tensors stay as set
        request.set_input_tensor(ov.Tensor(tensor, shared_memory=True))
        for name, array in landing.arrays.items():
            request.set_tensor(name, ov.Tensor(array, shared_memory=True))
        self._slots[slot] = _Slot(preprocess, pixels, tensor, landing, request)

    def run(self, slot: int) -> None:
        """Judge the frame in a bound slot; BackendError when the runtime fails."""
        bound = self._slots[slot]
        bound.preprocess.into(bound.pixels, bound.tensor)
        bound.landing.clear()
        try:
            bound.request.infer()
        except Exception as error:  # whatever its plugin raises
            raise BackendError(f"OpenVINO, slot {slot}: {_line(error)}") from error
        bound.landing.finish()

    def sight(self, geometry: FrameShape) -> Sight:
        """What it sees of frames of this geometry."""
        return self._contract.sight(geometry)

    def close(self) -> None:
        """Unload the model; idempotent."""
        self._slots.clear()  # first: the requests are the model's
        self._compiled = None


def _compile(model: Path, threads: int) -> ov.CompiledModel:
    config = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",  # one frame at a time, on all threads
        "INFERENCE_NUM_THREADS": threads,
        # The engine process is placed by us; pinning would fight with that.
        "ENABLE_CPU_PINNING": False,
        # Otherwise boxes with bfloat16 units compute other scores than the proof did.
        "INFERENCE_PRECISION_HINT": "f32",
    }
    core = ov.Core()
    # Weights are read into memory: a mapped file that is replaced would crash the process.
    core.set_property({"ENABLE_MMAP": False})
    try:
        with kept_signal_stack():
            return core.compile_model(core.read_model(str(model)), "CPU", config)
    except Exception as error:
        raise ModelError(
            f"{model}: OpenVINO {ov.get_version()} cannot load it: {_line(error)}; "
            'use backend = "onnxruntime"'
        ) from error


def _line(error: Exception) -> str:
    """The reason; OpenVINO names its own source files on the lines before."""
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
