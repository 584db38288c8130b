"""Branches whose condition is known."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.branching import take_known_branches
from gonogo.build.exports.graph import hold, node


def chosen(*, holds: bool) -> onnx.ModelProto:
    """Twice an If: x + 1 or x - 1, with the same names in each branch, one of them outer."""
    graph = onnx.GraphProto(name="g")
    hold(graph, "condition", np.array(holds))
    here = "x"
    for k in range(2):
        inner = []
        for op in ("Add", "Sub"):
            one = numpy_helper.from_array(np.ones(1, np.float32), "inner_one")
            result = helper.make_tensor_value_info("inner", TensorProto.FLOAT, [1])
            step = node(op, [here, "inner_one"], "inner")
            inner.append(helper.make_graph([step], op, [], [result], [one]))
        branches = {"then_branch": inner[0], "else_branch": inner[1]}
        graph.node.append(node("If", ["condition"], f"out{k}", **branches))
        here = f"out{k}"
    graph.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]))
    graph.output.append(helper.make_tensor_value_info("out1", TensorProto.FLOAT, [1]))
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def run(model: onnx.ModelProto) -> float:
    """What it makes of 5."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return float(session.run(None, {"x": np.array([5], np.float32)})[0][0])


@pytest.mark.parametrize(("holds", "expected"), [(True, 7.0), (False, 3.0)])
def test_take_known_branches_leaves_the_one_that_is_taken(*, holds: bool, expected: float) -> None:
    """In its place, under names that do not meet."""
    model = chosen(holds=holds)
    assert run(model) == expected
    assert take_known_branches(model.graph) == 2
    assert "If" not in {one.op_type for one in model.graph.node}
    onnx.checker.check_model(model)
    assert run(model) == expected


def test_take_known_branches_leaves_what_depends_on_the_image() -> None:
    """It is decided with each part."""
    model = chosen(holds=True)
    del model.graph.initializer[:]
    model.graph.node.insert(0, node("Cast", ["x"], "condition", to=TensorProto.BOOL))
    assert take_known_branches(model.graph) == 0


def test_take_known_branches_hands_on_what_a_branch_only_names() -> None:
    """A branch may give out a tensor of the graph around it, without a node."""
    model = chosen(holds=True)
    branch = next(a.g for a in model.graph.node[0].attribute if a.name == "then_branch")
    del branch.node[:], branch.initializer[:]
    branch.output[0].name = "x"
    take_known_branches(model.graph)
    assert run(model) == 6.0
