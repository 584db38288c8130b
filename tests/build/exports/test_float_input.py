"""The compiler's model and ours are the same for the same pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto

from gonogo.build.exports.float_input import with_float_input
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("dtype", [TensorProto.UINT8, TensorProto.FLOAT])
def test_float_input_scores_the_same(tmp_path: Path, dtype: int) -> None:
    """Of bytes or of float32; without a Cast of the image, which the compiler does not take."""
    path = tiny.brightest(tmp_path / "m.onnx", dtype=dtype)
    changed = with_float_input(onnx.load(str(path)))
    pixels = np.random.default_rng(3).integers(0, 256, (1, 3, 16, 16), np.uint8)
    own = pixels if dtype == TensorProto.UINT8 else pixels.astype(np.float32)
    before = ort.InferenceSession(str(path)).run(None, {"image": own})
    session = ort.InferenceSession(changed.SerializeToString())
    after = session.run(None, {"image": pixels.astype(np.float32)})
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
    casts = [node for node in changed.graph.node if node.op_type == "Cast"]
    assert len(casts) == (0 if dtype == TensorProto.UINT8 else 1)


def test_float_input_leaves_the_model_that_it_was_given(tmp_path: Path) -> None:
    """It is still what the other forms are made from."""
    model = onnx.load(str(tiny.brightest(tmp_path / "m.onnx")))
    before = model.SerializeToString()
    with_float_input(model)
    assert model.SerializeToString() == before
