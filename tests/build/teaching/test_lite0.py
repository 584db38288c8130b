"""The backbone as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
import pytest

from gonogo.build.teaching.eyes import Eyes
from gonogo.build.teaching.graph import Graph
from gonogo.build.teaching.lite0 import BLOCKS, CHANNELS, Layer, Net, lite0_model
from gonogo.tests.build.teaching.small import made_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _convolved(
    image: NDArray[np.float64], kernel: NDArray[np.float64], stride: int
) -> NDArray[np.float64]:
    """A convolution (C, S, S) padded as TensorFlow pads, from its definition."""
    taps, side = kernel.shape[-1], image.shape[-1]
    made = -(-side // stride)
    pad = max((made - 1) * stride + taps - side, 0)
    ends = (pad // 2, pad - pad // 2)
    wide = np.pad(image, [(0, 0), ends, ends])
    seen = np.lib.stride_tricks.sliding_window_view(wide, (taps, taps), axis=(1, 2))
    return np.asarray(np.einsum("chwij,ocij->ohw", seen[:, ::stride, ::stride], kernel))


@pytest.mark.parametrize(("stride", "side"), [(1, 8), (2, 8), (2, 9)])
def test_conv_is_convolution_and_batch_normalisation_as_defined(stride: int, side: int) -> None:
    """Folded into one, with the padding of the tool it was trained with, then cut at 0 and 6."""
    rng = np.random.default_rng(3)
    gain, offset, mean, variance = rng.uniform(0.5, 2, (4, 4))
    kernel = rng.normal(size=(4, 3, 3, 3))
    parts = {"weight": gain, "bias": offset, "running_mean": mean, "running_var": variance}
    weights = {f"bn.{name}": values for name, values in parts.items()}
    graph = Graph()
    net = Net(graph, weights | {"c.weight": kernel})
    out, made = net.conv(graph.image(side), Layer("c", "bn", stride, scale=1 / 64), side)
    model = graph.serialized([(out, (1, 4, made, made))])
    image = rng.integers(0, 256, (3, side, side)).astype(np.uint8)
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    found = session.run([out], {"image": image[None]})[0][0]
    plain = _convolved(image / 64, kernel, stride)
    normal = gain * (plain.T - mean) / np.sqrt(variance + 1e-3) + offset
    assert found == pytest.approx(normal.T.clip(0, 6), abs=1e-4)


def test_lite0_model_gives_one_grid_for_every_size() -> None:
    """120 channels in a grid of an eighth; the eight blocks are those of the published table."""
    weights = made_weights()
    for side_px in (256, 384):
        frame = np.full((side_px, side_px, 3), 90, np.uint8)
        seen = Eyes(lite0_model(weights, side_px)).see(frame)
        assert seen.shape == (CHANNELS, side_px // 8, side_px // 8)
    assert [block.taps for block in BLOCKS] == [3, 3, 3, 5, 5, 3, 3, 3]
    assert [block.stride for block in BLOCKS] == [1, 2, 1, 2, 1, 2, 1, 1]


def test_lite0_model_answers_where_the_picture_changes() -> None:
    """A spot changes what is seen around it, and not at the other end."""
    eyes = Eyes(lite0_model(made_weights(), 256))
    frame = np.full((256, 256, 3), 120, np.uint8)
    plain = eyes.see(frame)
    frame[60:68, 180:188] = 250
    changed = np.abs(eyes.see(frame) - plain).max(axis=0)
    assert changed[8, 22] > 0
    assert changed[:, :8].max() == 0
    assert np.unravel_index(changed.argmax(), changed.shape)[0] in range(5, 12)
