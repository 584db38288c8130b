"""Small ONNX graphs that give out what detectors, segmentations and classifiers do.

Values are planted: those of confidences follow how bright the picture is (`bright`: 0 for a
black one, towards 1 for a white one), boxes stay where they are. Import as
`gonogo.tests.build.exports.heads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.metadata import read_metadata
from gonogo.build.exports.options import Options
from gonogo.build.exports.outputs import map_outputs
from gonogo.build.exports.rewire import write_outputs
from gonogo.build.exports.seen import Export, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gonogo.build.exports.outputs import Mapped

SIDE_PX = 64
PLACES = 64 + 16 + 4  # of strides 8, 16, 32 in a picture of SIDE_PX
BRIGHT = 0.5  # of the picture that scores are compared on
PLAIN = Options()


class Planted(NamedTuple):
    """An output: its values, how they follow the picture, the operators that made them."""

    values: NDArray[Any]
    follows: str = ""  # "", "times" or "plus" how bright it is
    through: str = ""  # an operator behind: Sigmoid, Softmax (over axis 1), ...


def model(
    outputs: Mapping[str, Planted],
    metadata: Mapping[str, str] | None = None,
    extra: Sequence[onnx.NodeProto] = (),
    *,
    opset: int = 17,
) -> onnx.ModelProto:
    """A graph from `image`, float32 1 x 3 x SIDE_PX x SIDE_PX, to the planted outputs.

    `extra`: nodes that read `nothing`, a scalar of 0 that only a run can tell, and end in it.
    """
    nodes = [
        *_mean(opset),
        helper.make_node("Add", ["mean", "one"], ["more"]),
        helper.make_node("Div", ["mean", "more"], ["bright"]),
        helper.make_node("Mul", ["mean", "nil"], ["nothing"]),
        *extra,
    ]
    held = [numpy_helper.from_array(np.float32(k), n) for n, k in (("one", 1), ("nil", 0))]
    held.append(numpy_helper.from_array(np.array([0, 1, 2, 3], np.int64), "axes"))
    shown = []
    for name, one in outputs.items():
        held.append(numpy_helper.from_array(one.values, f"{name}/values"))
        nodes += _nodes(name, one)
        kind = helper.np_dtype_to_tensor_dtype(one.values.dtype)
        shown.append(helper.make_tensor_value_info(name, kind, one.values.shape))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, 3, SIDE_PX, SIDE_PX))
    graph = helper.make_graph(nodes, "main_graph", [image], shown, held)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(made, dict(metadata or {}))
    return made


def _mean(opset: int) -> list[onnx.NodeProto]:
    if opset < 18:
        return [helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0)]
    return [helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0)]


def _nodes(name: str, one: Planted) -> list[onnx.NodeProto]:
    values = f"{name}/values"
    if not np.issubdtype(one.values.dtype, np.floating):
        kind = helper.np_dtype_to_tensor_dtype(one.values.dtype)
        return [
            helper.make_node("Cast", ["nothing"], [f"{name}/nothing"], to=kind),
            helper.make_node("Add", [values, f"{name}/nothing"], [name]),
        ]
    ends = f"{name}/made" if one.through else name
    op, by = {
        "": ("Add", "nothing"),
        "times": ("Mul", "bright"),
        "plus": ("Add", "bright"),
    }[one.follows]
    made = [helper.make_node(op, [values, by], [ends])]
    if one.through:
        axis: dict[str, Any] = {"axis": 1} if "Softmax" in one.through else {}
        made.append(helper.make_node(one.through, [ends], [name], **axis))
    return made


def export_of(made: onnx.ModelProto, options: Options = PLAIN) -> Export:
    """As `map_outputs` sees it."""
    said = read_metadata({entry.key: entry.value for entry in made.metadata_props})
    return Export(look(made), said, options)


def mapped(made: onnx.ModelProto, options: Options = PLAIN) -> Mapped:
    """What its outputs are found to be."""
    metadata = {entry.key: entry.value for entry in made.metadata_props}
    return map_outputs(look(made), options, metadata)


def rewired(made: onnx.ModelProto, options: Options = PLAIN) -> onnx.ModelProto:
    """A copy with outputs of our names."""
    ours = onnx.ModelProto()
    ours.CopyFrom(made)
    write_outputs(ours, mapped(ours, options))
    onnx.checker.check_model(ours, full_check=True)
    return ours


def picture(bright: float = BRIGHT) -> NDArray[np.float32]:
    """A picture whose `bright` is this."""
    return np.full((1, 3, SIDE_PX, SIDE_PX), bright / (1 - bright), np.float32)


def run(ours: onnx.ModelProto, bright: float = BRIGHT) -> dict[str, NDArray[np.float32]]:
    """Its outputs by name."""
    session = ort.InferenceSession(ours.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, {"image": picture(bright)}), strict=True))


def score(ours: onnx.ModelProto, bright: float = BRIGHT) -> float:
    """Its score."""
    return float(run(ours, bright)["score"].max())


def boxes(count: int = PLACES, seed: int = 0) -> NDArray[np.float32]:
    """Corners x1, y1, x2, y2 in px: (count, 4), each at least 2 px wide, some beyond the edge."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(-4, SIDE_PX - 6, (count, 2))
    return np.concatenate([first, first + rng.uniform(2, 30, (count, 2))], 1).astype(np.float32)


def shares(count: int = PLACES, classes: int = 3, seed: int = 1) -> NDArray[np.float32]:
    """Confidences in 0..1: (count, classes), most of them low."""
    rng = np.random.default_rng(seed)
    return (rng.uniform(0, 1, (count, classes)) ** 4).astype(np.float32)


def written(corners: NDArray[np.float32], how: str) -> NDArray[np.float32]:
    """The same boxes as xyxy, yxyx or xywh."""
    x1, y1, x2, y2 = corners.T
    ways = {
        "xyxy": (x1, y1, x2, y2),
        "yxyx": (y1, x1, y2, x2),
        "xywh": ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1),
    }
    return np.stack(ways[how], 1)


def drawn(
    corners: NDArray[np.float32], confidences: NDArray[np.float32], top: int = 64
) -> NDArray[np.float32]:
    """The map that boxes make, cell by cell: 8 x 8 cells of 8 px."""
    cells = np.zeros((8, 8), np.float32)
    for place in np.argsort(-confidences, kind="stable")[:top]:
        x1, y1, x2, y2 = corners[place] / 8
        for row in range(8):
            for column in range(8):
                if x1 < column + 1 and x2 > column and y1 < row + 1 and y2 > row:
                    cells[row, column] = max(cells[row, column], confidences[place])
    return cells


def highest_mean(plane: NDArray[Any]) -> float:
    """Of 3 x 3 neighbours, or as many as there are at the edge."""
    rows, columns = plane.shape
    squares = (
        plane[max(0, r - 1) : r + 2, max(0, c - 1) : c + 2].mean()
        for r in range(rows)
        for c in range(columns)
    )
    return float(max(squares))
