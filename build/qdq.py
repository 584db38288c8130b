"""INT8 as ONNX writes it, with explicit Q/DQ, in two ways that are made of one calibration.

ASYMMETRIC, for CPUs: UINT8 asymmetric activations, INT8 weights per channel; Conv with its
Relu, and MaxPool and Concat between quantized convolutions. AveragePool stays float (as
QLinearAveragePool it takes ten times longer in ONNX Runtime), and so does everything
behind the last quantized convolution. A uint8 image goes into the first convolution as it
is, without a detour through float.

SYMMETRIC, for TensorRT: INT8 symmetric activations and weights per channel, no quantized
bias, and Q only in front of a convolution (Conv, Relu, Q), as TensorRT fuses them. ONNX
Runtime computes such a convolution in float on the quantized values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from gonogo.build.calibrate import tensors_data
from gonogo.build.exports.graph import sort_nodes
from gonogo.build.quiet import no_chatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.calibrate import Ranges

# what is quantized only behind a quantized convolution
FOLLOWING = ("Relu", "MaxPool", "Concat")
# of those the ones that belong to the convolution, whatever comes behind
_RECTIFIERS = ("Relu", "Clip")


class Qdq(NamedTuple):
    """How activations are held, with which settings of the quantizer, and what follows."""

    activations: QuantType
    settings: Mapping[str, object]
    image_as_it_is: bool
    following: tuple[str, ...] = FOLLOWING

    def quantized(self, prepared: onnx.ModelProto, floats: frozenset[str], ranges: Ranges) -> bytes:
        """The model in this form, with the convolutions `floats` left as they are."""
        # a copy, which the quantizer then changes
        model = onnx.shape_inference.infer_shapes(prepared)
        quantizer = QDQQuantizer(
            model,
            True,  # noqa: FBT003 - per channel; it takes these by place
            False,  # noqa: FBT003 - the full range
            QuantType.QInt8,
            self.activations,
            tensors_data(ranges),
            _quantizable(model, floats, self.following),
            [],
            ["Conv", *self.following],
            dict(self.settings),
        )
        with no_chatter():
            quantizer.quantize_model()
        made: onnx.ModelProto = quantizer.model.model
        # Q and DQ were appended at the end; ONNX wants nodes in the order of computing, and the
        # quantizer's own sort does not see what is read in branches
        sort_nodes(made.graph)
        if self.image_as_it_is:
            _take_uint8_as_it_is(made)
        data: bytes = made.SerializeToString()
        return data


ASYMMETRIC = Qdq(QuantType.QUInt8, {}, image_as_it_is=True)
SYMMETRIC = Qdq(
    QuantType.QInt8,
    {
        "ActivationSymmetric": True,
        "WeightSymmetric": True,
        # TensorRT takes biases in float
        "QuantizeBias": False,
        # Conv, Relu and the Q behind them become one kernel; a Q between would part them
        "OpTypesToExcludeOutputQuantization": ["Conv", "Gemm", "MatMul"],
    },
    image_as_it_is=False,
)


def _quantizable(
    model: onnx.ModelProto, floats: frozenset[str], following: tuple[str, ...]
) -> list[str]:
    """Names of the nodes to quantize when the convolutions `floats` are not."""
    # in the order of computing: what stands before a node is decided before it
    nodes = list(model.graph.node)
    made_by = {output: node for node in nodes for output in node.output}
    # the limits of a Clip are no tensors that anything follows
    held = {tensor.name for tensor in model.graph.initializer}
    chosen: set[str] = set()
    for node in nodes:
        behind = [made_by.get(name) for name in node.input if name not in held]
        follows = all(one is not None and one.name in chosen for one in behind)
        is_conv = node.op_type == "Conv" and node.name not in floats
        if is_conv or (node.op_type in following and follows):
            chosen.add(node.name)
    useful = _leads_on(nodes, chosen)
    return [n.name for n in nodes if n.name in chosen and (n.op_type == "Conv" or n.name in useful)]


def _leads_on(nodes: Sequence[onnx.NodeProto], chosen: set[str]) -> set[str]:
    """Chosen nodes worth it: rectifiers, and others with a quantized Conv behind them."""
    wanted: set[str] = set()  # tensors that some quantized convolution is made of
    useful = set()
    # from the end: what is behind a node is known before it
    for node in reversed(nodes):
        leads = any(output in wanted for output in node.output)
        if node.name in chosen and (node.op_type == "Conv" or leads):
            wanted.update(node.input)
            useful.add(node.name)
        elif node.name in chosen and node.op_type in _RECTIFIERS:
            useful.add(node.name)
    return useful


def _take_uint8_as_it_is(model: onnx.ModelProto) -> None:
    """Cast uint8 -> float, QuantizeLinear, DequantizeLinear: to one DequantizeLinear of scale 1."""
    graph = model.graph
    image = graph.input[0]
    # a float image has no range that is known to be 0 .. 255
    if image.type.tensor_type.elem_type != TensorProto.UINT8:
        return
    pixels = _cut_out(graph, image.name)
    # pixels are 0 .. 255 whatever calibration saw: one step is one grey level, from 0
    cast = next((n for n in graph.node if n.op_type == "Cast" and n.input[0] == pixels), None)
    behind = [n for n in graph.node if cast is not None and cast.output[0] in n.input]
    steps = [n for n in behind if n.op_type == "QuantizeLinear"]
    if cast is None or len(steps) != 1:
        return
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] == steps[0].output[0]:
            node.input[:] = [pixels, "image_scale", "image_zero"]
    graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), "image_scale"))
    graph.initializer.append(numpy_helper.from_array(np.array(0, np.uint8), "image_zero"))
    graph.node.remove(steps[0])
    # something else may read the float pixels, too
    if len(behind) == 1:
        graph.node.remove(cast)
    # the scale that calibration had found for the image
    used = {name for node in graph.node for name in node.input}
    for spare in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(spare)


def _cut_out(graph: onnx.GraphProto, name: str) -> str:
    """The tensor that holds the pixels behind a crop or a change of the colour order."""
    while True:
        behind = [node for node in graph.node if name in node.input]
        if len(behind) != 1 or behind[0].op_type not in {"Slice", "Gather"}:
            return name
        name = behind[0].output[0]
