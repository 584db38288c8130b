"""A batch of several, baked into the graph, made one of 1.

What an exporter writes for a fixed batch is row upon row of the same computation. Row 0 is
computed alone where every constant that counts the batch is made to count one:

    Reshape, Expand, Resize to a size   the axis that holds the batch is divided by it
    Concat and arithmetic               a constant with a row for each image gives row 0

Where the batch stands is followed by shapes, told with the batch as it was and with 1. That
it computes what row 0 did is for the caller to check (gonogo.build.exports.same).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import onnx

from gonogo.build.exports.folding import simplify
from gonogo.build.exports.graph import constants, hold, prune
from gonogo.build.exports.shapes import shapes_of, without_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Node
    from gonogo.build.exports.layout import Input
    from gonogo.build.exports.shapes import Shapes

_SHAPED = {"Reshape": 1, "Expand": 1, "Resize": 3, "Tile": 1}  # the input that says the shape
_ROWS_TOO = {"Concat", "Where", "Add", "Sub", "Mul", "Div", "Pow", "Greater", "Less", "Equal"}
_AT_ONCE = 10_000  # steps at most


def one_of(model: onnx.ModelProto, found: Input, size_px: tuple[int, int]) -> onnx.ModelProto:
    """A copy of the model for a batch of 1, as far as its constants could be rewritten."""
    batch = found.batch or 1
    several = onnx.ModelProto()
    several.CopyFrom(model)
    _set_batch(several, found.dims(batch, found.planes, size_px))
    simplify(several)
    # from the simplified one: shapes that it asked for are constants in both alike
    single = onnx.ModelProto()
    single.CopyFrom(several)
    before = shapes_of(several)
    _set_batch(single, found.dims(1, found.planes, size_px))
    _rewrite(single, before, batch)
    _leave_out_empty(single)
    simplify(single)
    prune(single.graph)
    return single


def _set_batch(model: onnx.ModelProto, dims: Sequence[int]) -> None:
    del model.graph.value_info[:]
    image = model.graph.input[0]
    dtype = image.type.tensor_type.elem_type
    image.CopyFrom(onnx.helper.make_tensor_value_info(image.name, dtype, list(dims)))
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")


def _rewrite(model: onnx.ModelProto, before: Shapes, batch: int) -> None:
    """From the front to the back, each constant with the shapes that those before it gave."""
    graph, done = model.graph, 0
    for _ in range(_AT_ONCE):
        after = shapes_of(model)
        held = constants(graph)
        changed = False
        while done < len(graph.node) and not changed:
            changed = _mend(model, graph.node[done], (before, after, held), batch)
            done += 1
        if not changed:
            return


def _mend(
    model: onnx.ModelProto,
    one: Node,
    known: tuple[Shapes, Shapes, dict[str, NDArray[np.generic]]],
    batch: int,
) -> bool:
    """Rewrite the constants of a node that count the batch; whether there were any."""
    before, after, held = known
    place = _SHAPED.get(one.op_type)
    if place is not None and len(one.input) > place and one.input[place] in held:
        mended = _smaller(one, held[one.input[place]], (before, after), batch)
        if mended is not None:
            _put(model, one, place, mended)
        return mended is not None
    if one.op_type not in _ROWS_TOO:
        return False
    rank = len(before.get(one.output[0], ()))
    axis = next((a for name in one.input if (a := _axis(name, before, after)) is not None), None)
    if axis is None:
        return False
    changed = False
    for number, name in enumerate(one.input):
        values = held.get(name)
        # counted from the end, as broadcasting does
        at = None if values is None else axis - (rank - values.ndim)
        if values is None or at is None or not 0 <= at < values.ndim or values.shape[at] != batch:
            continue
        _put(model, one, number, np.take(values, [0], axis=at))
        changed = True
    return changed


def _axis(name: str, before: Shapes, after: Shapes) -> int | None:
    """Where a tensor has the batch, as its place in the shape with the output's rank."""
    was, now = before.get(name, ()), after.get(name, ())
    differing = [k for k, (a, b) in enumerate(zip(was, now, strict=False)) if a != b and b]
    return differing[0] if len(was) == len(now) and len(differing) == 1 else None


def _smaller(
    one: Node, target: NDArray[np.generic], known: tuple[Shapes, Shapes], batch: int
) -> NDArray[np.generic] | None:
    """The shape that a node is told, for a batch of 1; None where it may stay as it is."""
    before, after = known
    was, now = before.get(one.input[0], ()), after.get(one.input[0], ())
    made = before.get(one.output[0], ())
    if len(made) != target.size or not all(made):
        return None
    if one.op_type == "Reshape":
        axis = _axis(one.input[0], before, after)
        if axis is None:
            return None
        axis = _holding(made, math.prod(was[:axis]), batch)
    else:
        # counted from the end: an Expand may give axes in front
        inner = _axis(one.input[0], before, after)
        axis = 0 if inner is None else inner + len(made) - len(now)
        # nothing of the image in it: the first axis is the batch, if it counts as many
        if inner is None and (was != now or made[0] != batch):
            return None
    if axis is None or target[axis] <= 0 or int(target[axis]) % batch:
        return None
    smaller = np.array(target)
    smaller[axis] = int(target[axis]) // batch
    return smaller


def _holding(made: Sequence[int], prefix: int, batch: int) -> int | None:
    """The axis of a reshaped tensor in which the batch is, `prefix` elements before it."""
    begin = 1
    for axis, size in enumerate(made):
        if begin <= prefix < begin * size and size % batch == 0:
            return axis
        begin *= size
    return next((axis for axis, size in enumerate(made) if size == batch), None)


def _put(model: onnx.ModelProto, one: Node, place: int, values: NDArray[np.generic]) -> None:
    # under a name of its own: others may read the old one
    one.input[place] = hold(model.graph, f"{one.output[0]}_of_one_{place}", values)


def _leave_out_empty(model: onnx.ModelProto) -> None:
    """Pieces of a batch that are not there any more: nothing is joined from nothing."""
    shapes = _whole_shapes(model)
    for one in [each for each in model.graph.node if each.op_type == "Concat"]:
        full = [name for name in one.input if 0 not in shapes.get(name, ())]
        if full and len(full) < len(one.input):
            one.input[:] = full
    prune(model.graph)


def _whole_shapes(model: onnx.ModelProto) -> Shapes:
    """Shapes that are known for certain: 0 is then a size, and not an open one."""
    light = onnx.shape_inference.infer_shapes(without_weights(model), data_prop=True).graph
    found: Shapes = {}
    for value in light.value_info:
        dims = value.type.tensor_type.shape.dim
        if all(dim.WhichOneof("value") == "dim_value" for dim in dims):
            found[value.name] = tuple(dim.dim_value for dim in dims)
    return found
