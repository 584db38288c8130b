"""Which axis of an export's input is what: told by the shape, or by `--layout`.

    planes first   batch x 1 or 3 x height x width, or without the batch
    planes last    batch x height x width x 1 or 3, as TensorFlow and Keras have it

Our own input is 1 x planes x height x width: for planes last a Transpose stands behind it.
Constant arithmetic moves in front of that, and a Transpose back cancels it, so that what
follows sees nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.graph import constants, hold, insert, is_output, node, readers, rename
from gonogo.build.listed import listed

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

    from gonogo.build.exports.graph import Graph, Node
    from gonogo.build.exports.options import Options

FIRST, LAST = "nchw", "nhwc"
PLANES = (1, 3)
TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
_RANKS = (3, 4)
_NUMBERS = {
    *(TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64),
    *(TensorProto.INT16, TensorProto.INT32, TensorProto.INT64),
}
_ARITHMETIC = {"Add", "Sub", "Mul", "Div"}


class Input(NamedTuple):
    """What an export takes: sizes are 0 where they are open, `batch` None where it has no axis."""

    name: str
    layout: str
    batch: int | None
    planes: int
    size_px: tuple[int, int]

    def dims(self, batch: int, planes: int, size_px: tuple[int, int]) -> list[int]:
        """A shape in the export's own order."""
        first = [planes, *size_px] if self.layout == FIRST else [*size_px, planes]
        return first if self.batch is None else [batch, *first]


def find_input(path: Path, model: onnx.ModelProto, options: Options) -> Input:
    """The image among the inputs; ModelError says what it takes instead."""
    graph = model.graph
    if len(graph.input) != 1:
        names = listed([value.name for value in graph.input])
        raise ModelError(
            f"{path}: {len(graph.input)} inputs ({names}), expected one image; export the "
            "model with the image as its only input"
        )
    image = graph.input[0]
    # some exporters write -1 where a size is open
    dims = [max(dim.dim_value, 0) for dim in image.type.tensor_type.shape.dim]
    shown = " x ".join(str(size or "open") for size in dims) or "a scalar"
    if len(dims) not in _RANKS:
        raise ModelError(
            f"{path}: input '{image.name}' is {shown}, expected an image: batch x planes x height "
            "x width; export the model for single images"
        )
    batch = dims[0] if len(dims) == max(_RANKS) else None
    inner = dims[-3:]
    layout = options.layout if options.layout != "auto" else _told(path, image.name, shown, inner)
    planes, *size = inner if layout == FIRST else [inner[2], *inner[:2]]
    if planes not in {0, *PLANES}:
        raise ModelError(
            f"{path}: input '{image.name}' is {shown}: {planes} planes, expected 1 (grey) or 3 "
            "(colour); export the model for such images, with the planes first"
        )
    return Input(image.name, layout, batch, planes, (size[0], size[1]))


def _told(path: Path, name: str, shown: str, inner: list[int]) -> str:
    first, last = inner[0] in PLANES, inner[2] in PLANES
    if first and last:
        raise ModelError(
            f"{path}: input '{name}' is {shown}, which may be planes first or planes last; say "
            "--layout nchw or --layout nhwc"
        )
    if first or last:
        return FIRST if first else LAST
    # planes that are left open stand where exporters of open shapes have them
    if inner[0] == 0:
        return FIRST
    raise ModelError(
        f"{path}: input '{name}' is {shown}, expected 1 (or open) x 1 or 3 x height x width, or "
        "planes last; export the model for single images with the planes first"
    )


def write_input(model: onnx.ModelProto, found: Input, shape: tuple[int, ...]) -> int:
    """Make the input ours, `shape` (1, planes, height, width); returns its type.

    Integers of other widths become uint8: pixels are 0 .. 255.
    """
    graph, image = model.graph, model.graph.input[0]
    dtype = int(image.type.tensor_type.elem_type)
    steps: list[Node] = []
    here = found.name
    if dtype in _NUMBERS:
        steps.append(node("Cast", [here], "front_number", to=dtype))
        dtype, here = TensorProto.UINT8, "front_number"
    if found.layout == LAST:
        steps.append(node("Transpose", [here], "front_last", perm=list(TO_LAST)))
        here = "front_last"
    if found.batch is None:
        axes = hold(graph, "front_no_batch", np.array([0], np.int64))
        steps.append(node("Squeeze", [here, axes], "front_alone"))
        here = "front_alone"
    if steps:
        for one in readers(graph, found.name):
            one.input[:] = [here if name == found.name else name for name in one.input]
        insert(graph, 0, steps)
    image.CopyFrom(helper.make_tensor_value_info(found.name, dtype, shape))
    if found.layout == LAST:
        _planes_first(graph)
    return dtype


def _planes_first(graph: Graph) -> None:
    """Move what is alike for all places in front of the Transpose, until one turns it back."""
    turn = next(one for one in graph.node if one.output[0] == "front_last")
    while not is_output(graph, turn.output[0]):
        behind = readers(graph, turn.output[0])
        if len(behind) != 1:
            return
        step = behind[0]
        if _turns_back(step):
            _cancel(graph, turn, step)
            return
        if not _moves(graph, step, turn.output[0]):
            return
        # from: turn -> step, to: step -> turn
        before, between, after = turn.input[0], turn.output[0], step.output[0]
        step.input[:] = [before if name == between else name for name in step.input]
        step.output[0], turn.input[0], turn.output[0] = between, between, after
        places = [list(graph.node).index(one) for one in (turn, step)]
        first, second = type(turn)(), type(turn)()
        first.CopyFrom(step)
        second.CopyFrom(turn)
        graph.node[places[0]].CopyFrom(first)
        graph.node[places[1]].CopyFrom(second)
        turn = graph.node[places[1]]


def _turns_back(step: Node) -> bool:
    return step.op_type == "Transpose" and any(
        tuple(a.ints) == TO_FIRST for a in step.attribute if a.name == "perm"
    )


def _cancel(graph: Graph, turn: Node, back: Node) -> None:
    source, made = turn.input[0], back.output[0]
    if is_output(graph, made):
        return
    for one in (turn, back):
        graph.node.remove(one)
    rename(graph, made, source)


def _moves(graph: Graph, step: Node, tensor: str) -> bool:
    """Whether a node works on each place alike; its constant is then turned for planes first."""
    if step.op_type == "Cast":
        return True
    others = [name for name in step.input if name != tensor]
    if step.op_type not in _ARITHMETIC or len(others) != 1:
        return False
    values = constants(graph).get(others[0])
    if values is None:
        return False
    if values.size == 1:
        return True
    # one value a plane: the last axis alone is longer than 1
    if values.ndim > len(TO_LAST) or values.size != values.shape[-1]:
        return False
    turned = hold(graph, f"{step.output[0]}_planes_first", values.reshape(1, -1, 1, 1))
    step.input[:] = [turned if name == others[0] else name for name in step.input]
    return True
