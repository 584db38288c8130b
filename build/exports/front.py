"""Preprocessing in the graph: what lies between the camera's pixels and the first layer.

    image u8 -> [cut out] -> [colour order] -> gain * pixel + offset -> first layer

Gain and offset come from what the model expects (0..1, ImageNet's mean and deviation)
and from such nodes at the front of the export itself. They go into the weights of the
first convolution where that is exact: a gain always, an offset only where that
convolution does not pad (it would pad with another value). What stays is written as
nodes. The resize stays outside: in OpenCV it took a seventh of the time of an ONNX Resize
with the same antialiasing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from onnx import TensorProto

from gonogo.build.exports.graph import constants, hold, insert, is_output, node, readers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Graph, Node

IMAGE = "image"
_SWAPPED = np.array([2, 1, 0], np.int64)  # red and blue change places
_BIAS = 2  # the place of the bias among a convolution's inputs


class Affine(NamedTuple):
    """gain * x + offset for each plane, float64 (channels,)."""

    gain: NDArray[np.float64]
    offset: NDArray[np.float64]

    @property
    def is_identity(self) -> bool:
        """Whether it does nothing."""
        return bool((self.gain == 1).all()) and not self.offset.any()

    def then(self, gain: NDArray[Any], offset: NDArray[Any]) -> Affine:
        """This one first, the other one behind it."""
        return Affine(self.gain * gain, self.offset * gain + offset)


class Front(NamedTuple):
    """Where the first layer begins: `tensor` holds affine(pixels); `nodes` made it so."""

    tensor: str
    affine: Affine
    nodes: tuple[Node, ...]


def identity(channels: int) -> Affine:
    """Pixels as they are."""
    return Affine(np.ones(channels), np.zeros(channels))


def find_front(graph: Graph, image: str, channels: int) -> Front:
    """Follow casts and constant arithmetic from the image up to the first real layer."""
    held = constants(graph)
    affine, tensor = identity(channels), image
    passed: list[Node] = []
    while True:
        behind = readers(graph, tensor)
        # what something else reads as well must stay as it is
        if len(behind) != 1 or is_output(graph, tensor):
            return Front(tensor, affine, tuple(passed))
        step = _step(behind[0], tensor, held, channels)
        if step is None:
            return Front(tensor, affine, tuple(passed))
        affine = affine.then(*step)
        passed.append(behind[0])
        tensor = behind[0].output[0]


def _step(
    found: Node, tensor: str, held: Mapping[str, NDArray[Any]], channels: int
) -> Affine | None:
    """What a node does to each plane, if it is no more than arithmetic with constants."""
    if found.op_type in {"Cast", "Identity"}:
        # a cast to another type than float computes something else
        to = next((a.i for a in found.attribute if a.name == "to"), TensorProto.FLOAT)
        return identity(channels) if to == TensorProto.FLOAT else None
    if found.op_type not in {"Add", "Sub", "Mul", "Div"}:
        return None
    other = next((name for name in found.input if name != tensor), "")
    values = _planes(held.get(other), channels)
    # c - x and c / x are no gain and offset of x
    commutes = found.op_type in {"Add", "Mul"} or found.input[0] == tensor
    if values is None or not commutes:
        return None
    one, none = np.ones(channels), np.zeros(channels)
    return {
        "Add": Affine(one, values),
        "Sub": Affine(one, -values),
        "Mul": Affine(values, none),
        "Div": Affine(one / values, none) if values.all() else None,
    }[found.op_type]


def _planes(values: NDArray[Any] | None, channels: int) -> NDArray[np.float64] | None:
    """A constant as one value a plane (channels,), if it is that."""
    if values is None:
        return None
    if values.size == 1:
        return np.full(channels, float(values.reshape(())))
    # broadcasting aligns shapes at their ends
    shape = (1,) * (4 - values.ndim) + values.shape
    if shape != (1, channels, 1, 1):
        return None
    return np.asarray(values, np.float64).reshape(channels)


def fold(graph: Graph, front: Front, *, swapped: bool) -> tuple[Affine, bool]:
    """Put what is exact into the first convolutions; returns what is left for nodes to do.

    That is gain and offset, and whether colours are still to be swapped in front of them.

    All that read the front must be convolutions with constant weights, else nothing is
    folded. Weights are copied, for others may share them.
    """
    layers = readers(graph, front.tensor)
    held = constants(graph)
    if not layers or not all(_foldable(layer, front.tensor, held) for layer in layers):
        return front.affine, swapped
    plain = not front.affine.offset.any()
    # the layer pads with 0 behind the offset; folded, it would pad with 0 before it
    whole = plain or not any(_pads(layer) for layer in layers)
    for layer in layers:
        _fold_into(graph, layer, front.affine if whole else _gain_only(front.affine), held)
        if swapped:
            _swap_weights(graph, layer)
    if whole:
        return identity(len(front.affine.gain)), False
    # weights have the gain already: gain * (x + left)
    left = front.affine.offset / front.affine.gain
    # the weights are swapped: pixels reach them in the order of the image
    left = left[_SWAPPED] if swapped else left
    return Affine(np.ones_like(left), left), False


def _gain_only(affine: Affine) -> Affine:
    return Affine(affine.gain, np.zeros_like(affine.offset))


def _foldable(layer: Node, tensor: str, held: Mapping[str, NDArray[Any]]) -> bool:
    groups = next((a.i for a in layer.attribute if a.name == "group"), 1)
    # weights that are computed cannot be scaled, and groups have other planes
    constant = all(name in held for name in layer.input[1:] if name)
    return layer.op_type == "Conv" and layer.input[0] == tensor and constant and groups == 1


def _pads(layer: Node) -> bool:
    for attribute in layer.attribute:
        if attribute.name == "pads" and any(attribute.ints):
            return True
        # SAME_UPPER and SAME_LOWER pad as well
        if attribute.name == "auto_pad" and attribute.s not in {b"NOTSET", b"VALID"}:
            return True
    return False


def _fold_into(graph: Graph, layer: Node, affine: Affine, held: Mapping[str, NDArray[Any]]) -> None:
    weights = np.asarray(held[layer.input[1]], np.float64)
    # what the offset adds to each output, over all taps and planes
    shift = (weights * affine.offset[:, None, None]).sum(axis=(1, 2, 3))
    scaled = (weights * affine.gain[:, None, None]).astype(np.float32)
    # under a name of its own: another layer may share the old weights
    layer.input[1] = hold(graph, f"{layer.output[0]}_folded_weights", scaled)
    if not shift.any():
        return
    if len(layer.input) > _BIAS and layer.input[_BIAS]:
        shift = shift + held[layer.input[_BIAS]]
        layer.input.pop()
    name = hold(graph, f"{layer.output[0]}_folded_bias", shift.astype(np.float32))
    layer.input[:] = [*layer.input[:_BIAS], name]


def _swap_weights(graph: Graph, layer: Node) -> None:
    weights = constants(graph)[layer.input[1]]
    layer.input[1] = hold(graph, f"{layer.output[0]}_swapped_weights", weights[:, _SWAPPED])


def write_nodes(graph: Graph, tensor: str, affine: Affine, *, swapped: bool) -> None:
    """Nodes from the pixels of `image` to `tensor`: colour order, cast, gain, offset."""
    made, here = [], IMAGE
    if swapped:
        order = hold(graph, "front_order", _SWAPPED)
        made.append(node("Gather", [here, order], "front_swapped", axis=1))
        here = "front_swapped"
    made.append(node("Cast", [here], "front_real", to=TensorProto.FLOAT))
    for op, values, neutral in (("Mul", affine.gain, 1.0), ("Add", affine.offset, 0.0)):
        if (values != neutral).any():
            name = f"front_{op.lower()}"
            planes = hold(graph, f"{name}_by", values.astype(np.float32)[None, :, None, None])
            made.append(node(op, [made[-1].output[0], planes], name))
    # whatever the last step is, it makes what the rest reads
    made[-1].output[0] = tensor
    insert(graph, 0, made)


def write_cut(graph: Graph, top_px: int, left_px: int, size_px: tuple[int, int]) -> None:
    """Cut `size_px` (height, width) out of the image before anything else reads it."""
    for reader in readers(graph, IMAGE):
        reader.input[:] = ["front_cut" if name == IMAGE else name for name in reader.input]
    ends = (top_px + size_px[0], left_px + size_px[1])
    pairs = {"starts": (top_px, left_px), "ends": ends, "axes": (2, 3)}
    names = [hold(graph, f"front_{k}", np.array(v, np.int64)) for k, v in pairs.items()]
    insert(graph, 0, [node("Slice", [IMAGE, *names], "front_cut")])
