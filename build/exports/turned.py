"""A model whose score is higher for better parts, turned round: higher is worse, as everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx

from gonogo.build.exports.graph import hold, is_output, node, rename

if TYPE_CHECKING:
    from gonogo.build.exports.graph import Graph

_TURNED = ("score", "anomaly_map")
_WORST = "worst_place"  # gonogo.build.exports.rewire: the score of an export that has a map alone


def turned(model: bytes, *, shares: bool) -> bytes:
    """A model of our contract with score and map turned: 1 - s of `shares` in 0 .. 1, else -s."""
    found = onnx.load_from_string(model)
    graph = found.graph
    for made in graph.node:
        # of a map of goodness the least good place counts
        if made.name == _WORST and made.op_type == "ReduceMax":
            made.op_type = "ReduceMin"
    for name in _TURNED:
        if is_output(graph, name):
            _turn(graph, name, shares=shares)
    data: bytes = found.SerializeToString()
    return data


def _turn(graph: Graph, name: str, *, shares: bool) -> None:
    inner = f"{name}_of_good"
    value = next(one for one in graph.output if one.name == name)
    # the output keeps its name, all that is inside gets another
    rename(graph, name, inner)
    value.name = name
    if not shares:
        graph.node.append(node("Neg", [inner], name))
        return
    one = hold(graph, f"{name}_whole", np.array(1, np.float32))
    graph.node.append(node("Sub", [one, inner], name))
