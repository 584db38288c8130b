"""Whether it still computes what it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import helper, numpy_helper

from gonogo.build.exports.layout import find_input
from gonogo.build.exports.options import Options
from gonogo.build.exports.same import Original, difference
from gonogo.tests.build.exports import odd

SIZE = (odd.SIDE, odd.SIDE)


def original(batch: int = 1, *, last: bool = False) -> Original:
    """The plain model in such a form."""
    model = odd.plain(batch)
    model = odd.planes_last(model) if last else model
    return Original(model, find_input(Path("m.onnx"), model, Options()))


@pytest.mark.parametrize("was", [original(), original(3), original(2, last=True)])
def test_difference_is_none_of_the_same_model(was: Original) -> None:
    """In whichever layout and batch it came."""
    assert difference(was, odd.plain(), SIZE) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [(1.01, "differs by 0.01"), (np.nan, "no number in other places")],
)
def test_difference_says_what_differs(change: float, words: str) -> None:
    """By which share of the largest value."""
    model = odd.plain()
    for tensor in model.graph.initializer:
        if tensor.name == "weights":
            values = np.asarray(numpy_helper.to_array(tensor) * np.float32(change), np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, "weights"))
    assert words in difference(original(), model, SIZE)


def test_difference_says_where_a_shape_is_another() -> None:
    """That is no rounding."""
    model = odd.plain()
    for tensor in model.graph.initializer:
        if tensor.name == "grid":
            tensor.CopyFrom(numpy_helper.from_array(np.array([1, 1, 4, 16]), "grid"))
    model.graph.node[-2].attribute[0].ints[:] = [4, 16]
    assert "has the shape" in difference(original(), model, SIZE)


def test_difference_leaves_random_outputs_to_others() -> None:
    """Dropout that was left on is told where scores are judged, not here."""
    model = odd.plain()
    noise = helper.make_node("RandomNormalLike", ["worst"], ["noise"], name="noise")
    model.graph.node.insert(len(model.graph.node) - 1, noise)
    model.graph.node[-1].input[0] = "noise"
    was = Original(model, find_input(Path("m.onnx"), model, Options()))
    assert difference(was, odd.plain(), SIZE) == ""
