"""A fixed bank of filters as an ONNX graph: the eyes of a taught engine, without training.

    image u8 1x3xSxS, S = 256 (or 384, 512), G = S / 8
      scale 0: as it is    7x7 bank, stride 2  Relu  mean 8x8 stride 4 --+
      scale 1: halved      7x7 bank, stride 2  Relu  mean 4x4 stride 2 --+-- 81 x G x G, root
      scale 2: quartered   7x7 bank            Relu  mean 4x4 stride 2 --+
      project to 64 whitened channels           -> embedding: their mean
      distance to the good parts at that place  -> anomaly_map 1x1xGxG
      worst 3x3 mean                            -> score 1x1

The bank looks at luma (edges and lines in four directions, spots, each light and dark
apart, and brightness) and at two colour differences. Rectified, averaged filter
answers are a classic description of surface: Malik and Perona, J. Opt. Soc. Am. A 7
(1990); the Gaussian for each place is that of PaDiM (Defard et al., 2020) on such features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIDE_PX = 256  # unless more is asked for
CELL_PX = 8  # of the image, for each place of the grid
TAPS = 7
DIRECTIONS = 4
SCALES = 3
INT8_MAX = 127
ROOT_FLOOR = 0.25  # about one step of INT8: weaker answers are all the same
OPSET, IR_VERSION = 17, 8
_SIGMA_PX, _WAVE_PX = 1.6, 4.5
_NARROW, _WIDE, _ASPECT = 0.7, 1.6, 0.7
_STRIDES = (2, 2, 1)
_POOLS = ((8, 4), (4, 2), (4, 2))  # window and stride: each scale ends on the same grid
_COLOUR_GAIN, _LUMA_GAIN = 2.0, 0.3
# Rows of red, green, blue: luma (BT.601), red against green, yellow against blue.
_OPPONENTS = np.array([[0.299, 0.587, 0.114], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]])


class Fit(NamedTuple):
    """What was learned from good parts; C filter answers, D channels, all float32.

    `mean` (C,) and `project` (C, D) whiten; `centre` and `inverse` (D, G, G) are the
    mean at each place and one over its standard deviation.
    """

    mean: NDArray[np.float32]
    project: NDArray[np.float32]
    centre: NDArray[np.float32]
    inverse: NDArray[np.float32]


def filter_bank() -> NDArray[np.float32]:
    """The kernels (27, 3, 7, 7) over red, green, blue; all but the last come as +/- pairs."""
    reach = np.arange(TAPS) - (TAPS - 1) / 2
    y, x = np.meshgrid(reach, reach, indexing="ij")
    low = _blob(x, y, _NARROW)
    spot = low - _blob(x, y, _WIDE)
    luma, *colours = (row[:, None, None] for row in _OPPONENTS)
    # a Relu follows, which keeps one sign: each filter is there for light and for dark
    kernels = [sign * luma * f for f in (*_waves(x, y), spot) for sign in (1, -1)]
    for colour in colours:
        kernels += [sign * colour * spot * _COLOUR_GAIN for sign in (1, -1)]
        kernels += [sign * colour * low for sign in (1, -1)]
    return np.array([whole(k) for k in [*kernels, luma * low * _LUMA_GAIN]], np.float32)


def whole(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel (3, 7, 7) in whole steps of 1/127 of its largest tap, as INT8 holds it.

    A filter without a mean stays without one in each colour: the rounding errors of 49
    taps, times a bright image, would otherwise drown its answers.
    """
    # as the quantizer will choose it, per channel and symmetric
    step = np.abs(kernel).max() / INT8_MAX
    taps = np.round(kernel / step)
    for plane, exact in zip(taps, kernel, strict=True):
        excess = round(float(plane.sum() - exact.sum() / step))
        # the largest taps are changed least by one step; those at the rail or at 0 stay
        order = np.argsort(-np.abs(exact), axis=None)
        inner = [k for k in order if 0 < abs(plane.flat[k]) < INT8_MAX]
        for k in inner[: abs(excess)]:
            plane.flat[k] -= np.sign(excess)
    return np.asarray(taps * step)


def even_gains() -> NDArray[np.float32]:
    """Gains (scales, filters) of one, to start from."""
    return np.ones((SCALES, len(filter_bank())), np.float32)


def feature_model(gains: NDArray[np.float32], side_px: int = SIDE_PX) -> bytes:
    """ONNX: `image` u8 [1, 3, S, S] to `features` float32 [1, 81, G, G].

    `peaks` [1, 81] is the strongest answer of each filter, before averaging. `gains`
    (scales, filters) multiply the filters: INT8 has one scale for all channels of a
    tensor, so each filter's answers should fill the same range.
    """
    graph = _Graph()
    graph.features("features", gains)
    graph.peaks("peaks")
    channels, grid = SCALES * len(filter_bank()), side_px // CELL_PX
    outputs = [("features", (1, channels, grid, grid)), ("peaks", (1, channels))]
    return graph.serialized(outputs, side_px)


def engine_model(fit: Fit, gains: NDArray[np.float32]) -> bytes:
    """ONNX: the whole float engine, `image` to `anomaly_map`, `score` and `embedding`."""
    graph = _Graph()
    graph.features("features", gains)
    graph.head(fit)
    depth, grid = fit.project.shape[1], fit.centre.shape[-1]
    outputs = [("anomaly_map", (1, 1, grid, grid)), ("score", (1, 1)), ("embedding", (1, depth))]
    return graph.serialized(outputs, grid * CELL_PX)


class _Graph:
    """Collects nodes and constants."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._held: list[onnx.TensorProto] = []

    def add(self, op: str, inputs: Sequence[str], output: str, **settings: Any) -> str:  # noqa: ANN401 - ONNX attributes
        """One node with one output; returns its name."""
        self._nodes.append(helper.make_node(op, list(inputs), [output], name=output, **settings))
        return output

    def hold(self, name: str, values: NDArray[np.generic]) -> str:
        """A constant; returns its name."""
        self._held.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def features(self, output: str, gains: NDArray[np.float32]) -> None:
        """The filter bank at every scale, averaged on one grid, then the root."""
        image = self.add("Cast", ["image"], "pixels", to=TensorProto.FLOAT)
        answers = []
        for scale in range(SCALES):
            if scale:
                # the same taps reach twice as far at each scale
                halve = {"kernel_shape": [2, 2], "strides": [2, 2]}
                image = self.add("AveragePool", [image], f"halved_{scale}", **halve)
            bank = filter_bank() * gains[scale][:, None, None, None]
            answers.append(self._scale(image, scale, bank))
        joined = self.add("Concat", answers, "answers", axis=1)
        floor = self.hold("root_floor", np.array(ROOT_FLOOR, np.float32))
        # the root brings strong answers together; without the floor it is steepest at noise
        self.add("Sqrt", [self.add("Add", [joined, floor], "above_floor")], output)

    def _scale(self, image: str, scale: int, bank: NDArray[np.float32]) -> str:
        step, (window, stride) = _STRIDES[scale], _POOLS[scale]
        conv = {"kernel_shape": [TAPS] * 2, "strides": [step] * 2, "pads": [TAPS // 2] * 4}
        filtered = self.add("Conv", [image, self.hold(f"bank_{scale}", bank)], f"c{scale}", **conv)
        rectified = self.add("Relu", [filtered], f"r{scale}")
        border = [(window - stride) // 2] * 4  # so that all scales end on one grid
        pool = {"kernel_shape": [window] * 2, "strides": [stride] * 2, "pads": border}
        return self.add("AveragePool", [rectified], f"mean_{scale}", **pool)

    def peaks(self, output: str) -> None:
        """The strongest answer of every filter anywhere in the image."""
        worst = [
            self.add("ReduceMax", [f"r{scale}"], f"peak_{scale}", axes=[2, 3], keepdims=0)
            for scale in range(SCALES)
        ]
        self.add("Concat", worst, output, axis=1)

    def head(self, fit: Fit) -> None:
        """Whitening, distance to the good parts at each place, the worst place."""
        # (answers - mean) @ project, as one convolution of 1 x 1
        weights = self.hold("project", fit.project.T[:, :, None, None])
        bias = self.hold("offset", -(fit.mean @ fit.project))
        white = self.add("Conv", ["features", weights, bias], "white", kernel_shape=[1, 1])
        self.add("ReduceMean", [white], "embedding", axes=[2, 3], keepdims=0)
        centred = self.add("Sub", [white, self.hold("centre", fit.centre[None])], "centred")
        scaled = self.add("Mul", [centred, self.hold("inverse", fit.inverse[None])], "scaled")
        squared = self.add("Mul", [scaled, scaled], "squared")
        mean = self.add("ReduceMean", [squared], "distance", axes=[1], keepdims=1)
        distances = self.add("Sqrt", [mean], "anomaly_map")
        # padding does not count (count_include_pad is 0 when left out): as teach._worst does it
        smooth = {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4}
        worst = self.add("AveragePool", [distances], "smooth", **smooth)
        # the worst place judges the part: a mean would hide a small flaw in a large part
        self.add("ReduceMax", [worst], "score", axes=[2, 3], keepdims=0)

    def serialized(self, outputs: Sequence[tuple[str, tuple[int, ...]]], side_px: int) -> bytes:
        """The finished model."""
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, [1, 3, side_px, side_px])
        made = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs]
        graph = helper.make_graph(self._nodes, "taught", [image], made, self._held)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        data: bytes = model.SerializeToString()
        return data


def _waves(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Even and odd Gabor filters without a mean, in DIRECTIONS directions."""
    found = []
    for turn in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        window = np.exp(-(along**2 + (across * _ASPECT) ** 2) / (2 * _SIGMA_PX**2))
        for phase in (0, np.pi / 2):
            wave = window * np.cos(2 * np.pi * along / _WAVE_PX + phase)
            # without a mean: brightness alone is no edge
            wave -= window * (wave.sum() / window.sum())
            found.append(wave / np.abs(wave).sum())  # one scale for all answers
    return found


def _blob(x: NDArray[np.float64], y: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    values = np.exp(-(x**2 + y**2) / (2 * (_SIGMA_PX * width) ** 2))
    return np.asarray(values / values.sum())
