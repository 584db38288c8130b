"""Shapes without weights."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.graph import constants, insert, node
from gonogo.build.exports.shapes import (
    SMALL,
    declare_outputs,
    freeze_shapes,
    shapes_of,
    without_weights,
)
from gonogo.tests.build.exports import odd


def test_shapes_of_follows_what_is_fixed_and_says_what_is_open() -> None:
    """0 stands for an open side."""
    shapes = shapes_of(odd.plain())
    assert shapes["layer1"] == (1, 4, 16, 16)
    assert shapes["anomaly_map"] == (1, 1, 8, 8)
    assert shapes_of(odd.plain("batch"))["layer1"] == (0, 4, 16, 16)


def test_shapes_of_does_not_believe_what_is_declared() -> None:
    """Exporters declare the shapes of another batch."""
    model = odd.plain()
    model.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("anomaly_map", TensorProto.FLOAT, (9, 9, 9, 9))
    )
    assert shapes_of(model)["anomaly_map"] == (1, 1, 8, 8)
    declare_outputs(model)
    dims = model.graph.output[0].type.tensor_type.shape.dim
    assert [dim.dim_value for dim in dims] == [1, 1, 8, 8]


def test_without_weights_is_light_and_has_the_same_shapes() -> None:
    """Large weights are inputs, small ones stay: a shape may be computed of them."""
    model = odd.plain()
    large = numpy_helper.from_array(np.zeros((SMALL, 2), np.float32), "large")
    model.graph.initializer.append(large)
    light = without_weights(model)
    assert light.ByteSize() < model.ByteSize() - SMALL
    assert "large" in {value.name for value in light.graph.input}
    assert shapes_of(light) == shapes_of(model)


@pytest.mark.parametrize(
    ("op", "settings", "answer"),
    [
        ("Shape", {}, [1, 3, 32, 32]),
        ("Shape", {"start": 2}, [32, 32]),
        ("Shape", {"start": -1}, [32]),
        ("Shape", {"end": 1}, [1]),
        ("Size", {}, 3 * 32 * 32),
    ],
)
def test_freeze_shapes_writes_what_is_known(op: str, settings: object, answer: object) -> None:
    """All of a shape, a part of it, or how many values there are."""
    model = odd.plain()
    assert isinstance(settings, dict)
    insert(model.graph, 0, [node(op, ["input"], "asked", **settings)])
    assert freeze_shapes(model, shapes_of(model)) == 1
    assert constants(model.graph)["asked"].tolist() == answer


def test_freeze_shapes_leaves_what_is_open() -> None:
    """It is asked when an image is there."""
    model = odd.plain("batch")
    insert(model.graph, 0, [node("Shape", ["input"], "asked")])
    assert freeze_shapes(model, shapes_of(model)) == 0
