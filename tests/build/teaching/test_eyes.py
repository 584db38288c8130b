"""Eyes in INT8."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx

from gonogo.build.teaching.eyes import Eyes, quantized
from gonogo.build.teaching.lite0 import lite0_model
from gonogo.build.teaching.textures import textures
from gonogo.tests.build.parts import good_part, quiet
from gonogo.tests.build.teaching.small import made_weights


def test_quantized_eyes_see_what_the_exact_ones_see() -> None:
    """Within a tenth of what features differ by, on a picture that set no range."""
    model = lite0_model(made_weights(), 256)
    frame = good_part(3, 256)
    exact = Eyes(model).see(frame)
    found = Eyes(quantized(model, textures(8, 256), quiet)).see(frame)
    assert np.abs(found - exact).std() < 0.1 * exact.std()
    assert not np.array_equal(found, exact)


def test_quantized_eyes_hold_convolution_clip_and_sum_in_one_piece() -> None:
    """No Clip is left, for its range is that of its INT8; weights are INT8, the mean is float."""
    model = onnx.load_from_string(
        quantized(lite0_model(made_weights(), 256), textures(2, 256), quiet)
    )
    kinds = Counter(node.op_type for node in model.graph.node)
    assert (kinds["Conv"], kinds["Clip"], kinds["Add"]) == (24, 0, 4)
    behind = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type == "Conv":
            assert all(behind[name].op_type == "DequantizeLinear" for name in node.input)
        if node.op_type == "AveragePool":
            assert behind[node.input[0]].op_type in {"Add", "DequantizeLinear"}


def test_eyes_take_red_green_blue() -> None:
    """The frame is blue-green-red as cameras bring it, the planes are in the other order."""
    eyes = Eyes(lite0_model(made_weights(), 256))
    red = np.zeros((256, 256, 3), np.uint8)
    red[:, :, 2] = 200
    assert np.abs(eyes.see(red) - eyes.see(red[:, :, ::-1])).max() > 0
