"""A stand-in for Hailo's Dataflow Compiler: the steps of its ClientRunner, in their order.

It computes as the ONNX model does, and rounds scores to 8 bits of their range where the
environment says so (GONOGO_FAKE_DFC): "exact", "rounded", "wrong", "fails".
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.tests.vendors.hailo_fake.hef import pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_STEPS = 256


class InferenceContext:
    """What computes."""

    SDK_NATIVE, SDK_QUANTIZED = "native", "quantized"


class ClientRunner:
    """Translate, script, optimize; then infer and compile."""

    def __init__(self, hw_arch: str) -> None:
        self._arch, self._done = hw_arch, ["made"]
        self._model = b""
        self._session: Any = None
        self._range = (0.0, 1.0)

    def translate_onnx_model(self, model: str, net_name: str) -> None:
        """A float image, without a batch of more than one; no Cast of it."""
        assert net_name
        self._model = Path(model).read_bytes()
        graph = onnx.load_from_string(self._model).graph
        (image,) = graph.input
        assert image.type.tensor_type.elem_type == onnx.TensorProto.FLOAT, "a float input"
        assert not [
            node for node in graph.node if image.name in node.input and node.op_type == "Cast"
        ]
        self._session = ort.InferenceSession(self._model, providers=["CPUExecutionProvider"])
        self._next("made", "translated")

    def load_model_script(self, script: str) -> None:
        """A path, or its text."""
        assert "model_optimization_config" in Path(script).read_text()
        self._next("translated", "scripted")

    def optimize(self, calibration: NDArray[np.float32]) -> None:
        """On images (frames, height, width, planes), pixels as they are."""
        assert calibration.dtype == np.float32
        assert calibration.max() > 1, "0..255, not 0..1"
        self._next("scripted", "optimized")
        if os.environ.get("GONOGO_FAKE_DFC") == "fails":
            raise RuntimeError("translation\nUnsupported layer ReduceMax in engine/score")
        scores = self._scores(calibration)
        self._range = float(scores.min()), float(scores.max())

    @contextmanager
    def infer_context(self, kind: str) -> Iterator[str]:
        """The emulator."""
        assert kind == InferenceContext.SDK_QUANTIZED
        yield kind

    def infer(self, context: str, frames: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs, a list where there are several."""
        assert context
        assert self._done[-1] == "optimized"
        scores, how = self._scores(frames), os.environ.get("GONOGO_FAKE_DFC", "exact")
        if how == "rounded":
            step = (self._range[1] - self._range[0]) / _STEPS
            scores = (np.round(scores / step) * step).astype(np.float32)
        elif how == "wrong":
            scores = scores[::-1].copy()
        return [np.zeros((len(frames), 8, 8, 1), np.float32), scores.reshape(-1, 1)]

    def compile(self) -> bytes:
        """The HEF."""
        self._next("optimized", "compiled")
        return pack(self._model, arch=self._arch)

    def _scores(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        (image,) = self._session.get_inputs()
        run = [
            self._session.run(["score"], {image.name: frame.transpose(2, 0, 1)[None]})[0].max()
            for frame in frames
        ]
        return np.array(run, np.float32)

    def _next(self, before: str, after: str) -> None:
        assert self._done[-1] == before, f"{after} comes after {before}, not {self._done[-1]}"
        self._done.append(after)
