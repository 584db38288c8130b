"""Small surgery on ONNX graphs: names, constants, who reads what, and what is left over."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

Graph = onnx.GraphProto
Node = onnx.NodeProto


def branches(outer: Node) -> list[Graph]:
    """The graphs within a node: of If, Loop, Scan."""
    return [
        inner
        for attribute in outer.attribute
        for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs)
    ]


def all_graphs(graph: Graph) -> Iterator[Graph]:
    """The graph and all within it."""
    yield graph
    for one in graph.node:
        for inner in branches(one):
            yield from all_graphs(inner)


def held_tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor with values that the file holds: weights, Constant nodes, in functions too."""
    nodes = [one for function in model.functions for one in function.node]
    graphs = [model.graph, *(inner for one in nodes for inner in branches(one))]
    for graph in (inside for outer in graphs for inside in all_graphs(outer)):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        nodes.extend(graph.node)
    for attribute in (one for each in nodes for one in each.attribute):
        yield from (*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors)


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
        for inner in branches(node):
            rename(inner, old, new)


def make_room(graph: Graph, names: Iterable[str]) -> None:
    """Rename what stands under these names, so that they are free."""
    for name in names:
        rename(graph, name, f"export_{name}")


def hold(graph: Graph, name: str, values: NDArray[Any]) -> str:
    """Add a constant; returns its name: another one where there is something of that name."""
    taken = {tensor.name for tensor in graph.initializer}.union(*(one.output for one in graph.node))
    while name in taken:  # of an export that went through here before, say
        name = f"{name}_"
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


def prune(graph: Graph) -> None:
    """Remove what no output is made of: labels, masks, weights that were folded."""
    wanted = {value.name for value in graph.output}
    # from the end: who reads a node comes before it here
    for candidate in reversed(list(graph.node)):
        if wanted.intersection(candidate.output):
            # branches read tensors of the graph around them without naming them as inputs
            wanted.update(read_by(candidate))
        else:
            graph.node.remove(candidate)
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in wanted]:
        graph.initializer.remove(tensor)


def read_by(one: Node) -> set[str]:
    """What a node reads: its inputs, and what its branches read of the graph around them."""
    return {*one.input, *_read_inside(one)} - {""}


def sort_nodes(graph: Graph) -> list[str]:
    """Every node behind those that it reads, in branches too; else as they stood.

    Returns tensors that are read and that nobody makes, or that are made of themselves; the
    nodes that read them stand at the end.
    """
    return _sort(graph, set())


def _sort(graph: Graph, around: set[str]) -> list[str]:
    nodes = list(graph.node)
    maker = {name: place for place, one in enumerate(nodes) for name in one.output}
    reads = [read_by(one) for one in nodes]
    # of this graph alone: what comes from around it is there already
    missing = [len({maker[name] for name in names if name in maker}) for names in reads]
    behind: list[set[int]] = [set() for _ in nodes]
    for place, names in enumerate(reads):
        for name in names & maker.keys():
            behind[maker[name]].add(place)
    # the first that is ready, so that what was in order stays as it was
    ready = [place for place, count in enumerate(missing) if not count]
    order: list[int] = []
    while ready:
        order.append(heapq.heappop(ready))
        for place in behind[order[-1]]:
            missing[place] -= 1
            if not missing[place]:
                heapq.heappush(ready, place)
    circle = [place for place in range(len(nodes)) if missing[place]]
    _reorder(graph, [*order, *circle])
    there = around | maker.keys() | _given(graph)
    lost = sorted({name for one in nodes for name in one.input if name and name not in there})
    lost.extend(name for place in circle for name in nodes[place].output)
    for one in graph.node:
        for inner in branches(one):
            lost.extend(_sort(inner, there))
    return lost


def _given(graph: Graph) -> set[str]:
    """What a graph has without computing it."""
    sparse = {each.values.name for each in graph.sparse_initializer}
    return {value.name for value in (*graph.input, *graph.initializer)} | sparse


def _reorder(graph: Graph, order: Sequence[int]) -> None:
    if list(order) == sorted(order):
        return
    # copies, for a node that was removed from its graph is gone
    nodes = [onnx.NodeProto.FromString(graph.node[place].SerializeToString()) for place in order]
    del graph.node[:]
    graph.node.extend(nodes)


def _read_inside(outer: Node) -> set[str]:
    """What the branches and loops of a node read of what is not their own."""
    found: set[str] = set()
    for inner in branches(outer):
        own = {value.name for value in (*inner.input, *inner.initializer)}
        own |= {name for one in inner.node for name in one.output}
        reads = {value.name for value in inner.output}
        for one in inner.node:
            reads |= read_by(one)
        found |= reads - own
    return found
