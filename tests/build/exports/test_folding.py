"""What is the same for every image, and what does nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from gonogo.build.exports.folding import fold_constants, simplify
from gonogo.build.exports.graph import constants, node
from gonogo.tests.build.exports import made, odd


def net(op: str, others: dict[str, Any], **settings: Any) -> onnx.ModelProto:  # noqa: ANN401 - ONNX
    """From image to Relu -> the node -> Neg: its other inputs are constants."""
    built = made.Net("image", 1)
    x = built.add("Relu", ["image"], "relu")
    dtypes = {"where": bool, "real": np.float32}
    names = [built.hold(name, value, dtypes.get(name, np.int64)) for name, value in others.items()]
    place = 2 if op == "Where" else 0
    read = [*names[:place], x, *names[place:]] if op != "Where" else [names[0], x, names[1]]
    built.add("Neg", [built.add(op, read, "step", **settings)], "score")
    built.output("score", (1, 3, 8, 8))
    return built.model(side=8, opset=17)


def operators(model: onnx.ModelProto) -> list[str]:
    """In their order."""
    return [one.op_type for one in model.graph.node]


@pytest.mark.parametrize(
    ("op", "others", "settings"),
    [
        ("Identity", {}, {}),
        ("Concat", {}, {"axis": 1}),
        ("Reshape", {"shape": [1, 3, 8, -1]}, {}),
        ("Expand", {"shape": [1, 3, 8, 8]}, {}),
        ("Pad", {"pads": [0] * 8}, {}),
        ("Where", {"where": np.ones(1), "real": np.zeros(1)}, {}),
    ],
)
def test_simplify_drops_what_hands_on(
    op: str, others: dict[str, Any], settings: dict[str, Any]
) -> None:
    """With one image of one size many nodes do nothing."""
    model = net(op, others, **settings)
    simplify(model)
    assert operators(model) == ["Relu", "Neg"]


@pytest.mark.parametrize(
    ("op", "others"),
    [
        ("Reshape", {"shape": [1, 3, 4, 16]}),
        ("Pad", {"pads": [0, 0, 1, 1, 0, 0, 0, 0]}),
        ("Where", {"where": np.array([True] * 7 + [False]), "real": np.zeros(1)}),
        ("Where", {"where": np.ones(1), "real": np.zeros((2, 1, 1, 1))}),
    ],
)
def test_simplify_keeps_what_does_something(op: str, others: dict[str, Any]) -> None:
    """Another shape, another value, or a result as large as what is not taken."""
    model = net(op, others)
    simplify(model)
    assert op in operators(model)


def test_simplify_computes_sizes_that_are_asked_for() -> None:
    """Shape, Gather, Concat, Reshape: as exporters write a flattening for an open batch."""
    built = made.Net("image", 1)
    shape = built.add("Shape", ["image"], "shape")
    first = built.add("Gather", [shape, built.hold("zero", [0], np.int64)], "first")
    rest = built.hold("rest", [-1], np.int64)
    target = built.add("Concat", [first, rest], "target", axis=0)
    built.add("Reshape", ["image", target], "score")
    built.output("score", (1, 192))
    model = built.model(side=8)
    simplify(model)
    assert operators(model) == ["Reshape"]
    assert constants(model.graph)[model.graph.node[0].input[1]].tolist() == [1, -1]


def test_simplify_keeps_the_name_of_an_output() -> None:
    """An Identity stands there, for the contract is by name."""
    model = net("Neg", {})
    model.graph.node[-1].CopyFrom(node("Expand", ["step", "whole"], "score"))
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array([1, 3, 8, 8], np.int64), "whole")
    )
    simplify(model)
    assert operators(model) == ["Relu", "Neg", "Identity"]
    assert model.graph.node[-1].output[0] == "score"


@pytest.mark.parametrize("op", ["RandomNormalLike", "DequantizeLinear"])
def test_fold_constants_leaves_randomness_and_quantized_weights(op: str) -> None:
    """Neither is a mere computation."""
    built = made.Net("image", 1)
    held = built.hold("w", np.ones((3, 1, 1)), np.int8 if op[0] == "D" else np.float32)
    inputs = [held, built.hold("scale", 0.5)] if op[0] == "D" else [held]
    built.add("Add", ["image", built.add(op, inputs, "made")], "score")
    built.output("score", (1, 3, 8, 8))
    model = built.model(side=8)
    assert fold_constants(model) == 0


def test_fold_constants_leaves_a_graph_whose_constants_cannot_be_had() -> None:
    """A node that the runtime does not know stays where it is."""
    model = odd.plain()
    graph = model.graph
    graph.node.insert(0, helper.make_node("NoSuchOperator", ["weights"], ["nothing"]))
    graph.node.append(helper.make_node("Cast", ["nothing"], ["seen"], to=TensorProto.FLOAT))
    graph.output.append(helper.make_tensor_value_info("seen", TensorProto.FLOAT, None))
    assert fold_constants(model) == 0
    assert operators(model)[0] == "NoSuchOperator"


@pytest.mark.parametrize(
    ("mode", "left"),
    [("half_pixel", ["Relu", "Neg"]), ("tf_half_pixel_for_nn", ["Relu", "Resize", "Neg"])],
)
def test_simplify_drops_a_resize_to_the_same_size(mode: str, left: list[str]) -> None:
    """Unless it reads other places than it writes."""
    built = made.Net("image", 1)
    x = built.add("Relu", ["image"], "relu")
    sizes = built.hold("sizes", [1, 3, 8, 8], np.int64)
    settings = {"mode": "nearest", "coordinate_transformation_mode": mode}
    built.add("Neg", [built.add("Resize", [x, "", "", sizes], "step", **settings)], "score")
    built.output("score", (1, 3, 8, 8))
    model = built.model(side=8, opset=17)
    simplify(model)
    assert operators(model) == left
