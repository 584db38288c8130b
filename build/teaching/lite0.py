"""The first eight blocks of EfficientNet-Lite0 as an ONNX graph: eyes that have seen a lot.

    image u8 1x3xSxS, S = 256 (or 384, 512), (x - 127) / 128
      stem 3x3 stride 2, block 0 .. 4                    -> 40 x S/8 x S/8,   3x3 mean --+
      block 5 .. 7    -> 80 x S/16 x S/16, 3x3 mean, enlarged twice --+-- 120 x S/8 x S/8

A block widens by a 1x1 convolution, looks by a depthwise one of 3x3 or 5x5, narrows by 1x1,
and adds what went in where the shape is the same. Lite: no squeeze-and-excite, ReLU6 in
place of swish, which INT8 holds well. Source: Tan and Le, EfficientNet (ICML 2019); the
block table is that of its Lite variants. Each batch normalisation is folded into the
convolution before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.teaching.eyes import FEATURES
from gonogo.build.teaching.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.teaching.weights import Weights

CHANNELS = 40 + 80
_EPSILON = 1e-3  # of its batch normalisations
_MIDDLE, _SCALE = 127.0, 128.0  # what its pixels were brought to as it was trained
_FINE, _COARSE = 4, 7  # the blocks that are listened to


class Block(NamedTuple):
    """A row of the table: how the depthwise convolution looks, and whether it widens first."""

    taps: int
    stride: int
    widens: bool
    adds: bool


class Layer(NamedTuple):
    """A convolution by the names of its weights and of its batch normalisation.

    `scale` goes into the kernel; `clip`: whether ReLU6 follows.
    """

    name: str
    norm: str
    stride: int = 1
    scale: float = 1.0
    clip: bool = True


# (repeats, taps, stride of the first, widens), as far as block 7
_STAGES = ((1, 3, 1, False), (2, 3, 2, True), (2, 5, 2, True), (3, 3, 2, True))
BLOCKS = tuple(
    Block(taps, stride if not k else 1, widens, adds=k > 0)
    for repeats, taps, stride, widens in _STAGES
    for k in range(repeats)
)


def lite0_model(weights: Weights, side_px: int) -> bytes:
    """ONNX: `image` u8 [1, 3, S, S] to `features` float32 [1, 120, S/8, S/8]."""
    net = Net(Graph(), weights)
    graph = net.graph
    pixels = graph.add(
        "Sub", [graph.image(side_px), graph.number("middle", _MIDDLE)], "centred_pixels"
    )
    stem = Layer("_conv_stem", "_bn0", stride=2, scale=1 / _SCALE)
    seen, side = net.conv(pixels, stem, side_px)
    found = {}
    for place, block in enumerate(BLOCKS):
        seen, side = net.block(place, block, seen, side)
        found[place] = seen
    fine = graph.mean(found[_FINE], "fine")
    coarse = graph.mean(found[_COARSE], "coarse")
    twice = graph.hold("twice", np.array([1, 1, 2, 2], np.float32))
    larger = graph.add("Resize", [coarse, "", twice], "larger", mode="linear")
    graph.add("Concat", [fine, larger], FEATURES, axis=1)
    return graph.serialized([(FEATURES, (1, CHANNELS, 2 * side, 2 * side))])


class Net:
    """Writes convolutions with their weights, and keeps count of the side of what they make."""

    def __init__(self, graph: Graph, weights: Weights) -> None:
        self.graph = graph
        self._weights = weights
        self._limits = [graph.number("zero", 0.0), graph.number("six", 6.0)]

    def block(self, place: int, block: Block, x: str, side: int) -> tuple[str, int]:
        """One block behind `x`; returns what it makes and the side of that."""
        before, y = f"_blocks.{place}.", x
        if block.widens:
            y, _ = self.conv(y, Layer(f"{before}_expand_conv", f"{before}_bn0"), side)
        looks = Layer(f"{before}_depthwise_conv", f"{before}_bn1", block.stride)
        y, side = self.conv(y, looks, side)
        narrows = Layer(f"{before}_project_conv", f"{before}_bn2", clip=False)
        y, _ = self.conv(y, narrows, side)
        if block.adds:
            y = self.graph.add("Add", [y, x], f"{before}sum")
        return y, side

    def conv(self, x: str, layer: Layer, side: int) -> tuple[str, int]:
        """A convolution with its batch normalisation in it, and ReLU6; and the side it leaves."""
        kernel, bias = self._folded(layer)
        outputs, inputs_each, taps, _ = kernel.shape
        made = -(-side // layer.stride)
        # as TensorFlow pads it: what is uneven comes at the end
        pad = max((made - 1) * layer.stride + taps - side, 0)
        settings = {
            "kernel_shape": [taps] * 2,
            "strides": [layer.stride] * 2,
            "pads": [pad // 2] * 2 + [pad - pad // 2] * 2,
            "group": outputs if inputs_each == 1 else 1,
        }
        held = [
            self.graph.hold(f"{layer.name}.w", (kernel * layer.scale).astype(np.float32)),
            self.graph.hold(f"{layer.name}.b", bias.astype(np.float32)),
        ]
        y = self.graph.add("Conv", [x, *held], layer.name, **settings)
        if layer.clip:
            y = self.graph.add("Clip", [y, *self._limits], f"{layer.name}.relu6")
        return y, made

    def _folded(self, layer: Layer) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        parts = ("weight", "bias", "running_mean", "running_var")
        # in double: a variance near nothing would cost digits
        gain, offset, mean, variance = (
            np.asarray(self._weights[f"{layer.norm}.{part}"], np.float64) for part in parts
        )
        kernel = np.asarray(self._weights[f"{layer.name}.weight"], np.float64)
        factor = gain / np.sqrt(variance + _EPSILON)
        return kernel * factor[:, None, None, None], offset - mean * factor
