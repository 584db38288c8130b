"""Boxes become a map in plain operators, the same in every runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from gonogo.build.exports.boxes import TOP, map_size, write_detections
from gonogo.build.exports.detection import Detection, Take
from gonogo.build.exports.pen import Pen, opset_of
from gonogo.build.exports.seen import Output
from gonogo.tests.build.exports import heads

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

# what TensorRT's parser and OpenVINO take, without plugins and loops
PLAIN = {
    *("Cast", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather", "Reshape", "Concat"),
    *("ReduceMax", "TopK", "MatMul", "Mul", "Add", "Less", "Greater", "And", "Equal", "Sigmoid"),
    *("ReduceSum", "Softmax", "Cos", "Sin", "Abs", "AveragePool", "Identity"),
}
# as the backend has it: else corners are rounded to bfloat16 where a processor has that
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}
COUNT = 200
SIZE_PX = (64, 96)


def detecting(found: Detection, opset: int = 17) -> onnx.ModelProto:
    """A model of which score and map are the outputs, its inputs what `found` is made of."""
    outputs = {found.box.source, found.confidence.source}
    outputs |= {take.source for take in (found.angle, found.label) if take is not None}
    given = [
        helper.make_tensor_value_info(
            one.name, TensorProto.FLOAT, ["n", *one.shape[1:]] if one.varies else one.shape
        )
        for one in sorted(outputs)
    ]
    graph = helper.make_graph([], "g", given, [])
    opsets = [helper.make_opsetid("", opset)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    for name, one in zip(("score", "map"), write_detections(made, found), strict=True):
        made.graph.node.append(helper.make_node("Identity", [one.name], [name]))
        made.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, one.shape))
    onnx.checker.check_model(made, full_check=True)
    return made


def of_rows(corners: str = "xyxy", *, varies: bool = False) -> Detection:
    """Boxes N x 4 and confidences N, in px."""
    boxes = Output("boxes", "float", (COUNT, 4), varies)
    return Detection(
        Take(boxes, 0, 4, by_rows=True),
        corners,
        normalised=False,
        confidence=Take(Output("sure", "float", (COUNT,), varies), 0, 1, by_rows=False),
        size_px=SIZE_PX,
    )


def run(made: onnx.ModelProto, **given: NDArray[np.float32]) -> list[NDArray[Any]]:
    """Score and map, in ONNX Runtime."""
    session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, given))


BOXES, SURE = heads.boxes(COUNT), heads.shares(COUNT, 1)[:, 0]


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
@pytest.mark.parametrize("corners", ["xyxy", "yxyx", "xywh"])
def test_write_detections_draws_the_surest(opset: int, corners: str) -> None:
    """In each cell the highest confidence of those that touch it; a map as wide as the picture."""
    made = detecting(of_rows(corners), opset)
    score, drawn = run(made, boxes=heads.written(BOXES, corners), sure=SURE)
    assert score.tolist() == [[SURE.max()]]
    assert drawn.shape == (1, 1, 8, 12)
    assert drawn[0, 0, :, :8] == pytest.approx(heads.drawn(BOXES, SURE, TOP))


def test_write_detections_uses_plain_operators_alone() -> None:
    """No loop, no plugin, nothing whose result varies in size."""
    turned = of_rows("xywh")._replace(
        angle=Take(Output("angle", "float", (COUNT,)), 0, 1, by_rows=False),
        label=Take(Output("label", "float", (COUNT,)), 0, 1, by_rows=False),
        defects=(1, 3),
        activation="sigmoid",
    )
    assert {one.op_type for one in detecting(turned).graph.node} <= PLAIN


@pytest.mark.parametrize("count", [0, 1, 7, COUNT])
def test_write_detections_fills_up_a_list_that_varies(count: int) -> None:
    """Down to none at all."""
    made = detecting(of_rows(varies=True))
    score, drawn = run(made, boxes=BOXES[:count], sure=SURE[:count])
    assert score.tolist() == [[SURE[:count].max(initial=0)]]
    assert drawn[0, 0, :, :8] == pytest.approx(heads.drawn(BOXES[:count], SURE[:count], TOP))


@pytest.mark.parametrize("varies", [False, True])
def test_write_detections_says_the_same_in_openvino(varies: bool) -> None:  # noqa: FBT001 - parametrized
    """Another runtime is the judge."""
    openvino = pytest.importorskip("openvino")
    made = detecting(of_rows(varies=varies))
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(made.SerializeToString()), "CPU", EXACT)
    theirs = compiled({"boxes": BOXES, "sure": SURE})
    for mine, other in zip(run(made, boxes=BOXES, sure=SURE), theirs.values(), strict=True):
        assert other == pytest.approx(mine, abs=1e-6)


@pytest.mark.parametrize("place", [0, 1, COUNT // 2, COUNT - 1])
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_write_detections_hands_on_what_is_no_number(runtime: str, place: int) -> None:
    """A maximum would drop it, and the part be judged by the others: the line rejects on NaN."""
    made = detecting(of_rows())
    sure = SURE.copy()
    sure[place] = np.nan
    if runtime == "openvino":
        openvino = pytest.importorskip("openvino")
        core = openvino.Core()
        compiled = core.compile_model(core.read_model(made.SerializeToString()), "CPU", EXACT)
        score = compiled({"boxes": BOXES, "sure": sure})[0]
    else:
        score = run(made, boxes=BOXES, sure=sure)[0]
    assert np.isnan(score).all()


@pytest.mark.parametrize(
    ("size_px", "cells"),
    [((64, 96), (8, 12)), ((60, 97), (8, 13)), ((640, 640), (64, 64)), ((320, 1280), (16, 64))],
)
def test_map_size_is_what_a_result_has_room_for(
    size_px: tuple[int, int], cells: tuple[int, int]
) -> None:
    """Cells of 8 px, square, and larger where that would be more than 64 on a side."""
    assert map_size(size_px) == cells


def test_pen_writes_reductions_as_their_operator_set_has_them() -> None:
    """Axes are an attribute before opset 18, and an input from there on."""
    for opset, inputs in ((17, 1), (18, 2)):
        made = detecting(of_rows(), opset)
        assert opset_of(made) == opset
        Pen(made, "t").most("boxes", 0)
        assert len(made.graph.node[-1].input) == inputs
