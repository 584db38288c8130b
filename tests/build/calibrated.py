"""A small model whose tensors have names and ranges.

Import as `gonogo.tests.build.calibrated`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx

from gonogo.build.calibrate import calibrate
from gonogo.engines.backends.model import open_model
from gonogo.tests.build.parts import good_part, quiet
from gonogo.tests.engines import tiny

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.calibrate import Ranges


def named_filters(path: Path) -> onnx.ModelProto:
    """A small model written to `path`, each of its nodes with a name."""
    model = onnx.load(str(tiny.filters(path)))
    for place, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{place}"
    path.write_bytes(model.SerializeToString())
    return onnx.shape_inference.infer_shapes(model)


def ranges_of(path: Path) -> Ranges:
    """What its tensors take on four good parts."""
    frames = [good_part(k, 32) for k in range(4)]
    return calibrate(path, open_model(path), frames, quiet)
