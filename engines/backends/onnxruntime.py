"""ONNX Runtime on the CPU: the backend that is always there.

Source: ONNX Runtime, "Thread management" and "I/O binding".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import onnxruntime as ort

from gonogo.base.errors import BackendError, ModelError
from gonogo.engines.backends.backend import CPU_ROLE
from gonogo.engines.backends.model import open_model
from gonogo.engines.backends.outputs import OutputBinding
from gonogo.engines.backends.preprocess import Preprocess, Preprocesses, aligned, geometry_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Outputs
    from gonogo.engines.backends.placing import Sight

PROVIDERS = ["CPUExecutionProvider"]  # and no other that the installed build may have
LOG_ERRORS_ONLY = 3  # severities are 0 (verbose) to 4 (fatal)


class _Slot(NamedTuple):
    """One bound ring slot; `tensor` is what the binding points into."""

    preprocess: Preprocess
    pixels: NDArray[np.uint8]
    tensor: NDArray[Any]
    landing: OutputBinding
    binding: Any


class OrtBackend:
    """One model in one session; every slot has its own input tensor and output binding."""

    file_role = CPU_ROLE
    as_written = False

    def __init__(self, model: Path, geometry: FrameShape, threads: int) -> None:
        self._contract = open_model(model)
        self.shapes = self._contract.shapes
        self._preprocess = Preprocesses(self._contract)
        self._preprocess.of(geometry)  # made while it loads, not at the first frame
        self._session = _session(model, threads, as_written=self.as_written)
        self._slots: dict[int, _Slot] = {}

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Bind a ring slot once at start; binding it again replaces the old binding."""
        image = self._contract.image
        tensor = aligned(image.shape, self._contract.dtype)
        landing = OutputBinding(self._contract, outputs)
        preprocess = self._preprocess.of(geometry_of(pixels))
        # by address: the arrays are held in the slot, for the binding keeps none of them alive
        binding = self._session.io_binding()
        binding.bind_input(image.name, "cpu", 0, tensor.dtype, tensor.shape, tensor.ctypes.data)
        for name, array in landing.arrays.items():
            binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        self._slots[slot] = _Slot(preprocess, pixels, tensor, landing, binding)

    def run(self, slot: int) -> None:
        """Judge the frame in a bound slot; BackendError when the runtime fails."""
        bound = self._slots[slot]
        bound.preprocess.into(bound.pixels, bound.tensor)
        bound.landing.clear()
        try:
            self._session.run_with_iobinding(bound.binding)
        except Exception as error:  # its errors have no class in common but this
            raise BackendError(f"ONNX Runtime, slot {slot}: {_line(error)}") from error
        bound.landing.finish()

    def sight(self, geometry: FrameShape) -> Sight:
        """What it sees of frames of this geometry."""
        return self._contract.sight(geometry)

    def close(self) -> None:
        """Unload the model; idempotent."""
        self._slots.clear()  # first: the bindings are the session's
        self._session = None


class OrtAsWritten(OrtBackend):
    """Q and DQ computed one by one, as the file has them: for a form that another runtime runs.

    Otherwise ONNX Runtime joins and moves them for the CPU, which changes what a symmetric form
    computes (scores of one real model by 4 %).
    """

    as_written = True


def _session(model: Path, threads: int, *, as_written: bool) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1  # one operator after another, each on all threads
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = LOG_ERRORS_ONLY
    # Spinning workers would take the core from the line between two parts.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if as_written:
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        session = ort.InferenceSession(str(model), options, providers=PROVIDERS)
    except Exception as error:
        raise ModelError(
            f"{model}: ONNX Runtime {ort.__version__} cannot load it: {_line(error)}; "
            "export it for opset 17"
        ) from error
    # scores were proven on the CPU: another provider is another arithmetic
    if session.get_providers() != PROVIDERS:
        raise ModelError(
            f"{model}: ONNX Runtime runs it on {session.get_providers()}, expected {PROVIDERS}; "
            "install the plain CPU package"
        )
    return session


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
