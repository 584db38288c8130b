"""How large every tensor of a graph is, told without its weights."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

SMALL = 4096  # bytes of a constant up to which its values may decide a shape
Shapes = dict[str, tuple[int, ...]]


def shapes_of(model: onnx.ModelProto) -> Shapes:
    """Name -> shape of every tensor whose shape is known; 0 where one side of it is open."""
    light = without_weights(model)
    try:
        # with values, not only shapes: exporters compute sizes from sizes
        inferred = onnx.shape_inference.infer_shapes(light, data_prop=True).graph
    except (onnx.shape_inference.InferenceError, RuntimeError):
        inferred = light.graph
    values = (*inferred.input, *inferred.value_info, *inferred.output)
    found = {
        value.name: tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        for value in values
        if value.type.tensor_type.HasField("shape")
    }
    found.update((tensor.name, tuple(tensor.dims)) for tensor in model.graph.initializer)
    return found


def without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, its large weights as inputs: cheap to copy, and as good for shapes."""
    light = onnx.ModelProto(ir_version=model.ir_version)
    light.opset_import.extend(model.opset_import)
    graph, own = light.graph, model.graph
    graph.name = own.name or "graph"
    graph.input.extend(own.input)
    graph.node.extend(own.node)
    for tensor in own.initializer:
        if tensor.ByteSize() > SMALL:
            graph.input.append(
                helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
        else:
            graph.initializer.append(tensor)
    # shapes that were declared may be those of another batch, or wrong
    graph.output.extend(onnx.ValueInfoProto(name=value.name) for value in own.output)
    for value, plain in zip(own.output, graph.output, strict=True):
        plain.type.tensor_type.elem_type = value.type.tensor_type.elem_type
    return light


def freeze_shapes(model: onnx.ModelProto, shapes: Shapes) -> int:
    """Write what Shape and Size nodes answer as constants where it is known; returns how many.

    Exports for an open batch ask for the shape of the image, which would hide what else
    reads it.
    """
    graph = model.graph
    asked = [one for one in graph.node if one.op_type in {"Shape", "Size"}]
    frozen = 0
    for one in asked:
        shape = shapes.get(one.input[0])
        # 0 stands for a size that is open
        if shape is None or not all(shape):
            continue
        if one.op_type == "Size":
            answer = np.array(np.prod(shape, dtype=np.int64), np.int64)
        else:
            part = {attribute.name: attribute.i for attribute in one.attribute}
            answer = np.array(shape, np.int64)[part.get("start", 0) : part.get("end", len(shape))]
        graph.initializer.append(numpy_helper.from_array(answer, one.output[0]))
        graph.node.remove(one)
        frozen += 1
    return frozen


def declare_outputs(model: onnx.ModelProto) -> None:
    """Say how large the outputs are, where that is known: what was declared may not hold now."""
    # without what was declared: it would be believed
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    shapes = shapes_of(model)
    for value in model.graph.output:
        kind = value.type.tensor_type.elem_type
        sizes = [size or None for size in shapes.get(value.name, ())]
        value.CopyFrom(helper.make_tensor_value_info(value.name, kind, sizes))
