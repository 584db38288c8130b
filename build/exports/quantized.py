"""A model that comes in INT8 already: how it is quantized, and in which forms it can be used.

    activations                            written as                 forms
    uint8, or int8 with a zero point       Q and DQ, or QLinear...    cpu
    int8 around zero, in all of them       Q and DQ                   cpu, tensorrt

It is taken as it is, also where only some of its layers are quantized: nothing is calibrated or
quantized again, and it is its own reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from onnx import TensorProto

from gonogo.build.exports.graph import constants

if TYPE_CHECKING:
    from collections.abc import Mapping

    import onnx
    from numpy.typing import NDArray

    from gonogo.engines.bundles.manifest import Role

_QLINEAR = ("QLinear", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear", "QGemm")
_LAYERS = ("Conv", "Gemm", "MatMul")


class Quantized(NamedTuple):
    """How a model is quantized: `layers` of all its `of` convolutions and products.

    `symmetric`: every activation is int8 around zero. `explicit`: in Q and DQ alone.
    """

    layers: int
    of: int
    symmetric: bool
    explicit: bool

    @property
    def forms(self) -> tuple[Role, ...]:
        """Those that it can be used in as it is."""
        return ("cpu", "tensorrt") if self.symmetric and self.explicit else ("cpu",)

    def __str__(self) -> str:
        kind = "int8 around zero" if self.symmetric else "with zero points"
        how = "Q and DQ" if self.explicit else "operators of its own"
        return f"{self.layers} of {self.of} layers in INT8, activations {kind}, written as {how}"


def quantized(model: onnx.ModelProto) -> Quantized | None:
    """How it is quantized; None for a model in float, which has no Q of its activations."""
    graph = model.graph
    held = constants(graph)
    steps = [node for node in graph.node if node.op_type == "QuantizeLinear"]
    own = [node for node in graph.node if node.op_type.startswith(_QLINEAR)]
    if not steps and not own:
        return None
    made_by = {output: node for node in graph.node for output in node.output}
    whole = [node for node in graph.node if node.op_type in _LAYERS]
    layers = [
        node
        for node in whole
        if any(
            made_by[name].op_type == "DequantizeLinear" for name in node.input if name in made_by
        )
    ]
    computing = [node for node in own if node.op_type.startswith(("QLinearConv", "QLinearMatMul"))]
    computing += [node for node in own if node.op_type in {"ConvInteger", "MatMulInteger", "QGemm"}]
    return Quantized(
        len(layers) + len(computing),
        len(whole) + len(computing),
        all(_around_zero(node, held) for node in steps),
        not own,
    )


def _around_zero(step: onnx.NodeProto, held: Mapping[str, NDArray[np.generic]]) -> bool:
    """Whether a QuantizeLinear gives int8 with 0 for 0."""
    if len(step.input) < 3 or not step.input[2]:  # noqa: PLR2004 - x, scale, zero point
        # without a zero point it gives uint8, unless it says otherwise
        dtype = next((a.i for a in step.attribute if a.name == "output_dtype"), TensorProto.UINT8)
        return bool(dtype == TensorProto.INT8)
    zero = held.get(step.input[2])
    return zero is not None and zero.dtype == np.int8 and not zero.any()
