"""If nodes whose condition is known: the branch that is taken becomes part of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
from onnx import numpy_helper

from gonogo.build.exports.graph import insert, node, rename

if TYPE_CHECKING:
    from gonogo.build.exports.graph import Graph, Node


def take_known_branches(graph: Graph) -> int:
    """Put the taken branch of each such If in its place; returns how many there were."""
    held = {tensor.name: tensor for tensor in graph.initializer}
    known = [one for one in graph.node if one.op_type == "If" and one.input[0] in held]
    for one in known:
        holds = bool(numpy_helper.to_array(held[one.input[0]]).all())
        wanted = "then_branch" if holds else "else_branch"
        taken = next(a.g for a in one.attribute if a.name == wanted)
        _put_in_place(graph, one, taken)
    return len(known)


def _put_in_place(graph: Graph, one: Node, taken: Graph) -> None:
    inner = onnx.GraphProto()
    inner.CopyFrom(taken)
    own = {name for each in inner.node for name in each.output if name}
    own |= {tensor.name for tensor in inner.initializer}
    results = [value.name for value in inner.output]
    # another branch may use the same names; one that was put in its place has them already
    for name in sorted(own):
        rename(inner, name, f"{one.output[0]}/{name}")
    place = list(graph.node).index(one)
    outputs = list(one.output)
    graph.node.remove(one)
    passed = [
        node("Identity", [f"{outputs[0]}/{name}" if name in own else name], output)
        for name, output in zip(results, outputs, strict=True)
        if output
    ]
    insert(graph, place, [*inner.node, *passed])
    graph.initializer.extend(inner.initializer)
