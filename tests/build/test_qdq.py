"""INT8 written with explicit Q/DQ, in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx

from gonogo.build.qdq import ASYMMETRIC, SYMMETRIC
from gonogo.tests.build.calibrated import named_filters, ranges_of

if TYPE_CHECKING:
    from pathlib import Path


def test_qdq_ways_differ_as_their_runtimes_want(tmp_path: Path) -> None:
    """UINT8 with a zero point for CPUs, INT8 around zero for TensorRT, the same float layers."""
    model = named_filters(tmp_path / "m.onnx")
    ranges = ranges_of(tmp_path / "m.onnx")
    last = [node.name for node in model.graph.node if node.op_type == "Conv"][-1]
    kinds = {}
    for name, way in (("asymmetric", ASYMMETRIC), ("symmetric", SYMMETRIC)):
        graph = onnx.load_from_string(way.quantized(model, frozenset({last}), ranges)).graph
        held = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
        zeros = [held[n.input[2]] for n in graph.node if n.op_type == "QuantizeLinear"]
        kinds[name] = {zero.dtype for zero in zeros}
        floats = [n.name for n in graph.node if n.op_type == "Conv" and n.input[1] in held]
        assert floats == [last]
    assert kinds == {"asymmetric": {np.dtype(np.uint8)}, "symmetric": {np.dtype(np.int8)}}
