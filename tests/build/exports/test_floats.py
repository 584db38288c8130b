"""Half and double precision become float32."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.floats import to_float32
from gonogo.build.exports.graph import held_tensors, node
from gonogo.tests.build.exports import odd

KINDS = (TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE)


@pytest.mark.parametrize("kind", KINDS)
def test_to_float32_widens_weights_and_ends(kind: int) -> None:
    """Nothing of the other type is left, and the values are those it had."""
    model = odd.typed(odd.plain(), kind)
    before = {t.name: numpy_helper.to_array(t).astype(np.float32) for t in held_tensors(model)}
    assert len(to_float32(model)) == 1
    assert not {tensor.data_type for tensor in held_tensors(model)} & set(KINDS)
    ends = (*model.graph.input, *model.graph.output)
    assert {value.type.tensor_type.elem_type for value in ends} == {TensorProto.FLOAT}
    after = {t.name: numpy_helper.to_array(t) for t in held_tensors(model)}
    assert all(np.array_equal(after[name], values) for name, values in before.items())


def test_to_float32_leaves_float32_alone() -> None:
    """Not a byte, and no note."""
    model = odd.plain()
    before = model.SerializeToString()
    assert to_float32(model) == ()
    assert model.SerializeToString() == before


def test_to_float32_drops_casts_that_do_nothing_then() -> None:
    """As converters put them behind a float32 input; one that is an output stays."""
    model = odd.plain()
    graph = model.graph
    graph.node.insert(0, node("Cast", ["input"], "half", to=TensorProto.FLOAT16))
    graph.node[1].input[0] = "half"
    graph.node[-1].output[0] = "half_score"
    graph.node.append(node("Cast", ["half_score"], "pred_score", to=TensorProto.FLOAT))
    graph.initializer.append(numpy_helper.from_array(np.ones(1, np.float16), "extra"))
    graph.value_info.append(helper.make_tensor_value_info("half_score", TensorProto.FLOAT16, [1]))
    to_float32(model)
    assert [one.op_type for one in graph.node].count("Cast") == 1
    assert graph.node[0].input[0] == "input"
