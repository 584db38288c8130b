"""A batch of several becomes one of 1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.build.exports.batch import one_of
from gonogo.build.exports.layout import find_input
from gonogo.build.exports.options import Options
from gonogo.build.exports.shapes import shapes_of
from gonogo.build.exports.trial import Runner, pictures
from gonogo.tests.build.exports import made, odd

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnx

PATH, SIDE, BATCH = Path("model.onnx"), 8, 4


def tokens(net: made.Net) -> str:
    """As a transformer: a class token for each image, heads that join the batch."""
    flat = net.add("Reshape", ["image", net.hold("s", [BATCH, 3, SIDE * SIDE], np.int64)], "flat")
    rows = net.add("Transpose", [flat], "rows", perm=[0, 2, 1])
    token = net.hold("token", np.broadcast_to(np.arange(3.0), (BATCH, 1, 3)))
    joined = net.add("Concat", [token, rows], "joined", axis=1)
    heads = net.hold("heads", [BATCH * 5, 13, 3], np.int64)
    split = net.add("Reshape", [joined, heads], "split")
    soft = net.add("Softmax", [split], "soft", axis=-1)
    back = net.add("Reshape", [soft, net.hold("b", [BATCH, 65, 3], np.int64)], "back")
    return net.add("ReduceMax", [back], "score", axes=[1, 2], keepdims=0)


def chunks(net: made.Net) -> str:
    """As PatchCore: rows of all images, searched piece by piece."""
    last = net.add("Transpose", ["image"], "last", perm=[0, 2, 3, 1])
    rows = net.add("Reshape", [last, net.hold("r", [BATCH * 64, 3], np.int64)], "rows")
    pieces = []
    axis = net.hold("axis", [0], np.int64)
    for k in range(8):
        ends = [
            net.hold(f"{name}{k}", [32 * at], np.int64) for name, at in (("a", k), ("z", k + 1))
        ]
        piece = net.add("Slice", [rows, *ends, axis], f"piece{k}")
        pieces.append(net.add("ReduceMin", [piece], f"least{k}", axes=[1], keepdims=0))
    whole = net.add("Concat", pieces, "whole", axis=0)
    places = net.add("Reshape", [whole, net.hold("p", [BATCH, -1], np.int64)], "places")
    return net.add("ReduceMax", [places], "score", axes=[1], keepdims=0)


def picked(net: made.Net) -> str:
    """The worst place of each image, looked up by the image's number."""
    flat = net.add("Reshape", ["image", net.hold("s", [BATCH, -1], np.int64)], "flat")
    best = net.add("ArgMax", [flat], "best", axis=1, keepdims=1)
    numbers = net.hold("numbers", np.arange(BATCH)[:, None], np.int64)
    at = net.add("Concat", [numbers, best], "at", axis=1)
    return net.add("GatherND", [flat, at], "score")


def resized(net: made.Net) -> str:
    """Sizes with the batch in front, and a bias for each image."""
    sizes = net.hold("sizes", [BATCH, 3, 16, 16], np.int64)
    large = net.add("Resize", ["image", "", "", sizes], "large", mode="linear")
    bias = net.add("Add", [large, net.hold("bias", np.full((BATCH, 1, 1, 1), 0.5))], "biased")
    wide = net.add("Expand", [bias, net.hold("e", [BATCH, 3, 16, 16], np.int64)], "wide")
    return net.add("ReduceMax", [wide], "score", axes=[1, 2, 3], keepdims=0)


def batched(make: Callable[[made.Net], str], batch: Any = BATCH) -> onnx.ModelProto:  # noqa: ANN401
    """A model of one of these."""
    net = made.Net("image", batch)
    net.output(make(net), (batch,))
    return net.model(side=SIDE, opset=17)


@pytest.mark.parametrize("make", [tokens, chunks, picked, resized])
def test_one_of_computes_row_0(make: Callable[[made.Net], str]) -> None:
    """Of a picture that is there once, what the export gave of it among others."""
    model = batched(make)
    single = one_of(model, find_input(PATH, model, Options()), (SIDE, SIDE))
    assert shapes_of(single)["image"] == (1, 3, SIDE, SIDE)
    several, alone = Runner(model), Runner(single)
    for picture in pictures((1, 3, SIDE, SIDE)):
        others = np.concatenate([picture, 1 - picture, picture / 2, picture / 3])
        expected = several.run(others).values["score"][0]
        assert alone.run(picture).values["score"].reshape(()) == pytest.approx(expected)


def test_one_of_leaves_out_pieces_that_are_empty() -> None:
    """Of eight pieces of four images two are left for one."""
    model = batched(chunks)
    single = one_of(model, find_input(PATH, model, Options()), (SIDE, SIDE))
    assert [one.op_type for one in single.graph.node].count("Slice") == 2


def test_one_of_leaves_the_export_as_it_is() -> None:
    """It is compared with what was made of it."""
    model = odd.plain(2)
    before = model.SerializeToString()
    one_of(model, find_input(PATH, model, Options()), (odd.SIDE, odd.SIDE))
    assert model.SerializeToString() == before
