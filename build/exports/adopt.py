"""An export as it came from a training tool, made into one model of our contract.

    image u8 1 x {1, 3} x height x width -> score, anomaly_map, embedding   (float32)

Batch and size are fixed, outputs get our names, what is not needed goes, and the
preprocessing is written into the graph, in up to two ways that compute the same: as nodes,
or in the weights of the first convolution. Which one is faster is for the caller to measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports import front, pixels
from gonogo.build.exports.fitting import fitting, write_fit
from gonogo.build.exports.graph import prune, rename
from gonogo.build.exports.opening import open_export
from gonogo.build.exports.outputs import map_outputs
from gonogo.build.exports.rewire import write_outputs
from gonogo.build.exports.seen import look
from gonogo.build.exports.trial import said as reason
from gonogo.engines.backends.fit import Cut

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.exports.opening import Opened
    from gonogo.build.exports.options import Options
    from gonogo.build.exports.seen import Seen

FOLDED, AS_NODES = "folded", "nodes"
_SIDE = 2  # the axes of height and width begin here


class Adopted(NamedTuple):
    """The same model in one or two ways, ONNX bytes by FOLDED and AS_NODES; remarks."""

    ways: dict[str, bytes]
    notes: tuple[str, ...]


class _Found(NamedTuple):
    """The export with its input fixed, and what it was seen to give out."""

    model: onnx.ModelProto
    image: str
    dtype: int
    shape: tuple[int, ...]
    seen: Seen


def adopt(path: Path, options: Options) -> Adopted:
    """Read an export and make it ours; ModelError says what it lacks and which option helps."""
    opened = open_export(path, options)
    found = _Found(*opened[:4], _try(path, opened))
    metadata = {entry.key: entry.value for entry in found.model.metadata_props}
    # before anything is changed: by what the export itself gives out
    mapped = map_outputs(found.seen, options, metadata)
    planes = found.shape[1]
    swapped = options.colour == "bgr"
    if swapped and planes == 1:
        raise ModelError(f"{path}: --colour bgr: the model takes grey images")
    wanted = _wanted(found, options, metadata)
    fitted = fitting(
        options, metadata, [output.name for output in found.seen.outputs], found.shape[_SIDE:]
    )
    write_fit(found.model, fitted.fit, _cut(found, options))
    write_outputs(found.model, mapped, found.image)
    ways = {
        way: _with_front(found, options, wanted, fold=way == FOLDED, swapped=swapped)
        for way in (FOLDED, AS_NODES)
    }
    # there was nothing to fold
    if ways[FOLDED] == ways[AS_NODES]:
        del ways[AS_NODES]
    return Adopted(ways, (*opened.notes, *mapped.notes, *filter(None, [fitted.note])))


def _try(path: Path, opened: Opened) -> Seen:
    """Run it on a few pictures: what it gives out, and in which shapes."""
    try:
        # shapes from runs: what exporters declare is often open, or wrong
        return look(opened.model)
    except Exception as error:
        raise ModelError(
            f"{path}: ONNX Runtime {ort.__version__} cannot run it on one "
            f"{opened.shape[-1]}x{opened.shape[_SIDE]} image: {reason(error)}; export it again for "
            "opset 17, or give another --size"
        ) from error


def _wanted(found: _Found, options: Options, metadata: dict[str, str]) -> front.Affine:
    """What turns pixels into what the export's own input wants."""
    planes = found.shape[1]
    if found.dtype == TensorProto.FLOAT:
        return pixels.expected(found.model, planes, options, metadata)
    if options.mean or options.std or options.pixels not in {"auto", "0..255"}:
        raise ModelError(
            "--input, --mean, --std: the model takes uint8, pixels as they are; leave them out"
        )
    return front.identity(planes)


def _with_front(
    found: _Found, options: Options, wanted: front.Affine, *, fold: bool, swapped: bool
) -> bytes:
    """The model from uint8 pixels on, with its preprocessing folded or as nodes."""
    model = onnx.ModelProto()
    # each way changes the graph
    model.CopyFrom(found.model)
    graph = model.graph
    start = front.find_front(graph, graph.input[0].name, found.shape[1])
    # arithmetic that the export had itself: it is part of `whole` now
    for passed in start.nodes:
        graph.node.remove(passed)
    whole = start._replace(affine=wanted.then(*start.affine))
    left = (whole.affine, swapped)
    if fold and (swapped or not whole.affine.is_identity):
        left = front.fold(graph, whole, swapped=swapped)
    tensor = start.tensor
    # our own input is to have the name of the contract
    if tensor in {graph.input[0].name, front.IMAGE}:
        tensor = "front_real_image"
        rename(graph, start.tensor, tensor)
    front.write_nodes(graph, tensor, left[0], swapped=left[1])
    size_px = found.shape[_SIDE:]
    taken_px = options.resize_px or size_px
    shape = (*found.shape[:_SIDE], *taken_px)
    # the only one: weights that were listed as inputs went in `_open`
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info(front.IMAGE, TensorProto.UINT8, shape))
    cut = _cut(found, options)
    if cut is not None:
        front.write_cut(graph, cut.top_px, cut.left_px, (cut.height_px, cut.width_px))
    prune(graph)
    model.producer_name = "gonogo"
    data: bytes = model.SerializeToString()
    return data


def _cut(found: _Found, options: Options) -> Cut | None:
    """What the model cuts out of the image that it is given; None where that has its size."""
    size_px = found.shape[_SIDE:]
    taken_px = options.resize_px or size_px
    if taken_px == size_px:
        return None
    return Cut(*_corner(options, taken_px, size_px), size_px[0], size_px[1])


def _corner(
    options: Options, taken_px: tuple[int, ...], size_px: tuple[int, ...]
) -> tuple[int, int]:
    """Top and left of what is cut out."""
    room = tuple(large - small for large, small in zip(taken_px, size_px, strict=True))
    corner = options.crop_at_px or (room[0] // 2, room[1] // 2)
    if not all(0 <= at <= most for at, most in zip(corner, room, strict=True)):
        raise ModelError(
            f"--resize {taken_px[1]}x{taken_px[0]} with --crop-at {corner[1]},{corner[0]}: the "
            f"model's {size_px[1]}x{size_px[0]} px do not lie inside; give a larger --resize"
        )
    return corner
