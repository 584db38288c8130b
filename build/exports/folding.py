"""What is the same for every image is computed once, and what then does nothing goes.

Exporters write sizes, means and thresholds as small computations on constants, and choose
between branches by conditions that only another size or batch would change. With one image
of one size these are plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import numpy_helper

from gonogo.build.exports.branching import take_known_branches
from gonogo.build.exports.graph import branches, constants, is_output, node, read_by, rename
from gonogo.build.exports.shapes import freeze_shapes, shapes_of
from gonogo.build.exports.trial import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Graph, Node
    from gonogo.build.exports.shapes import Shapes

ROUNDS = 12  # each may show what the next can compute
BYTES_MAX = 1 << 26  # of one folded value
# random, or how INT8 is written: that is no mere computation
_KEPT = {"QuantizeLinear", "DequantizeLinear", "Dropout", "Multinomial", "Bernoulli"}
_FOLDED_MAX = 8  # at most so many times what a value is made of, or SMALL_BYTES
_SMALL_BYTES = 1 << 20


def simplify(model: onnx.ModelProto) -> None:
    """Fold until nothing more follows; the input has one shape by now."""
    # sizes that hold for an open batch
    del model.graph.value_info[:]
    for _ in range(ROUNDS):
        shapes = shapes_of(model)
        changed = freeze_shapes(model, shapes)
        changed += fold_constants(model)
        changed += take_known_branches(model.graph)
        changed += _drop_idle(model.graph, shapes)
        if not changed:
            return


def fold_constants(model: onnx.ModelProto) -> int:
    """Compute nodes that read constants alone; returns how many are gone."""
    graph = model.graph
    known = {tensor.name for tensor in graph.initializer}
    foldable: list[Node] = []
    read = {value.name for value in graph.output}
    for one in graph.node:
        if _is_plain(one) and all(name in known for name in one.input if name):
            foldable.append(one)
            known.update(one.output)
        else:
            read |= read_by(one)
    if not foldable:
        return 0
    inside = {name for one in foldable for name in one.output}
    wanted = sorted(inside & read)
    values = _computed(model, foldable, wanted)
    if values is None:
        return 0
    for one in foldable:
        graph.node.remove(one)
    graph.initializer.extend(numpy_helper.from_array(values[name], name) for name in wanted)
    return len(foldable)


def _is_plain(one: Node) -> bool:
    random = one.op_type.startswith("Random") or one.op_type in _KEPT
    return one.domain in {"", "ai.onnx"} and not random and not branches(one) and bool(one.output)


def _computed(
    model: onnx.ModelProto, nodes: list[Node], wanted: list[str]
) -> dict[str, NDArray[Any]] | None:
    """Values of the tensors `wanted`; None where they cannot be had, or would be huge."""
    part = onnx.ModelProto(ir_version=model.ir_version)
    part.opset_import.extend(model.opset_import)
    part.graph.name = "constants"
    part.graph.node.extend(nodes)
    read = {name for one in nodes for name in one.input}
    part.graph.initializer.extend(t for t in model.graph.initializer if t.name in read)
    part.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    try:
        values = Runner(part, plain=True).run(None).values
    except Exception:  # noqa: BLE001 - whatever it lacks: the nodes stay as they are
        return None
    total = sum(np.asarray(value).nbytes for value in values.values())
    limit = max(_SMALL_BYTES, min(BYTES_MAX, _FOLDED_MAX * part.ByteSize()))
    return values if total <= limit else None


def _drop_idle(graph: Graph, shapes: Shapes) -> int:
    """Nodes that hand on what they read; returns how many are gone."""
    held = constants(graph)
    gone = 0
    for one in list(graph.node):
        source = _passes_on(one, shapes, held)
        if source is None:
            continue
        # an output has its name from its node
        if is_output(graph, one.output[0]):
            gone += _only_hands_on(one, source)
            continue
        graph.node.remove(one)
        rename(graph, one.output[0], source)
        gone += 1
    return gone


def _only_hands_on(one: Node, source: str) -> int:
    if one.op_type == "Identity":
        return 0
    one.CopyFrom(node("Identity", [source], one.output[0]))
    return 1


def _passes_on(one: Node, shapes: Shapes, held: Mapping[str, NDArray[Any]]) -> str | None:
    """The input that a node gives out unchanged, if it does."""
    if one.domain not in {"", "ai.onnx"} or len(one.output) != 1:
        return None
    if one.op_type == "Where":
        return _chosen(one, shapes, held)
    pads = held.get(one.input[1]) if len(one.input) > 1 else None
    idle = {
        "Identity": True,
        "Concat": len(one.input) == 1,
        "Pad": pads is not None and not pads.any(),
        "Reshape": _same_shape(one, shapes),
        "Expand": _same_shape(one, shapes),
        "Resize": _same_shape(one, shapes) and not _shifts(one),
    }
    return str(one.input[0]) if idle.get(one.op_type, False) else None


def _same_shape(one: Node, shapes: Shapes) -> bool:
    before, after = (shapes.get(name) for name in (one.input[0], one.output[0]))
    return before is not None and before == after and all(before)


def _shifts(one: Node) -> bool:
    """Whether it reads other places than it writes, at the same size."""
    modes = [a.s for a in one.attribute if a.name == "coordinate_transformation_mode"]
    return any(mode.startswith(b"tf_") for mode in modes)


def _chosen(one: Node, shapes: Shapes, held: Mapping[str, NDArray[Any]]) -> str | None:
    """Where with a condition that is the same everywhere, and a result of the same shape."""
    condition = held.get(one.input[0])
    if condition is None or not condition.size or condition.all() != condition.any():
        return None
    taken = str(one.input[1] if condition.all() else one.input[2])
    shape = shapes.get(taken)
    return taken if shape is not None and shape == shapes.get(one.output[0]) else None
