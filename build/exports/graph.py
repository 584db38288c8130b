"""Small surgery on ONNX graphs: names, constants, who reads what, and what is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Graph = onnx.GraphProto
Node = onnx.NodeProto


def constants(graph: Graph) -> dict[str, NDArray[Any]]:
    """Every tensor that is the same for every image: weights and Constant nodes."""
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        # some exporters write weights as nodes
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return found


def readers(graph: Graph, name: str) -> list[Node]:
    """The nodes that read a tensor."""
    return [node for node in graph.node if name in node.input]


def is_output(graph: Graph, name: str) -> bool:
    """Whether the tensor is an output of the graph."""
    return any(value.name == name for value in graph.output)


def rename(graph: Graph, old: str, new: str) -> None:
    """Give a tensor another name, in branches and loops too, and a node that is named after it."""
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        if value.name == old:
            value.name = new
    for node in graph.node:
        # many tools name a node after its output; two of one name are refused by ONNX Runtime
        if node.name == old:
            node.name = new
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                rename(inner, old, new)


def make_room(graph: Graph, names: Iterable[str]) -> None:
    """Rename what stands under these names, so that they are free."""
    for name in names:
        rename(graph, name, f"export_{name}")


def hold(graph: Graph, name: str, values: NDArray[Any]) -> str:
    """Add a constant; returns its name."""
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name


def insert(graph: Graph, place: int, nodes: Sequence[Node]) -> None:
    """Put nodes in front of the node at `place`."""
    # each in front of the one before it, so that their order stays
    for node in reversed(nodes):
        graph.node.insert(place, node)


def node(op: str, inputs: Sequence[str], output: str, **settings: Any) -> Node:  # noqa: ANN401 - ONNX attributes
    """One node with one output, named after it."""
    return helper.make_node(op, list(inputs), [output], name=output, **settings)


def freeze_shapes(model: onnx.ModelProto) -> None:
    """Write what Shape nodes answer as constants where it is known, for the input has one size.

    Exports for an open batch ask for the shape of the image, which would hide what else
    reads it.
    """
    # with values, not only shapes: exporters compute sizes from sizes
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*inferred.input, *inferred.value_info)
    }
    graph = model.graph
    # attributes ask for a part of the shape: rare, and left alone
    for asked in [one for one in graph.node if one.op_type == "Shape" and not one.attribute]:
        shape = shapes.get(asked.input[0])
        # 0 stands for a size that is open
        if shape and all(shape):
            hold(graph, asked.output[0], np.array(shape, np.int64))
            graph.node.remove(asked)


def prune(graph: Graph) -> None:
    """Remove what no output is made of: labels, masks, weights that were folded."""
    wanted = {value.name for value in graph.output}
    # from the end: who reads a node comes before it here
    for candidate in reversed(list(graph.node)):
        if wanted.intersection(candidate.output):
            wanted.update(candidate.input)
            # branches read tensors of the graph around them without naming them as inputs
            wanted.update(_read_inside(candidate))
        else:
            graph.node.remove(candidate)
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in wanted]:
        graph.initializer.remove(tensor)


def _read_inside(outer: Node) -> set[str]:
    """What the branches and loops of a node read."""
    found: set[str] = set()
    for attribute in outer.attribute:
        for inner in (attribute.g, *attribute.graphs):
            for node_inside in inner.node:
                found.update(node_inside.input, _read_inside(node_inside))
            found.update(value.name for value in inner.output)
    return found
