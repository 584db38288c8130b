"""One calibration, two forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx

from gonogo.build.calibrate import calibrate
from gonogo.build.forms import CPU, TENSORRT, quantized
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.parts import good_part, quiet
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.calibrate import Ranges


def _named(path: Path) -> onnx.ModelProto:
    model = onnx.load(str(tiny.filters(path)))
    for place, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{place}"
    path.write_bytes(model.SerializeToString())
    return onnx.shape_inference.infer_shapes(model)


def _ranges(path: Path) -> Ranges:
    frames = [good_part(k, 32) for k in range(4)]
    return calibrate(path, open_model(path), frames, quiet)


def test_calibrate_sees_the_range_of_each_tensor(tmp_path: Path) -> None:
    """The image's range is that of its pixels; behind a Relu nothing is below 0."""
    _named(tmp_path / "m.onnx")
    ranges = _ranges(tmp_path / "m.onnx")
    frames = [good_part(k, 32) for k in range(4)]
    assert ranges["planes"] == (min(f.min() for f in frames), max(f.max() for f in frames))
    assert ranges["r0"][0] >= 0
    assert ranges["r0"][1] == ranges["c0"][1] > 0


def test_calibrate_reports_progress(tmp_path: Path) -> None:
    """From none to all frames, so that remaining time can be told."""
    path = tmp_path / "m.onnx"
    _named(path)
    seen: list[tuple[str, int, int]] = []
    frames = [good_part(k, 32) for k in range(3)]
    calibrate(path, open_model(path), frames, lambda *step: seen.append(step))
    assert seen == [("calibrating", done, 3) for done in range(4)]


def test_quantized_forms_differ_as_their_runtimes_want(tmp_path: Path) -> None:
    """UINT8 with a zero point for CPUs, INT8 around zero for TensorRT, the same float layers."""
    model = _named(tmp_path / "m.onnx")
    ranges = _ranges(tmp_path / "m.onnx")
    last = [node.name for node in model.graph.node if node.op_type == "Conv"][-1]
    kinds = {}
    for form in (CPU, TENSORRT):
        graph = onnx.load_from_string(quantized(model, form, frozenset({last}), ranges)).graph
        held = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        zeros = [held[n.input[2]] for n in graph.node if n.op_type == "QuantizeLinear"]
        kinds[form.name] = {zero.dtype for zero in zeros}
        floats = [n.name for n in graph.node if n.op_type == "Conv" and n.input[1] in held]
        assert floats == [last]
    assert kinds == {"cpu": {np.dtype(np.uint8)}, "tensorrt": {np.dtype(np.int8)}}
