"""Where in a graph something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.trace import chance_nodes, first_that_is_none
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

FRAME = np.full((tiny.SIDE, tiny.SIDE, 3), 40, np.uint8)


def _model(path: Path, op: str, value: float) -> Path:
    """The mean, which is 40, then `op` with a constant, then something that hides it."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["planes"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node(op, ["mean", "held"], ["odd"]),
        helper.make_node("Mul", ["odd", "held"], ["score"], name="/last"),
    ]
    held = [numpy_helper.from_array(np.array([value], np.float32), "held")]
    return tiny.save(path, nodes, outputs=[("score", (1,))], held=held)


@pytest.mark.parametrize(
    ("op", "value", "said"),
    [
        ("Div", 0.0, "'odd', a Div by 0 (its inputs: 40 to 40, 0 to 0)"),
        ("Pow", 40.0, "'odd', a Pow of a number below 0, or too large"),
        ("Add", np.inf, "Weights of the model are no numbers: held"),
    ],
)
def test_first_that_is_none_names_node_and_inputs(
    tmp_path: Path, op: str, value: float, said: str
) -> None:
    """The first, not the one that it ends in; also where the export named no node."""
    assert said in first_that_is_none(_model(tmp_path / "m.onnx", op, value), FRAME)


def test_chance_nodes_are_those_that_draw(tmp_path: Path) -> None:
    """Dropout counts only where it was exported for training."""
    plain = _model(tmp_path / "m.onnx", "Add", 1.0)
    assert chance_nodes(plain) == ""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["planes"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Dropout", ["mean"], ["asleep"], name="/asleep"),
        helper.make_node("Dropout", ["asleep", "share", "yes"], ["score"], name="/awake"),
    ]
    held = [
        numpy_helper.from_array(np.array(0.5, np.float32), "share"),
        numpy_helper.from_array(np.array(True), "yes"),  # noqa: FBT003 - training mode
    ]
    path = tiny.save(tmp_path / "d.onnx", nodes, outputs=[("score", (1,))], held=held)
    assert chance_nodes(path) == "Dropout '/awake'"
