"""Small ONNX models for tests: those of the drivers' suites, and one that is wrong on purpose.

Import as `gonogo.tests.engines.tiny`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from gonogo.testing.tiny_models import SIDE, Dims, brightest, classes, filters, save, say, undefined

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SIDE", "Dims", "brightest", "classes", "filters", "hungry", "save", "say", "undefined"]


def hungry(path: Path, megabytes: int) -> Path:
    """As `brightest` without a map, by way of a tensor of so many megabytes."""
    side = 1024
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["planes", "zero", "one", "axis"], ["red"]),
        helper.make_node("ReduceMax", ["red"], ["worst"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Expand", ["worst", "shape"], ["large"]),
        helper.make_node("ReduceMin", ["large"], ["least"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["least", "nothing"], ["none"]),
        helper.make_node("ReduceMax", ["red"], ["flat"], axes=[2, 3], keepdims=0),
        helper.make_node("Add", ["flat", "none"], ["score"]),
    ]
    held = [
        numpy_helper.from_array(np.array([value], np.int64), name)
        for name, value in (("zero", 0), ("one", 1), ("axis", 1))
    ]
    held.append(
        numpy_helper.from_array(np.array([1, megabytes, side, side // 4], np.int64), "shape")
    )
    held.append(numpy_helper.from_array(np.zeros((1, 1), np.float32), "nothing"))
    return save(path, nodes, held=held)
