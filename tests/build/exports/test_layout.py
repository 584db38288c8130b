"""Which axis of the input is what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.layout import FIRST, LAST, Input, find_input, write_input
from gonogo.build.exports.options import Options
from gonogo.tests.build.exports import made, odd

PATH = Path("model.onnx")


def taking(*dims: int | str, inputs: int = 1) -> onnx.ModelProto:
    """A model with such an input."""
    ends = [
        helper.make_tensor_value_info(f"image{k or ''}", TensorProto.FLOAT, dims)
        for k in range(inputs)
    ]
    score = helper.make_tensor_value_info("score", TensorProto.FLOAT, ())
    one = helper.make_node("ReduceMax", ["image"], ["score"], keepdims=0)
    graph = helper.make_graph([one], "g", ends, [score])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        ((1, 3, 20, 30), Input("image", FIRST, 1, 3, (20, 30))),
        (("b", 1, 20, 30), Input("image", FIRST, 0, 1, (20, 30))),
        ((8, 3, "h", "w"), Input("image", FIRST, 8, 3, (0, 0))),
        ((-1, 3, -1, -1), Input("image", FIRST, 0, 3, (0, 0))),
        (("b", "c", "h", "w"), Input("image", FIRST, 0, 0, (0, 0))),
        ((1, 20, 30, 3), Input("image", LAST, 1, 3, (20, 30))),
        (("b", 20, 30, 1), Input("image", LAST, 0, 1, (20, 30))),
        (("b", "h", "w", 3), Input("image", LAST, 0, 3, (0, 0))),
        ((3, 20, 30), Input("image", FIRST, None, 3, (20, 30))),
        ((20, 30, 3), Input("image", LAST, None, 3, (20, 30))),
    ],
)
def test_find_input_tells_by_the_shape(dims: tuple[Any, ...], expected: Input) -> None:
    """Planes are 1 or 3, wherever they stand."""
    found = find_input(PATH, taking(*dims), Options())
    assert found == expected
    assert found.dims(1, 3, (5, 6))[found.dims(1, 9, (5, 6)).index(9)] == 3


@pytest.mark.parametrize(
    ("dims", "inputs", "message"),
    [
        ((1, 3, 3, 3), 1, "may be planes first or planes last; say --layout nchw or --layout nhwc"),
        ((1, 1, 8, 1), 1, "say --layout"),
        ((1, 4, 8, 8), 1, "1 x 4 x 8 x 8, expected 1"),
        ((1, 3), 1, "1 x 3, expected an image"),
        ((1, 3, 8, 8), 2, "2 inputs"),
        ((1, 3, 8, 8), 14, r"14 inputs \(image, .*, image9 and 4 more\)"),
    ],
)
def test_find_input_asks_or_refuses(dims: tuple[int, ...], inputs: int, message: str) -> None:
    """What may be either is asked about, what is neither is refused."""
    with pytest.raises(ModelError, match=message):
        find_input(PATH, taking(*dims, inputs=inputs), Options())


def test_find_input_does_what_it_is_told() -> None:
    """An option decides what the shape leaves open."""
    model = taking(1, 3, 3, 3)
    assert find_input(PATH, model, Options(layout="nhwc")).layout == LAST
    assert find_input(PATH, model, Options(layout="nchw")).layout == FIRST
    with pytest.raises(ModelError, match="8 planes, expected 1"):
        find_input(PATH, taking(1, 3, 8, 8), Options(layout="nhwc"))


@pytest.mark.parametrize("late", [False, True])
def test_write_input_cancels_the_transpose_of_the_export(*, late: bool) -> None:
    """Constants of a mean move in front of it; nothing of it is left."""
    model = odd.planes_last(odd.plain(), turned_late=late)
    found = find_input(PATH, model, Options())
    write_input(model, found, (1, 3, odd.SIDE, odd.SIDE))
    perms = [one for one in model.graph.node if one.op_type == "Transpose"]
    assert [one.output[0] for one in perms] == ["channels_last"]


def test_write_input_leaves_one_transpose_where_planes_stay_last() -> None:
    """Dense layers on planes last, and a value for each place, need it."""
    built = made.Net("image", 1)
    built.add("Mul", ["image", built.hold("each", np.ones((8, 8, 3)))], "score")
    built.output("score", (1, 8, 8, 3))
    model = built.model(side=8)
    model.graph.input[0].CopyFrom(
        helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, 8, 8, 3))
    )
    write_input(model, find_input(PATH, model, Options()), (1, 3, 8, 8))
    assert [one.op_type for one in model.graph.node] == ["Transpose", "Mul"]
    onnx.checker.check_model(model, full_check=True)


def test_write_input_gives_up_the_batch_that_is_not_there() -> None:
    """Planes x height x width behind our 1 x planes x height x width."""
    model = taking(3, 8, 8)
    write_input(model, find_input(PATH, model, Options()), (1, 3, 8, 8))
    assert [one.op_type for one in model.graph.node] == ["Squeeze", "ReduceMax"]
    onnx.checker.check_model(model, full_check=True)
