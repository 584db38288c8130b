"""What TensorRT tells of an engine's layers, in its own JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import onnx

    from gonogo.tests.vendors.tensorrt_fake.world import World

_INT8, _FLOAT = "Thirty-two wide channel vectorized row major Int8 format", "Row major linear FP32"


class EngineInspector:
    """Tells of layers."""

    world: ClassVar[World]

    def __init__(self, told: list[Any]) -> None:
        self._told = told

    def get_engine_information(self, format: Any) -> str:  # noqa: A002, ANN401 - TensorRT's names
        """All of them."""
        if format.name != "JSON":
            raise self.world.violation("layers are asked for in lines")
        return json.dumps({"Layers": self._told, "Bindings": []})


def layers(model: onnx.ModelProto, *, detailed: bool) -> list[Any]:
    """One a convolution or another node that computes; Q/DQ are fused into their neighbours.

    Without the details that were asked for when it was built, names alone.
    """
    made = {name: node.op_type for node in model.graph.node for name in node.output}
    found: list[Any] = []
    for node in model.graph.node:
        if node.op_type in {"QuantizeLinear", "DequantizeLinear", "Constant"}:
            continue
        name = node.name or node.output[0]
        if not detailed:
            found.append(name)
            continue
        int8 = made.get(node.input[0] if node.input else "") == "DequantizeLinear"
        kind = _INT8 if int8 else _FLOAT
        found.append(
            {
                "Name": name,
                "LayerType": "CaskConvolution" if node.op_type == "Conv" else "PointWiseV2",
                "Inputs": [{"Name": each, "Format/Datatype": kind} for each in node.input[:1]],
                "Outputs": [{"Name": each, "Format/Datatype": _FLOAT} for each in node.output],
                "TacticName": "sm80_xmma_fprop_i8i8" if int8 else "sm80_xmma_fprop_f32f32",
            }
        )
    return found
