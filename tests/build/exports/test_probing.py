"""What the front of a model does to pixels, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.build.exports.folding import simplify
from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD
from gonogo.build.exports.probing import normal_at_front
from gonogo.tests.build.exports import made

if TYPE_CHECKING:
    from collections.abc import Callable

    import onnx

SIDE = 16
MEAN, STD = made.MEAN[None], made.STD[None]


def sub_div(net: made.Net, x: str) -> str:
    """As torchvision's Normalize."""
    return net.add("Div", [net.add("Sub", [x, net.hold("m", MEAN)], "s"), net.hold("d", STD)], "n")


def mul_add(net: made.Net, x: str) -> str:
    """As an optimiser writes it."""
    scaled = net.add("Mul", [x, net.hold("g", 1 / STD)], "scaled")
    return net.add("Add", [scaled, net.hold("o", -MEAN / STD)], "n")


def computed(net: made.Net, x: str) -> str:
    """Mean and deviation as vectors, brought into shape in the graph."""
    shape = net.hold("shape", [1, 3, 1, 1], np.int64)
    mean = net.add("Reshape", [net.hold("m", MEAN.reshape(3)), shape], "mean4")
    axes = net.hold("axes", [0, 2, 3], np.int64)
    std = net.add("Unsqueeze", [net.hold("d", STD.reshape(3)), axes], "std4")
    return net.add("Div", [net.add("Sub", [x, mean], "s"), std], "n")


def behind_resize(net: made.Net, x: str) -> str:
    """As anomalib exports it."""
    scale = net.hold("scale", [1, 1, 0.5, 0.5])
    return sub_div(net, net.add("Resize", [x, "", scale], "resized", mode="linear"))


def by_planes(net: made.Net, x: str) -> str:
    """Each plane cut out, changed, and joined again; and a border of zeros."""
    planes = []
    axis = net.hold("axis", [1], np.int64)
    for k in range(3):
        ends = [net.hold(f"e{k}{at}", [at], np.int64) for at in (k, k + 1)]
        plane = net.add("Slice", [x, *ends, axis], f"plane{k}")
        less = net.add("Sub", [plane, net.hold(f"m{k}", IMAGENET_MEAN[k])], f"less{k}")
        planes.append(net.add("Div", [less, net.hold(f"s{k}", IMAGENET_STD[k])], f"div{k}"))
    joined = net.add("Concat", planes, "n", axis=1)
    return net.add("Pad", [joined, net.hold("p", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)], "padded")


def planes_last(net: made.Net, x: str) -> str:
    """A mean for the last axis between two turns."""
    last = net.add("Transpose", [x], "last", perm=[0, 2, 3, 1])
    less = net.add("Sub", [last, net.hold("m", MEAN.reshape(1, 1, 1, 3))], "s")
    even = net.add("Div", [less, net.hold("d", STD.reshape(3))], "n")
    return net.add("Transpose", [even], "first", perm=[0, 3, 1, 2])


def model(front: Callable[[made.Net, str], str]) -> onnx.ModelProto:
    """Such a front, and one layer."""
    net = made.Net("image", 1)
    net.conv(front(net, "image"), "conv", np.ones((1, 3, 3, 3)))
    net.output("conv", (1, 1, "rows", "columns"))
    built = net.model(side=SIDE, opset=17)
    simplify(built)
    return built


def scaled(gain: float, offset: float = 0.0) -> Callable[[made.Net, str], str]:
    """As gain * pixel + offset."""

    def front(net: made.Net, x: str) -> str:
        grown = net.add("Mul", [x, net.hold("gain", gain)], "grown")
        return net.add("Add", [grown, net.hold("offset", offset)], "n")

    return front


@pytest.mark.parametrize(
    "front", [sub_div, mul_add, computed, behind_resize, by_planes, planes_last]
)
def test_normal_at_front_finds_mean_and_deviation(front: Callable[[made.Net, str], str]) -> None:
    """In whichever way it is written."""
    found = normal_at_front(model(front))
    assert found is not None
    assert found.mean == pytest.approx(IMAGENET_MEAN, abs=1e-3)
    assert found.std == pytest.approx(IMAGENET_STD, abs=1e-3)
    assert found.pixels == "0..1"


@pytest.mark.parametrize(
    ("gain", "offset", "pixels"),
    [
        (1 / 255, 0.0, "0..255"),
        (2.0, -1.0, "0..1"),
        (1 / 127.5, -1.0, "0..255"),
        (1.0, -128, "0..255"),
    ],
)
def test_normal_at_front_tells_the_range(gain: float, offset: float, pixels: str) -> None:
    """What a mean and a deviation may be, in either."""
    found = normal_at_front(model(scaled(gain, offset)))
    assert found is not None
    assert found.pixels == pixels


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (-1.0, 1.0), (0.458, -0.03), (1e-4, 0.0)])
def test_normal_at_front_says_nothing_of_other_arithmetic(gain: float, offset: float) -> None:
    """None at all, the other way round, or from one normalisation to another."""
    assert normal_at_front(model(scaled(gain, offset))) is None


def test_normal_at_front_says_nothing_of_what_is_not_linear() -> None:
    """A root of pixels is no normalisation."""
    built = model(lambda net, x: net.add("Pow", [x, net.hold("half", 0.5)], "root"))
    assert normal_at_front(built) is None
