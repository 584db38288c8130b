"""Outputs of our names, made of those of an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.graph import node
from gonogo.build.exports.outputs import Mapped
from gonogo.build.exports.rewire import write_outputs
from gonogo.build.exports.seen import Output

if TYPE_CHECKING:
    from numpy.typing import NDArray

IMAGE = np.array([[[[1, 2], [3, 7]]]], np.float32)
NONE = Mapped(None, None, None, None, ())
MAP = Output("heat", "float", (1, 1, 2, 2))


def model() -> onnx.ModelProto:
    """The image is the map `heat` and its sum `total`."""
    nodes = [
        node("Identity", ["input"], "heat"),
        node("ReduceSum", ["input"], "total"),
        node("Cast", ["total"], "double_total", to=TensorProto.DOUBLE),
        node("Cast", ["total"], "label", to=TensorProto.BOOL),
    ]
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 1, 2, 2))
    graph = helper.make_graph(nodes, "g", [image], [])
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def run(made: onnx.ModelProto, image: NDArray[np.float32] = IMAGE) -> dict[str, Any]:
    """The outputs by name."""
    session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"input": image})
    names = [one.name for one in session.get_outputs()]
    assert all(value.dtype == np.float32 for value in found)
    return {name: value.tolist() for name, value in zip(names, found, strict=True)}


def test_write_outputs_scores_a_map_by_its_worst_place() -> None:
    """Where there is no score."""
    made = model()
    write_outputs(made, NONE._replace(map=MAP))
    assert run(made) == {"score": [[7.0]], "anomaly_map": IMAGE.tolist()}


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_write_outputs_hands_on_what_is_no_number(place: tuple[int, int]) -> None:
    """A largest value would drop it, as it happens to stand: the line rejects on NaN."""
    made = model()
    write_outputs(made, NONE._replace(map=MAP))
    odd = IMAGE.copy()
    odd[0, 0][place] = np.nan
    assert np.isnan(run(made, odd)["score"]).all()


def test_write_outputs_makes_float32_of_other_reals() -> None:
    """Under our name, and with nothing left of what is not asked for."""
    made = model()
    total = Output("double_total", "double", (1, 1, 1, 1))
    write_outputs(made, NONE._replace(score=total))
    assert run(made) == {"score": [[[[13.0]]]]}
    assert [found.op_type for found in made.graph.node] == ["ReduceSum", "Cast", "Cast"]


def test_write_outputs_keeps_what_has_our_name_already() -> None:
    """And makes float32 of it where it is something else."""
    for dtype, kind in ((TensorProto.FLOAT, "float"), (TensorProto.DOUBLE, "double")):
        made = model()
        made.graph.node.append(node("Cast", ["total"], "score", to=dtype))
        write_outputs(made, NONE._replace(score=Output("score", kind, (1, 1, 1, 1))))
        assert run(made) == {"score": [[[[13.0]]]]}


def test_write_outputs_makes_room_for_our_names() -> None:
    """What an export calls `score` may be something else; an input called `image` stays."""
    made = model()
    made.graph.node.append(node("Identity", ["total"], "score"))
    made.graph.node.append(node("Neg", ["score"], "anomaly_map"))
    write_outputs(made, NONE._replace(score=Output("anomaly_map", "float", (1, 1, 1, 1))))
    assert run(made) == {"score": [[[[-13.0]]]]}


def test_write_outputs_refuses_what_is_no_real_number() -> None:
    """A label says good or bad, and no limit can be set on that."""
    label = Output("label", "bool", (1, 1, 1, 1))
    with pytest.raises(ModelError, match=r"'label' \(bool 1 x 1 x 1 x 1\) is no score"):
        write_outputs(model(), NONE._replace(score=label))
