"""Operator sets: an export is brought to one whose nodes the rest of this package writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import onnxruntime as ort

from gonogo.base.errors import ModelError
from gonogo.build.exports.tidy import tidy
from gonogo.build.exports.trial import Runner, said
from gonogo.build.listed import listed

if TYPE_CHECKING:
    from pathlib import Path

OPSET_MIN, OPSET = 13, 17
OPSET_MAX = 21  # the newest that ONNX Runtime 1.20 opens
IR_VERSIONS = (8, 10)  # the newest that ONNX Runtime 1.20 opens
_STANDARD = {"", "ai.onnx"}
# written by ONNX Runtime's own optimiser, for itself: of no use to other backends
_NCHWC, _FUSED = "com.microsoft.nchwc", "Fused"
_AGAIN = f"torch.onnx.export(..., opset_version={OPSET}); Ultralytics: opset={OPSET}"


def modern(path: Path, model: onnx.ModelProto) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """The model in an operator set from OPSET_MIN on that opens here, and remarks."""
    version = _version(path, model)
    _refuse_fused(path, model)
    model.ir_version = min(max(model.ir_version, IR_VERSIONS[0]), IR_VERSIONS[1])
    # left as it is where it may be: each conversion may change what it computes
    if OPSET_MIN <= version <= OPSET_MAX and _opens(model):
        return model, ()
    wanted = OPSET if version < OPSET_MIN else OPSET_MAX
    try:
        made = onnx.version_converter.convert_version(model, wanted)
    except Exception as error:
        # another box may have an older runtime; this one will do
        if version > OPSET_MAX and _opens(model):
            return model, ()
        raise _refusal(path, version, error) from error
    _keep(model, made)
    return tidy(path, made), (f"opset {version} was brought to {wanted}",)


def _refusal(path: Path, version: int, error: Exception) -> ModelError:
    if version < OPSET_MIN:
        why = f"opset {version} cannot be brought to {OPSET}: {said(error)}"
    else:
        here = f"ONNX Runtime {ort.__version__} here"
        why = f"it is written in opset {version}, and {here} does not open it"
    return ModelError(f"{path}: {why}; export it again for opset {OPSET}: {_AGAIN}")


def _version(path: Path, model: onnx.ModelProto) -> int:
    for entry in model.opset_import:
        if entry.domain in _STANDARD:
            return int(entry.version)
    raise ModelError(
        f"{path}: it uses none of the standard operators of ONNX; export it again: {_AGAIN}"
    )


def _refuse_fused(path: Path, model: onnx.ModelProto) -> None:
    """What was optimised for one runtime on one kind of machine cannot be made INT8 for others."""
    fused = {
        one.op_type
        for one in model.graph.node
        if one.domain == _NCHWC
        or (one.domain == "com.microsoft" and one.op_type.startswith(_FUSED))
    }
    if fused:
        raise ModelError(
            f"{path}: it was optimised by ONNX Runtime for itself (operators "
            f"{listed(sorted(fused))}), and no other backend opens it; give the model as it was "
            "exported, before that"
        )


def _opens(model: onnx.ModelProto) -> bool:
    """Whether the runtime knows the operator set; another fault is not of interest here."""
    probe = onnx.ModelProto(ir_version=model.ir_version)
    probe.opset_import.extend(model.opset_import)
    one = onnx.helper.make_node("Identity", ["x"], ["y"])
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")
    ]
    probe.graph.CopyFrom(onnx.helper.make_graph([one], "probe", [ends[0]], [ends[1]]))
    try:
        Runner(probe)
    except Exception:  # noqa: BLE001 - that is the answer
        return False
    return True


def _keep(model: onnx.ModelProto, made: onnx.ModelProto) -> None:
    """What the converter leaves out."""
    made.ir_version = model.ir_version
    if not made.metadata_props:
        made.metadata_props.extend(model.metadata_props)
