"""A model made ready for the quantizer: constants folded, every node with a name, versions set."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import onnx
from onnxruntime.quantization.shape_inference import quant_pre_process

from gonogo.base.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

OPSET_MIN = 13  # per-channel DequantizeLinear
IR_VERSION_MAX = 10  # the newest that ONNX Runtime 1.20 opens


def prepare(source: Path, prepared: Path) -> onnx.ModelProto:
    """Write the prepared model to `prepared`, and return it; ModelError where it cannot be."""
    try:
        return _prepared(source, prepared)
    except Exception as error:
        # its own words name files of ours that are gone when they are read
        raise ModelError(
            f"the model cannot be made ready for INT8 ({type(error).__name__}): its operators or "
            "shapes cannot be worked out; export it for opset 17, without control flow"
        ) from error


def _prepared(source: Path, prepared: Path) -> onnx.ModelProto:
    model = onnx.load(str(source))
    opset = next(entry for entry in model.opset_import if entry.domain in {"", "ai.onnx"})
    if opset.version < OPSET_MIN:
        model = onnx.version_converter.convert_version(model, 17)
    model.ir_version = min(model.ir_version, IR_VERSION_MAX)
    onnx.save(model, str(prepared))
    _fold(prepared)
    graph = onnx.load(str(prepared))
    for place, node in enumerate(graph.graph.node):
        # layers in float are told by name, and some exporters leave names out
        node.name = node.name or f"{node.op_type}_{place}"
    graph.ir_version = min(graph.ir_version, IR_VERSION_MAX)
    # ONNX Runtime leaves out what a file says of itself: how frames get to its size, for one
    del graph.metadata_props[:]
    graph.metadata_props.extend(model.metadata_props)
    onnx.save(graph, str(prepared))
    return graph


def _fold(prepared: Path) -> None:
    # what it warns of goes to the root logger and means nothing to who builds an engine
    quieter = logging.getLogger()
    level = quieter.level
    quieter.setLevel(logging.CRITICAL)
    try:
        quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    finally:
        quieter.setLevel(level)
