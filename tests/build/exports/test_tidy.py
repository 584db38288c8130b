"""A graph put in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.tidy import name_nodes, tidy
from gonogo.tests.build.exports import odd

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = Path("model.onnx")


def test_tidy_names_every_node_once() -> None:
    """Layers in float are told by name."""
    model = odd.plain()
    for one in model.graph.node:
        one.name = "layer"
    name_nodes(model.graph)
    names = [one.name for one in model.graph.node]
    assert len(set(names)) == len(names)
    made = tidy(PATH, odd.shuffled(odd.plain()))
    assert all(one.name for one in made.graph.node)


@pytest.mark.parametrize("form", [odd.listed, odd.weights_as_nodes, odd.with_function])
def test_tidy_leaves_one_input_and_plain_operators(
    form: Callable[[onnx.ModelProto], onnx.ModelProto],
) -> None:
    """Weights are weights, and functions are what they hold."""
    model = tidy(PATH, form(odd.plain()))
    assert [value.name for value in model.graph.input] == ["input"]
    assert {one.domain for one in model.graph.node} == {""}
    assert "Constant" not in {one.op_type for one in model.graph.node}
    assert not model.functions


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"value_float": 2.5}, np.float32(2.5)),
        ({"value_ints": [1, 2]}, np.array([1, 2])),
        ({"value_int": 7}, np.int64(7)),
    ],
)
def test_tidy_takes_constants_in_any_way_of_writing(settings: object, expected: object) -> None:
    """A number, or a list of them."""
    model = odd.plain()
    assert isinstance(settings, dict)
    model.graph.node.append(helper.make_node("Constant", [], ["extra"], **settings))
    held = {tensor.name: tensor for tensor in tidy(PATH, model).graph.initializer}
    assert np.array_equal(numpy_helper.to_array(held["extra"]), np.asarray(expected))


def test_tidy_takes_the_same_weights_twice_as_one() -> None:
    """Two that differ under one name are a fault."""
    model = odd.plain()
    count = len(model.graph.initializer)
    model.graph.initializer.append(model.graph.initializer[0])
    assert len(tidy(PATH, model).graph.initializer) == count
    other = numpy_helper.from_array(np.zeros(1, np.float32), model.graph.initializer[0].name)
    model.graph.initializer.append(other)
    with pytest.raises(ModelError, match="two weights are called"):
        tidy(PATH, model)


def test_tidy_names_what_is_made_twice_or_not_at_all() -> None:
    """At most ten names in a message."""
    model = odd.plain()
    model.graph.node[1].output[0] = model.graph.node[0].output[0]
    with pytest.raises(ModelError, match="made twice: normalise/Sub"):
        tidy(PATH, model)
    lost = odd.plain()
    lost.graph.node.extend(
        helper.make_node("Relu", [f"nowhere{k:02}"], [f"x{k}"]) for k in range(33)
    )
    with pytest.raises(ModelError, match="nowhere09 and 23 more: read by its nodes"):
        tidy(PATH, lost)
