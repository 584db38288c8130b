"""Half and double precision to float32, before anything else looks at the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, numpy_helper

from gonogo.build.exports.graph import all_graphs, held_tensors, rename

if TYPE_CHECKING:
    from collections.abc import Iterator

    import onnx

    from gonogo.build.exports.graph import Graph

_NAMES = {
    TensorProto.FLOAT16: "half precision (float16)",
    TensorProto.BFLOAT16: "bfloat16",
    TensorProto.DOUBLE: "double precision (float64)",
}
_TYPED = {"to", "dtype"}  # attributes that name a type
_BFLOAT_SHIFT = 16  # bfloat16 is the upper half of a float32


def to_float32(model: onnx.ModelProto) -> tuple[str, ...]:
    """Weights, casts and declared types; remarks say what the export had, empty for float32."""
    seen = {tensor.data_type for tensor in held_tensors(model)}
    seen |= {value.type.tensor_type.elem_type for value in _declared(model.graph)}
    other = [kind for kind in _NAMES if kind in seen]
    if not other:
        return ()
    for tensor in held_tensors(model):
        _widen(tensor)
    for graph in all_graphs(model.graph):
        for one in graph.node:
            for attribute in one.attribute:
                if attribute.name in _TYPED and attribute.i in _NAMES:
                    attribute.i = TensorProto.FLOAT
    for value in _declared(model.graph):
        if value.type.tensor_type.elem_type in _NAMES:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
    _drop_casts(model.graph)
    had = " and ".join(_NAMES[kind] for kind in other)
    return (f"the export was in {had}: it is computed in float32 here, and INT8 is made of that",)


def _declared(graph: Graph) -> Iterator[onnx.ValueInfoProto]:
    for inside in all_graphs(graph):
        yield from (*inside.input, *inside.output, *inside.value_info)


def _widen(tensor: TensorProto) -> None:
    if tensor.data_type not in _NAMES:
        return
    name, dims = tensor.name, list(tensor.dims)
    if tensor.data_type == TensorProto.BFLOAT16:
        halves = np.frombuffer(tensor.raw_data, np.uint16) if tensor.raw_data else tensor.int32_data
        values = (np.asarray(halves, np.uint32) << _BFLOAT_SHIFT).view(np.float32)
    else:
        # beyond float32 there is infinity, as in the casts of any runtime
        with np.errstate(over="ignore"):
            values = numpy_helper.to_array(tensor).astype(np.float32)
    tensor.CopyFrom(numpy_helper.from_array(values.reshape(dims), name))


def _drop_casts(graph: Graph) -> None:
    """From float32 to float32: what stood around the half precision."""
    real = {
        value.name
        for value in (*graph.input, *graph.value_info, *graph.initializer)
        if _kind(value) == TensorProto.FLOAT
    }
    outputs = {value.name for value in graph.output}
    for cast in [one for one in graph.node if one.op_type == "Cast"]:
        to = next((a.i for a in cast.attribute if a.name == "to"), 0)
        source, made = cast.input[0], cast.output[0]
        if to != TensorProto.FLOAT or source not in real or made in outputs:
            continue
        graph.node.remove(cast)
        rename(graph, made, source)


def _kind(value: onnx.ValueInfoProto | TensorProto) -> int:
    if isinstance(value, TensorProto):
        return int(value.data_type)
    return int(value.type.tensor_type.elem_type)
