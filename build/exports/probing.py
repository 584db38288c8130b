"""What the front of an export does to pixels, told by running it on plain pictures.

Exporters write a mean and a deviation in many ways: as arithmetic with constants of any
shape, plane by plane, behind a resize, a transpose or a change of colours. What reaches the
first layer of pictures of one value tells them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx

from gonogo.build.exports.graph import constants, prune
from gonogo.build.exports.trial import Runner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.build.exports.graph import Graph

# what moves or scales pixels, and is no layer
_PASSED = {
    *("Add", "Sub", "Mul", "Div", "Cast", "Clip", "Identity", "Resize", "Upsample", "Neg"),
    *("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Slice", "Split", "Gather"),
    *("Concat", "Pad", "SpaceToDepth", "Expand", "GatherND"),
}
_VALUES = (0.0, 0.5, 1.0)
_LINEAR = 1e-3
# of pixels in 0..1, and in 0..255: what a deviation may be for it to be one
_UNIT_STD, _BYTE_STD = (0.1, 1.0), (20.0, 300.0)
_UNIT, _BYTE = 1.0, 255.0
_NEAR = 1e-4


class Normal(NamedTuple):
    """(pixel - mean) / std at the first layer, for each plane it reads; in units of `pixels`."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    pixels: str

    def __str__(self) -> str:
        mean, std = (", ".join(f"{value:.3g}" for value in row) for row in (self.mean, self.std))
        return f"(pixel - {mean}) / {std}"


def normal_at_front(model: onnx.ModelProto) -> Normal | None:
    """What the model itself does to pixels; None where that is nothing, or nothing of the kind."""
    name = _first_layer_reads(model.graph)
    found = None if name is None else _measured(model, name)
    return None if found is None else _judged(*found)


def _first_layer_reads(graph: Graph) -> str | None:
    """The tensor in front of the first layer; None where that is the image as it is."""
    image = graph.input[0].name
    known, held = {image}, constants(graph)
    for one in graph.node:
        read = [name for name in one.input if name in known]
        if not read:
            continue
        others = [name for name in one.input if name and name not in known and name not in held]
        if one.op_type not in _PASSED or others:
            return None if read[0] == image else read[0]
        known.update(one.output)
    return None


def _measured(
    model: onnx.ModelProto, name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Gain and offset of the values of a tensor, those that depend on the image, by planes."""
    front = onnx.ModelProto()
    front.CopyFrom(model)
    del front.graph.output[:]
    front.graph.output.append(onnx.ValueInfoProto(name=name))
    prune(front.graph)
    shape = [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
    try:
        runner = Runner(front)
        low, middle, high = (
            runner.run(np.full(shape, value, np.float32)).values[name].astype(np.float64)
            for value in _VALUES
        )
    except Exception:  # noqa: BLE001 - the front cannot be had alone: it tells nothing
        return None
    gain = high - low
    if not np.isfinite(gain).all() or np.abs(low + gain / 2 - middle).max() > _LINEAR * (
        np.abs(gain).max() or 1
    ):
        return None
    # padding is the same for any image
    moved = gain != 0
    if not moved.any():
        return None
    if gain.ndim > 1 and gain.shape[1] in {1, 3}:
        return _by_planes(gain, low, moved)
    return np.unique(gain[moved]), np.unique(low[moved])


def _by_planes(
    gain: NDArray[np.float64], low: NDArray[np.float64], moved: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    planes = range(gain.shape[1])
    if not all(moved[:, plane].any() for plane in planes):
        return None
    picked = [tuple(np.argwhere(moved[:, plane])[0]) for plane in planes]
    gains = [gain[:, plane][at] for plane, at in zip(planes, picked, strict=True)]
    lows = [low[:, plane][at] for plane, at in zip(planes, picked, strict=True)]
    return np.array(gains), np.array(lows)


def _judged(gain: NDArray[np.float64], offset: NDArray[np.float64]) -> Normal | None:
    # one of them may be alike in all planes
    if len(gain) == 1 or len(offset) == 1:
        gain, offset = np.broadcast_arrays(gain, offset)
    if len(gain) != len(offset):
        return None
    mean, std = -offset / gain, 1 / gain
    pixels = ""
    if (std < 0).any() or (np.allclose(gain, 1) and np.abs(offset).max() < _NEAR):
        return None
    if _within(mean, (-_NEAR, _UNIT)) and _within(std, _UNIT_STD):
        pixels = "0..1"
    # less a mean alone, as Caffe's models want it, or a range of 255
    elif _within(mean, (-_NEAR, _BYTE)) and (
        _within(std, _BYTE_STD) or (np.allclose(std, 1) and mean.min() > _UNIT)
    ):
        pixels = "0..255"
    if not pixels:
        return None
    return Normal(tuple(mean.tolist()), tuple(std.tolist()), pixels)


def _within(values: NDArray[np.float64], span: tuple[float, float]) -> bool:
    return bool((values >= span[0]).all() and (values <= span[1] + _NEAR).all())
