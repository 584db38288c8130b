"""A graph as it came, put in order: nothing here changes what it computes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import inliner, numpy_helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.graph import all_graphs, sort_nodes
from gonogo.build.listed import listed

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.exports.graph import Graph, Node

_NUMBERS = {"value_float": np.float32, "value_int": np.int64}
_LISTS = {"value_floats": np.float32, "value_ints": np.int64}


def tidy(path: Path, model: onnx.ModelProto) -> onnx.ModelProto:
    """Functions written out, nodes sorted and named, weights where weights stand."""
    if model.functions:
        model = inliner.inline_local_functions(model)
    _drop_doubles(path, model.graph)
    for graph in all_graphs(model.graph):
        _constants_to_weights(graph)
    lost = sort_nodes(model.graph)
    if lost:
        raise ModelError(
            f"{path}: {listed(lost)}: read by its nodes and made by none before them; export the "
            "model again"
        )
    name_nodes(model.graph)
    _list_inputs(model.graph)
    return model


def _drop_doubles(path: Path, graph: Graph) -> None:
    """One tensor of each name: the same weights listed twice are one, others are a fault."""
    counted = Counter(tensor.name for tensor in graph.initializer)
    for name in [name for name, count in counted.items() if count > 1]:
        alike = [tensor for tensor in graph.initializer if tensor.name == name]
        if len({tensor.SerializeToString(deterministic=True) for tensor in alike}) > 1:
            raise ModelError(f"{path}: two weights are called '{name}'; export it again")
        for extra in alike[1:]:
            graph.initializer.remove(extra)
    made = Counter({tensor.name: 1 for tensor in graph.initializer})
    made.update(name for one in graph.node for name in one.output if name)
    doubled = [name for name, count in made.items() if count > 1]
    if doubled:
        raise ModelError(f"{path}: made twice: {listed(doubled)}; export the model again")


def _constants_to_weights(graph: Graph) -> None:
    """Some exporters write weights as nodes."""
    for one in [each for each in graph.node if each.op_type == "Constant"]:
        tensor = _tensor(one)
        if tensor is not None:
            graph.node.remove(one)
            graph.initializer.append(tensor)


def _tensor(one: Node) -> onnx.TensorProto | None:
    attribute = one.attribute[0]
    if attribute.name == "value":
        tensor = onnx.TensorProto()
        tensor.CopyFrom(attribute.t)
        tensor.name = one.output[0]
        return tensor
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.name in _NUMBERS:
        return numpy_helper.from_array(np.array(value, _NUMBERS[attribute.name]), one.output[0])
    if attribute.name in _LISTS:
        return numpy_helper.from_array(np.array(value, _LISTS[attribute.name]), one.output[0])
    return None


def name_nodes(graph: Graph) -> None:
    """Layers in float are told by name: every node has one, and no two have the same."""
    taken: set[str] = set()
    for one in (each for inside in all_graphs(graph) for each in inside.node):
        name = one.name or (one.output[0] if one.output else one.op_type)
        number = 2
        while name in taken:
            name = f"{one.name or one.op_type}_{number}"
            number += 1
        taken.add(name)
        one.name = name


def _list_inputs(graph: Graph) -> None:
    """Old exporters list weights as inputs, which nobody is to feed."""
    held = {tensor.name for tensor in graph.initializer}
    for extra in [value for value in graph.input if value.name in held]:
        graph.input.remove(extra)
