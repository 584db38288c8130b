"""What judges, behind the eyes, as ONNX nodes in float: whitening, bank, map, score.

    features C x G x G
      1x1 convolution             -> 64 whitened channels -> embedding: their mean
      row and column behind them  -> 66
      1x1 convolution 66 -> bank, bias -|b|^2 / 2, largest: the nearest patch
      |x|^2 - 2 that, / 64, root  -> distance
      / what is usual there       -> anomaly_map 1x1xGxG
      largest 3x3 mean            -> score 1x1

Convolutions and maxima alone: ONNX Runtime, OpenVINO and TensorRT have all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.teaching.bank import positions
from gonogo.build.teaching.eyes import FEATURES
from gonogo.build.teaching.graph import Graph
from gonogo.build.teaching.places import worst
from gonogo.build.teaching.whitening import DEPTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.teaching.bank import Bank


WHITE = "white"  # what the bank's patches are made of, in the graph


class Head(NamedTuple):
    """The bank, and what its maps are divided by: float32 (G, G), or None for nothing."""

    bank: Bank
    usual: NDArray[np.float32] | None = None

    def maps(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Anomaly maps (n, G, G) of features (n, C, G, G): what the graph computes."""
        distances = self.bank.distances(features)
        return distances if self.usual is None else distances / self.usual

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores (n,) of the same."""
        return worst(self.maps(features))


def engine_model(eyes: bytes, head: Head, grid: int) -> bytes:
    """ONNX: the whole engine, `image` to `anomaly_map`, `score` and `embedding`."""
    graph = Graph(eyes)
    distance = _distance(graph, _white(graph, head.bank), head.bank, grid)
    usual = np.ones((grid, grid), np.float32) if head.usual is None else head.usual
    inverse = graph.hold("inverse", (1 / usual)[None, None])
    graph.add("Mul", [distance, inverse], "anomaly_map")
    around = graph.mean("anomaly_map", "smooth")
    graph.add("ReduceMax", [around], "score", axes=[2, 3], keepdims=0)
    outputs = [("anomaly_map", (1, 1, grid, grid)), ("score", (1, 1)), ("embedding", (1, DEPTH))]
    return graph.serialized(outputs)


def _white(graph: Graph, bank: Bank) -> str:
    mean, project = bank.whitening
    # (features - mean) @ project, as one convolution of 1 x 1
    weights = graph.hold("project", project.T[:, :, None, None])
    offset = graph.hold("offset", -(mean @ project))
    white = graph.add("Conv", [FEATURES, weights, offset], WHITE, kernel_shape=[1, 1])
    graph.add("ReduceMean", [white], "embedding", axes=[2, 3], keepdims=0)
    return white


def _distance(graph: Graph, white: str, bank: Bank, grid: int) -> str:
    """|x - b|^2 of the nearest b, over all places at once."""
    where = graph.hold("where", positions(grid)[None])
    placed = graph.add("Concat", [white, where], "placed", axis=1)
    patches = graph.hold("patches", bank.patches[:, :, None, None])
    bias = graph.hold("patches_bias", bank.bias)
    alike = graph.add("Conv", [placed, patches, bias], "alike", kernel_shape=[1, 1])
    nearest = graph.add("ReduceMax", [alike], "nearest", axes=[1], keepdims=1)
    square = graph.add("Mul", [placed, placed], "square")
    # a mean times its number is a sum, and has its axes in an attribute as TensorRT likes it
    mean = graph.add("ReduceMean", [square], "mean_square", axes=[1], keepdims=1)
    width = bank.patches.shape[1]
    own = graph.add("Mul", [mean, graph.number("own_scale", width / DEPTH)], "own")
    near = graph.add("Mul", [nearest, graph.number("near_scale", 2 / DEPTH)], "near")
    # rounding may leave a little less than nothing
    above = graph.add("Relu", [graph.add("Sub", [own, near], "squared")], "above")
    return graph.add("Sqrt", [above], "distance")
