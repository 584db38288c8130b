"""Which tensors of a graph may be the engine's own features, by their shape and place.

A feature tensor is float [1, channels, rows, columns] with a grid coarse enough to be a grid of
patches and fine enough to point at something. The deepest ones know most of what the engine
knows; which of them finds defects is tried (gonogo.build.patches.choosing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import onnx
from onnx import TensorProto

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS = (8, 1024)
SIDES = (8, 64)  # rows and columns of the grid
DEEPEST = 2  # of each grid
TRIED_MAX = 6
# what layers end with; what only moves or quantizes values is none of them
_OPS = frozenset({
    "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "Conv", "Elu", "Gelu",
    "HardSigmoid", "HardSwish", "LeakyRelu", "MaxPool", "Mish", "Mul", "PRelu", "Relu", "Selu",
})  # fmt: skip


class Tensor(NamedTuple):
    """A name in the graph, and its static shape."""

    name: str
    shape: tuple[int, ...]

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.shape[2], self.shape[3]


def feature_tensors(model: Path) -> list[Tensor]:
    """Of an ONNX file, the deepest first; none where nothing has the shape."""
    graph = onnx.shape_inference.infer_shapes(onnx.load(str(model))).graph
    known = {value.name: _shape(value) for value in graph.value_info}
    given_out = {value.name for value in graph.output}
    fit = [
        Tensor(name, known[name])
        for node in graph.node
        if node.op_type in _OPS
        for name in node.output
        if name not in given_out and _fits(known.get(name, ()))
    ]
    found: list[Tensor] = []
    for tensor in reversed(fit):  # a graph is in the order in which it is computed
        if sum(one.grid == tensor.grid for one in found) < DEEPEST:
            found.append(tensor)
    return found[:TRIED_MAX]


def _fits(shape: tuple[int, ...]) -> bool:
    if len(shape) != len("NCHW") or shape[0] != 1:
        return False
    low, high = SIDES
    return CHANNELS[0] <= shape[1] <= CHANNELS[1] and all(low <= s <= high for s in shape[2:])


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """Nothing where it is no float tensor, or a size of it is open."""
    tensor = value.type.tensor_type
    sizes = tuple(dim.dim_value for dim in tensor.shape.dim)
    return sizes if tensor.elem_type == TensorProto.FLOAT and all(sizes) else ()
