"""One small model in the odd forms in which exporters write models.

Import as `gonogo.tests.build.exports.odd`. Each function changes the form
of a model and nothing that it computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 32
_SEED = 11


def plain(batch: int | str = 1, *, opset: int = 17) -> onnx.ModelProto:
    """Normalised in the graph, two convolutions, a row for each place, a map and a score.

    The rows hold the batch, as in every export that flattens.
    """
    net = made.Net("input", batch)
    rng = np.random.default_rng(_SEED)
    x = net.conv(net.normalise("input"), "layer1", rng.normal(0, 0.3, (4, 3, 3, 3)), 2, 1)
    x = net.conv(net.add("Relu", [x], "relu"), "layer2", rng.normal(0, 0.3, (6, 4, 3, 3)), 2, 1)
    count = batch if isinstance(batch, int) else 1
    places = (SIDE // 4) ** 2
    last = net.add("Transpose", [x], "channels_last", perm=[0, 2, 3, 1])
    rows = net.add("Reshape", [last, net.hold("rows", [count * places, 6], np.int64)], "flat")
    weighed = net.add("MatMul", [rows, net.hold("weights", rng.normal(0, 1, (6, 1)))], "weighed")
    grid = net.hold("grid", [count, 1, SIDE // 4, SIDE // 4], np.int64)
    net.add("Reshape", [weighed, grid], "anomaly_map")
    net.add("MaxPool", ["anomaly_map"], "worst", kernel_shape=[SIDE // 4] * 2)
    net.add("Flatten", ["worst"], "pred_score", axis=1)
    net.output("anomaly_map", (batch, 1, SIDE // 4, SIDE // 4))
    net.output("pred_score", (batch, 1))
    return net.model(side=SIDE, opset=opset)


def shuffled(model: onnx.ModelProto) -> onnx.ModelProto:
    """Nodes in any order, without names."""
    nodes = [onnx.NodeProto.FromString(one.SerializeToString()) for one in model.graph.node]
    order = np.random.default_rng(_SEED).permutation(len(nodes))
    del model.graph.node[:]
    model.graph.node.extend(nodes[place] for place in order)
    for one in model.graph.node:
        one.name = ""
    return model


def listed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights among the inputs, as IR version 3 wants it."""
    model.graph.input.extend(
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in model.graph.initializer
    )
    model.ir_version = 3
    return model


def weights_as_nodes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Constant nodes in the place of weights."""
    nodes = [
        helper.make_node("Constant", [], [tensor.name], value=tensor)
        for tensor in model.graph.initializer
    ]
    nodes += [onnx.NodeProto.FromString(one.SerializeToString()) for one in model.graph.node]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    return model


def with_function(model: onnx.ModelProto) -> onnx.ModelProto:
    """The Relu as a local function, as torch writes its modules."""
    inside = helper.make_node("Relu", ["x"], ["y"])
    opsets = [helper.make_opsetid("", model.opset_import[0].version)]
    function = helper.make_function("local", "Act", ["x"], ["y"], [inside], opsets)
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid("local", 1))
    relu = next(one for one in model.graph.node if one.op_type == "Relu")
    relu.op_type, relu.domain = "Act", "local"
    return model


def typed(model: onnx.ModelProto, kind: int) -> onnx.ModelProto:
    """Weights, input and outputs in half or double precision."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            values = numpy_helper.to_array(tensor).astype(helper.tensor_dtype_to_np_dtype(kind))
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = kind
    return model


def planes_last(model: onnx.ModelProto, *, turned_late: bool = True) -> onnx.ModelProto:
    """As Keras exports: batch x height x width x planes; the mean in that order, too."""
    graph = model.graph
    image = graph.input[0]
    dims = [dim.dim_value for dim in image.type.tensor_type.shape.dim]
    shape = [dims[0], dims[2], dims[3], dims[1]]
    image.CopyFrom(helper.make_tensor_value_info(image.name, TensorProto.FLOAT, shape))
    place = 2 if turned_late else 0
    for tensor in graph.initializer:
        if turned_late and tensor.name in {"mean", "std"}:
            values = numpy_helper.to_array(tensor).reshape(1, 1, 1, 3)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    reads = graph.node[place].input
    turn = helper.make_node("Transpose", [reads[0]], ["turned"], name="turned", perm=[0, 3, 1, 2])
    reads[0] = "turned"
    graph.node.insert(place, turn)
    return model


def save(path: Path, model: onnx.ModelProto) -> Path:
    """One file."""
    path.write_bytes(model.SerializeToString())
    return path


def save_apart(path: Path, model: onnx.ModelProto, name: str = "weights.data") -> Path:
    """Weights in a file beside it."""
    onnx.save_model(model, str(path), save_as_external_data=True, location=name, size_threshold=0)
    return path
