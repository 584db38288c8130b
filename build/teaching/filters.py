"""A fixed bank of filters as an ONNX graph: the eyes of a taught engine, without training.

    image u8 1x3xSxS, S = 256 (or 384, 512), G = S / 8
      scale 0: as it is    7x7 bank, stride 2  Relu  mean 8x8 stride 4 --+
      scale 1: halved      7x7 bank, stride 2  Relu  mean 4x4 stride 2 --+-- 81 x G x G, root
      scale 2: quartered   7x7 bank            Relu  mean 4x4 stride 2 --+

The bank looks at luma (edges and lines in four directions, spots, each light and dark
apart, and brightness) and at two colour differences. Rectified, averaged filter
answers are a classic description of surface: Malik and Perona, J. Opt. Soc. Am. A 7 (1990).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.build.teaching.eyes import FEATURES, Eyes
from gonogo.build.teaching.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SIDE_PX = 256  # unless more is asked for
CELL_PX = 8  # of the image, for each place of the grid
TAPS = 7
DIRECTIONS = 4
SCALES = 3
CHANNELS = SCALES * 27  # filters of filter_bank, at each scale
INT8_MAX = 127
ROOT_FLOOR = 0.25  # about one step of INT8: weaker answers are all the same
PEAKS = "peaks"
PEAK = 64.0  # what each filter's strongest answer is brought to
PEAK_MIN = 2.0  # a filter that hardly answers is noise, and is not raised to a shout
PEAK_QUANTILE = 0.9
_SIGMA_PX, _WAVE_PX = 1.6, 4.5
_NARROW, _WIDE, _ASPECT = 0.7, 1.6, 0.7
_STRIDES = (2, 2, 1)
_POOLS = ((8, 4), (4, 2), (4, 2))  # window and stride: each scale ends on the same grid
_COLOUR_GAIN, _LUMA_GAIN = 2.0, 0.3
# Rows of red, green, blue: luma (BT.601), red against green, yellow against blue.
_OPPONENTS = np.array([[0.299, 0.587, 0.114], [0.5, -0.5, 0.0], [0.25, 0.25, -0.5]])


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


def level(frames: Iterable[NDArray[np.uint8]], side_px: int = SIDE_PX) -> NDArray[np.float32]:
    """Gains (scales, filters) that bring every filter's strongest answer to PEAK.

    `frames`, uint8 (S, S, 3): good ones and defaced ones, whose answers are stronger and
    must not saturate.
    """
    eyes = Eyes(filters_model(even_gains(), side_px))
    peaks = np.array([eyes.see(frame, PEAKS) for frame in frames])
    highest = np.quantile(peaks, PEAK_QUANTILE, axis=0).reshape(SCALES, -1)
    return np.asarray(PEAK / np.maximum(highest, PEAK_MIN), np.float32)


def filters_model(gains: NDArray[np.float32], side_px: int = SIDE_PX) -> bytes:
    """ONNX: `image` u8 [1, 3, S, S] to `features` float32 [1, 81, G, G].

    `peaks` [1, 81] is the strongest answer of each filter, before averaging. `gains`
    (scales, filters) multiply the filters: INT8 has one scale for all channels of a
    tensor, so each filter's answers should fill the same range.
    """
    graph = Graph()
    _features(graph, gains, side_px)
    _peaks(graph)
    grid = side_px // CELL_PX
    return graph.serialized([(FEATURES, (1, CHANNELS, grid, grid)), (PEAKS, (1, CHANNELS))])


def _features(graph: Graph, gains: NDArray[np.float32], side_px: int) -> None:
    """The filter bank at every scale, averaged on one grid, then the root."""
    image = graph.image(side_px)
    answers = []
    for scale in range(SCALES):
        if scale:
            # the same taps reach twice as far at each scale
            halve = {"kernel_shape": [2, 2], "strides": [2, 2]}
            image = graph.add("AveragePool", [image], f"halved_{scale}", **halve)
        bank = filter_bank() * gains[scale][:, None, None, None]
        answers.append(_scale(graph, image, scale, bank))
    joined = graph.add("Concat", answers, "answers", axis=1)
    above = graph.add("Add", [joined, graph.number("root_floor", ROOT_FLOOR)], "above_floor")
    # the root brings strong answers together; without the floor it is steepest at noise
    graph.add("Sqrt", [above], FEATURES)


def _scale(graph: Graph, image: str, scale: int, bank: NDArray[np.float32]) -> str:
    step, (window, stride) = _STRIDES[scale], _POOLS[scale]
    conv = {"kernel_shape": [TAPS] * 2, "strides": [step] * 2, "pads": [TAPS // 2] * 4}
    filtered = graph.add("Conv", [image, graph.hold(f"bank_{scale}", bank)], f"c{scale}", **conv)
    rectified = graph.add("Relu", [filtered], f"r{scale}")
    border = [(window - stride) // 2] * 4  # so that all scales end on one grid
    pool = {"kernel_shape": [window] * 2, "strides": [stride] * 2, "pads": border}
    return graph.add("AveragePool", [rectified], f"mean_{scale}", **pool)


def _peaks(graph: Graph) -> None:
    """The strongest answer of every filter anywhere in the image."""
    strongest = [
        graph.add("ReduceMax", [f"r{scale}"], f"peak_{scale}", axes=[2, 3], keepdims=0)
        for scale in range(SCALES)
    ]
    graph.add("Concat", strongest, PEAKS, axis=1)


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
