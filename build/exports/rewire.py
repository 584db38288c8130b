"""Outputs of our names, made of those that an export has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.graph import hold, node, prune, rename
from gonogo.build.exports.outputs import Output

if TYPE_CHECKING:
    from gonogo.build.exports.graph import Graph
    from gonogo.build.exports.outputs import Mapped

_REALS = {"float", "float16", "double"}


def write_outputs(graph: Graph, mapped: Mapped) -> None:
    """Outputs of our names and no others."""
    # what nobody asks for would be computed for each part
    del graph.output[:]
    if mapped.score is None and mapped.map is not None:
        _write(graph, "score", (1, 1), _largest(graph, mapped.map))
    elif mapped.score is not None and mapped.good_class is not None:
        _write(graph, "score", (1, 1), _not_good(graph, mapped.score, mapped.good_class))
    outputs = {"anomaly_map": mapped.map, "embedding": mapped.embedding}
    if mapped.good_class is None:
        outputs["score"] = mapped.score
    for name, output in outputs.items():
        if output is not None:
            _write(graph, name, output.shape, output)
    prune(graph)


def _write(graph: Graph, name: str, shape: tuple[int, ...], source: Output) -> None:
    """`name` is what `source` holds, as float32."""
    if source.dtype not in _REALS:
        raise ModelError(f"output {source} is no {name}: expected real numbers; name another one")
    if source.name != name:
        graph.node.append(node("Cast", [source.name], name, to=TensorProto.FLOAT))
    # named as we name it, but of another type: it makes room for its float32 form
    elif source.dtype != "float":
        rename(graph, name, f"export_{name}")
        graph.node.append(node("Cast", [f"export_{name}"], name, to=TensorProto.FLOAT))
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _largest(graph: Graph, anomaly: Output) -> Output:
    # over all axes, so that the map may have three or four
    graph.node.append(node("ReduceMax", [anomaly.name], "worst_place", keepdims=0))
    flat = hold(graph, "worst_shape", np.array([1, 1], np.int64))
    graph.node.append(node("Reshape", ["worst_place", flat], "worst"))
    return Output("worst", anomaly.dtype, (1, 1))


def _not_good(graph: Graph, classes: Output, good: int) -> Output:
    """The other classes' probabilities together: 1 - p(good), but not rounded away near 0."""
    others = np.ones((classes.classes, 1), np.float32)
    others[good] = 0
    flat = hold(graph, "classes_shape", np.array([1, classes.classes], np.int64))
    weights = hold(graph, "classes_not_good", others)
    graph.node.append(node("Reshape", [classes.name, flat], "classes_flat"))
    graph.node.append(node("Cast", ["classes_flat"], "classes_real", to=TensorProto.FLOAT))
    graph.node.append(node("MatMul", ["classes_real", weights], "not_good"))
    return Output("not_good", "float", (1, 1))
