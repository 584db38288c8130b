"""Trial runs show shapes, types and values, whatever comes out."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from gonogo.build.exports.seen import Output, look, planes_first
from gonogo.tests.build.exports import heads
from gonogo.tests.build.exports.heads import Planted

SCORE = Output("pred_score", "float", (1, 1))
MAP = Output("anomaly_map", "float", (1, 1, 16, 16))


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (SCORE, (False, True, 0, 0)),
        (Output("s", "float", ()), (False, True, 0, 0)),
        (Output("s", "float", (1,), varies=True), (False, False, 0, 0)),
        (MAP, (True, False, 0, 1)),
        (Output("m", "float", (1, 3, 16, 16)), (True, False, 0, 3)),
        (Output("m", "float", (1, 16, 16)), (True, False, 0, 1)),
        (Output("c", "float", (1, 2)), (False, False, 2, 0)),
        (Output("c", "float", (1, 5, 1, 1)), (False, False, 5, 0)),
        (Output("b", "float", (2, 3)), (False, False, 0, 0)),
        (Output("b", "float", (2, 1, 16, 16)), (False, False, 0, 0)),
    ],
)
def test_output_is_told_by_its_shape(output: Output, kind: tuple[bool, bool, int, int]) -> None:
    """A map, a number, or one value for each class; of a batch it is none of them."""
    assert (output.is_map, output.is_number, output.classes, output.planes) == kind


def test_output_is_shown_with_what_varies() -> None:
    """How many boxes a black picture had says nothing."""
    assert str(Output("boxes", "float", (0, 4), varies=True)) == "'boxes' (float any x 4)"
    assert str(Output("b", "float", (1, 0, 4), varies=True)) == "'b' (float 1 x any x 4)"
    assert str(Output("s", "int64", ())) == "'s' (int64 a scalar)"


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.UINT8])
@pytest.mark.parametrize("planes", [1, 3])
def test_look_runs_pictures_that_differ(dtype: int, planes: int) -> None:
    """In the type of the input, black among them; and tensors inside, when they are asked for."""
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["real"], ["mean"], axes=[2, 3], keepdims=0),
        ],
        "g",
        [helper.make_tensor_value_info("image", dtype, (1, planes, 16, 24))],
        [helper.make_tensor_value_info("mean", TensorProto.FLOAT, (1, planes))],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    seen = look(model, ["real"])
    assert [one.name for one in seen.outputs] == ["mean", "real"]
    assert seen.size_px == (16, 24)
    means = [value.tolist() for value in seen.values("mean")]
    assert means[0] == [[0.0] * planes]
    assert len({str(mean) for mean in means}) == len(means) > 2
    # black, noise, blocks: 16 x 24 places of each plane
    assert len(seen.flat("real")) == len(means) * planes * 16 * 24
    assert len(model.graph.output) == 1


def test_look_knows_what_varies_from_what_is_fixed() -> None:
    """By the graph and by the runs."""
    made = heads.model({"fixed": Planted(np.ones((20, 4), np.float32))})
    made.graph.node.append(helper.make_node("NonZero", ["image"], ["found"]))
    made.graph.output.append(helper.make_tensor_value_info("found", TensorProto.INT64, None))
    varies = {one.name: one.varies for one in look(made).outputs}
    assert varies == {"fixed": False, "found": True}


@pytest.mark.parametrize(
    ("shape", "turned"),
    [
        ((1, 16, 16, 3), (1, 3, 16, 16)),
        ((1, 16, 16, 1), (1, 1, 16, 16)),
        ((1, 3, 16, 16), (1, 3, 16, 16)),
        ((1, 16, 16, 16), (1, 16, 16, 16)),
        ((1, 8, 21, 4), (1, 8, 21, 4)),
    ],
)
def test_planes_first_turns_what_has_them_last(
    shape: tuple[int, ...], turned: tuple[int, ...]
) -> None:
    """By the picture's proportions; the graph computes the same under the same name."""
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    seen = planes_first(look(heads.model({"output": Planted(values)})))
    assert seen.outputs[0].shape == turned
    again = look(seen.model)
    assert again.outputs[0].shape == turned
    assert again.values("output")[0].tolist() == seen.values("output")[0].tolist()


def test_operators_before_are_all_that_a_tensor_is_made_of() -> None:
    """Nearest first."""
    seen = look(heads.model({"a": Planted(np.ones((1, 4), np.float32), through="Softmax")}))
    found = [node.op_type for node in seen.operators_before("a")]
    assert found[:2] == ["Softmax", "Add"]
    assert "ReduceMean" in found
    assert seen.operators_before("image") == []
