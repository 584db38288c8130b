"""What loading an engine needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import helper, numpy_helper

from gonogo.base.errors import BuildError
from gonogo.build.memory import needed_mb
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path


def test_needed_mb_grows_with_the_weights(tmp_path: Path) -> None:
    """A model with 64 MB of weights needs at least that much more than a small one."""
    weights = numpy_helper.from_array(np.ones((4096, 4096), np.float32), "w")
    flat = numpy_helper.from_array(np.array([-1, 4096], np.int64), "flat")
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=1),
        helper.make_node("Reshape", ["planes", "flat"], ["rows"]),
        helper.make_node("MatMul", ["rows", "w"], ["mixed"]),
        helper.make_node("ReduceMax", ["mixed"], ["score"], keepdims=1),
    ]
    held = [weights, flat]
    large = tiny.save(tmp_path / "l.onnx", nodes, image=(1, 1, 64, 64), held=held)
    small = tiny.brightest(tmp_path / "s.onnx")
    assert needed_mb(large, "onnxruntime") >= needed_mb(small, "onnxruntime") + 64


def test_needed_mb_says_why_it_cannot_be_measured(tmp_path: Path) -> None:
    """The last words of the process that tried."""
    with pytest.raises(BuildError, match=r"memory cannot be measured in onnxruntime: .*GN300"):
        needed_mb(tmp_path / "nowhere.onnx", "onnxruntime")
