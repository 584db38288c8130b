"""Preprocessing at the front of a graph: found, folded, written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from gonogo.build.exports.front import (
    IMAGE,
    Affine,
    find_front,
    fold,
    identity,
    write_cut,
    write_nodes,
)
from gonogo.build.exports.graph import Graph, rename
from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAIN, OFFSET = np.array([2.0, 0.5, 3.0]), np.array([1.0, -2.0, 0.25])
WEIGHTS = np.random.default_rng(2).normal(0, 1, (2, 3, 3, 3))
SIDE = 8


def net(*steps: tuple[str, Any], pad: int = 0) -> made.Net:
    """An image through arithmetic with constants into a convolution."""
    made_net = made.Net("input", 1)
    x = "input"
    for k, (op, value) in enumerate(steps):
        x = made_net.add(op, [x, made_net.hold(f"c{k}", value)], f"step{k}")
    made_net.conv(x, "out", WEIGHTS, pad=pad)
    side = SIDE - 2 + 2 * pad
    made_net.output("out", (1, 2, side, side))
    return made_net


def run(graph: Graph, image: NDArray[Any]) -> NDArray[np.float32]:
    """What the graph makes of an image, float32 (1, 2, rows, columns)."""
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(["out"], {session.get_inputs()[0].name: image})
    return np.asarray(found, np.float32)


def planes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One value a plane, as it stands beside an image."""
    return values[None, :, None, None]


def image(dtype: type = np.float32, side: int = SIDE) -> NDArray[Any]:
    """Random pixels 0..255, 1 x 3 x side x side."""
    return np.random.default_rng(4).integers(0, 256, (1, 3, side, side)).astype(dtype)


def uint8_input(graph: Graph, side: int = SIDE) -> None:
    """The graph takes pixels under our name from now on."""
    del graph.input[:]
    shape = (1, 3, side, side)
    graph.input.append(helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, shape))


def test_affine_then_is_one_behind_the_other() -> None:
    """Gain and offset of both, in that order."""
    both = Affine(GAIN, OFFSET).then(np.full(3, 2.0), np.full(3, 5.0))
    pixel = np.array([10.0, 20.0, 30.0])
    assert both.gain * pixel + both.offset == pytest.approx((GAIN * pixel + OFFSET) * 2 + 5)
    assert identity(3).is_identity
    assert not both.is_identity


@pytest.mark.parametrize(
    ("steps", "gain", "offset"),
    [
        ([], np.ones(3), np.zeros(3)),
        ([("Mul", planes(GAIN)), ("Add", planes(OFFSET))], GAIN, OFFSET),
        ([("Add", planes(OFFSET)), ("Mul", planes(GAIN))], GAIN, GAIN * OFFSET),
        ([("Sub", planes(OFFSET)), ("Div", planes(GAIN))], 1 / GAIN, -OFFSET / GAIN),
        ([("Div", 255.0)], np.full(3, 1 / 255), np.zeros(3)),
    ],
)
def test_find_front_follows_arithmetic_with_constants(
    steps: list[tuple[str, Any]], gain: NDArray[Any], offset: NDArray[Any]
) -> None:
    """Up to the convolution, in whichever order."""
    front = find_front(net(*steps).model().graph, "input", 3)
    assert len(front.nodes) == len(steps)
    assert front.affine.gain == pytest.approx(gain)
    assert front.affine.offset == pytest.approx(offset)


@pytest.mark.parametrize(
    "step", [("Div", [[[[1.0]], [[0.0]], [[2.0]]]]), ("Mul", np.ones((1, 3, SIDE, SIDE)))]
)
def test_find_front_stops_at_what_is_no_arithmetic_by_planes(step: tuple[str, Any]) -> None:
    """A division by zero, or a constant for each place."""
    front = find_front(net(step).model().graph, "input", 3)
    assert (front.tensor, front.nodes) == ("input", ())
    assert front.affine.is_identity


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("pad", [0, 1])
def test_fold_and_write_nodes_compute_what_the_affine_says(pad: int, *, swapped: bool) -> None:
    """In the weights where that is exact, else as nodes: an offset where the layer pads."""
    pixels = image(np.uint8)
    taken = pixels[:, ::-1] if swapped else pixels
    real = np.asarray(planes(GAIN) * taken + planes(OFFSET), np.float32)
    expected = run(net(pad=pad).model(side=SIDE).graph, real)
    graph = net(pad=pad).model(side=SIDE).graph
    front = find_front(graph, "input", 3)._replace(affine=Affine(GAIN, OFFSET))
    left, swap = fold(graph, front, swapped=swapped)
    assert not swap
    assert left.is_identity == (pad == 0)
    rename(graph, "input", "real")
    write_nodes(graph, "real", left, swapped=swap)
    uint8_input(graph)
    assert run(graph, pixels) == pytest.approx(expected, rel=1e-4, abs=1e-2)


def test_write_nodes_does_all_of_it_where_nothing_was_folded() -> None:
    """Colour order first, then gain, then offset."""
    pixels = image(np.uint8)
    real = np.asarray(planes(GAIN) * pixels[:, ::-1] + planes(OFFSET), np.float32)
    expected = run(net().model(side=SIDE).graph, real)
    graph = net().model(side=SIDE).graph
    rename(graph, "input", "real")
    write_nodes(graph, "real", Affine(GAIN, OFFSET), swapped=True)
    uint8_input(graph)
    assert [node.op_type for node in graph.node[:4]] == ["Gather", "Cast", "Mul", "Add"]
    assert run(graph, pixels) == pytest.approx(expected, rel=1e-4, abs=1e-2)


def test_fold_leaves_a_front_that_something_else_reads() -> None:
    """Weights can take it only where all that follows is a convolution."""
    made_net = net(("Mul", 2.0))
    made_net.add("Relu", ["step0"], "beside")
    graph = made_net.model().graph
    front = find_front(graph, "input", 3)
    assert fold(graph, front, swapped=True) == (front.affine, True)


def test_write_cut_takes_a_rectangle_out_of_the_image() -> None:
    """Whatever else reads the image reads the cut."""
    pixels = image(np.uint8, 12)
    expected = run(net().model(side=SIDE).graph, pixels[:, :, 3:11, 1:9].astype(np.float32))
    graph = net().model(side=SIDE).graph
    rename(graph, "input", "real")
    write_nodes(graph, "real", identity(3), swapped=False)
    uint8_input(graph, 12)
    write_cut(graph, 3, 1, (SIDE, SIDE))
    assert run(graph, pixels) == pytest.approx(expected)
