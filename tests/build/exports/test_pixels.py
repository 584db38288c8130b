"""Which range of pixels an export expects, as far as the file itself tells."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.base.errors import ModelError
from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD, Options
from gonogo.build.exports.pixels import expected
from gonogo.tests.build.exports import made

PLAIN = Options()


def _net(*steps: tuple[str, object], image: str = "input") -> made.Net:
    """A net whose image goes through arithmetic with constants into a convolution."""
    net = made.Net(image, 1)
    x = image
    for k, (op, value) in enumerate(steps):
        x = net.add(op, [x, net.hold(f"c{k}", value)], f"step{k}")
    net.conv(x, "conv", np.ones((1, 3, 1, 1)))
    net.output("conv", (1, 1, made.SIDE, made.SIDE))
    return net


def _scale(net: made.Net, options: Options = PLAIN) -> list[float]:
    found = expected(net.model(), 3, options, {})
    return [float(gain) for gain in found.gain]


@pytest.mark.parametrize(
    ("steps", "gain"),
    [
        ([("Sub", made.MEAN[None]), ("Div", made.STD[None])], 1 / 255),
        ([("Mul", 2.0), ("Sub", 1.0)], 1 / 255),
        ([("Sub", made.MEAN[None] * 255), ("Div", made.STD[None] * 255)], 1.0),
        ([("Div", 255.0)], 1.0),
        ([("Mul", 1 / 255)], 1.0),
        ([("Div", 127.5), ("Sub", 1.0)], 1.0),
    ],
)
def test_expected_is_told_by_the_arithmetic_at_the_front(
    steps: list[tuple[str, object]], gain: float
) -> None:
    """A mean below 1 is of pixels in 0..1; a larger one, or a scale of 1/255, of 0..255."""
    assert _scale(_net(*steps)) == pytest.approx([gain] * 3)


def test_expected_sees_through_a_resize() -> None:
    """As anomalib exports its own preprocessing."""
    net = made.Net("input", 1)
    scale = net.hold("scale", [1, 1, 1, 1])
    resized = net.add("Resize", ["input", "", scale], "resized", mode="linear")
    net.conv(net.normalise(resized), "conv", np.ones((1, 3, 1, 1)))
    net.output("conv", (1, 1, made.SIDE, made.SIDE))
    assert _scale(net) == pytest.approx([1 / 255] * 3)


def test_expected_does_what_it_is_told() -> None:
    """Where the graph says nothing, an option does."""
    net = _net()
    assert _scale(net, Options(pixels="0..1")) == pytest.approx([1 / 255] * 3)
    told = expected(net.model(), 3, Options(pixels="imagenet"), {})
    pixel = np.array([10.0, 100.0, 250.0])
    normal = (pixel / 255 - np.array(IMAGENET_MEAN)) / np.array(IMAGENET_STD)
    assert told.gain * pixel + told.offset == pytest.approx(normal)
    backwards = Options(pixels="imagenet", colour="bgr")
    turned = expected(net.model(), 3, backwards, {})
    assert turned.gain.tolist() == told.gain[::-1].tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(mean=(0.1, 0.2)), "--mean: 2 values, expected 1 or 3"),
        (Options(std=(1.0, 0.0, 1.0)), "--std: 0, expected values above 0"),
    ],
)
def test_expected_refuses_what_does_not_fit(options: Options, message: str) -> None:
    """One value for each plane, or one for all, and no division by zero."""
    with pytest.raises(ModelError, match=message):
        _scale(_net(), options)


@pytest.mark.parametrize(
    "options",
    [Options(pixels="imagenet"), Options(mean=(0.5,), std=(0.5,)), Options(pixels="0..255")],
)
def test_expected_refuses_to_normalise_twice(options: Options) -> None:
    """The graph does it; all images would be nearly the same."""
    net = made.Net("input", 1)
    net.conv(net.normalise("input"), "conv", np.ones((1, 3, 1, 1)))
    net.output("conv", (1, 1, made.SIDE, made.SIDE))
    with pytest.raises(ModelError, match=r"its front computes \(pixel - 0.485, 0.456, 0.406\)"):
        _scale(net, options)
    assert _scale(net, Options(pixels="0..1")) == pytest.approx([1 / 255] * 3)


def test_expected_lets_a_graph_turn_one_normalisation_into_another() -> None:
    """The Inception of torchvision takes ImageNet's figures and makes -1..1 of them itself."""
    net = _net(("Mul", made.STD[None] / 0.5), ("Add", (made.MEAN[None] - 0.5) / 0.5))
    found = expected(net.model(), 3, Options(pixels="imagenet"), {})
    assert found.gain == pytest.approx(1 / 255 / np.array(IMAGENET_STD))


def test_expected_knows_the_outputs_of_anomalib() -> None:
    """Its own preprocessing is in the graph then, also where that changes no value."""
    net = _net()
    for name in ("pred_score", "pred_label", "anomaly_map", "pred_mask"):
        net.add("Identity", ["conv"], name)
        net.output(name, (1, 1, made.SIDE, made.SIDE))
    assert _scale(net) == pytest.approx([1 / 255] * 3)


def test_expected_asks_where_nothing_tells() -> None:
    """With the options that say it."""
    with pytest.raises(ModelError, match=r"say --input 0\.\.1, --input 0\.\.255"):
        _scale(_net())
