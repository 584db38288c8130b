"""Writes ONNX graphs node by node: those of the eyes, and of what follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# no node here needs a newer one; every runtime that is supported opens it
OPSET, IR_VERSION = 17, 8
IMAGE = "image"  # uint8 [1, 3, S, S], planes of red, green, blue


class Graph:
    """Collects nodes and constants; `onto` is a model whose graph is gone on with."""

    def __init__(self, onto: bytes | None = None) -> None:
        self._model = onnx.load_from_string(onto) if onto is not None else _empty()
        # what was put out so far is a tensor like any other now
        del self._model.graph.output[:]

    def add(self, op: str, inputs: Sequence[str], output: str, **settings: Any) -> str:  # noqa: ANN401 - ONNX attributes
        """One node with one output; returns its name."""
        node = helper.make_node(op, list(inputs), [output], name=output, **settings)
        self._model.graph.node.append(node)
        return output

    def hold(self, name: str, values: NDArray[np.generic]) -> str:
        """A constant; returns its name."""
        tensor = numpy_helper.from_array(np.ascontiguousarray(values), name)
        self._model.graph.initializer.append(tensor)
        return name

    def number(self, name: str, value: float) -> str:
        """A constant of one float32; returns its name."""
        return self.hold(name, np.array(value, np.float32))

    def image(self, side_px: int) -> str:
        """The pixels as float32 0 .. 255 [1, 3, S, S]."""
        shape = [1, 3, side_px, side_px]
        value = helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, shape)
        self._model.graph.input.append(value)
        return self.add("Cast", [IMAGE], "pixels", to=TensorProto.FLOAT)

    def mean(self, of: str, output: str, side: int = 3) -> str:
        """The mean of `side` x `side` places around each; beyond the edge nothing counts."""
        # count_include_pad is 0 when left out: as gonogo.build.teaching.places.smooth does it
        around = {"kernel_shape": [side] * 2, "strides": [1, 1], "pads": [side // 2] * 4}
        return self.add("AveragePool", [of], output, **around)

    def serialized(self, outputs: Sequence[tuple[str, tuple[int, ...]]]) -> bytes:
        """The finished model, which puts out these float32 tensors (name, shape)."""
        made = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs]
        self._model.graph.output.extend(made)
        data: bytes = self._model.SerializeToString()
        return data


def _empty() -> onnx.ModelProto:
    graph = helper.make_graph([], "taught", [], [])
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
