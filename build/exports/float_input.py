"""A model whose image is float32: Hailo's compiler takes no bytes, and no Cast of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import TensorProto

if TYPE_CHECKING:
    from collections.abc import Iterable

_TO = "to"


def with_float_input(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model for the same pixels, 0..255, as float32."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    (image,) = (each for each in graph.input if each.name not in _held(graph))
    if image.type.tensor_type.elem_type == TensorProto.FLOAT:
        return changed
    image.type.tensor_type.elem_type = TensorProto.FLOAT
    casts = [node for node in graph.node if _casts(node, image.name)]
    for cast in casts:
        _rewire(graph.node, cast.output[0], image.name)
        graph.node.remove(cast)
    return changed


def _held(graph: onnx.GraphProto) -> set[str]:
    return {tensor.name for tensor in graph.initializer}


def _casts(node: onnx.NodeProto, image: str) -> bool:
    """Whether it makes float32 out of the image, which is float32 already."""
    to = next((each.i for each in node.attribute if each.name == _TO), 0)
    return node.op_type == "Cast" and node.input[0] == image and to == TensorProto.FLOAT


def _rewire(nodes: Iterable[onnx.NodeProto], old: str, new: str) -> None:
    for node in nodes:
        for k, name in enumerate(node.input):
            if name == old:
                node.input[k] = new
