"""An export made one model of one image: 1 x planes x height x width, float32 or uint8.

    read -> which axis is what -> which size -> a batch of one -> our input -> folded

What comes out computes what the export computes; where numbers, batch or layout were
touched that is tried on two pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from onnx import TensorProto

from gonogo.base.errors import BatchBaked, ModelError
from gonogo.build.exports.batch import one_of
from gonogo.build.exports.folding import simplify
from gonogo.build.exports.layout import LAST, find_input, write_input
from gonogo.build.exports.normalised import in_words, note_down, still_cut, take_raw
from gonogo.build.exports.reading import read_export
from gonogo.build.exports.same import Original, difference
from gonogo.build.exports.shapes import declare_outputs
from gonogo.build.exports.sizes import find_size
from gonogo.build.exports.tidy import name_nodes
from gonogo.build.exports.trial import said

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

    from gonogo.build.exports.options import Options

_TYPES = (TensorProto.FLOAT, TensorProto.UINT8)
_BATCH_OF_ONE = (
    "export it for single images: anomalib: engine.export(model, ExportType.ONNX, "
    "input_size=(HEIGHT, WIDTH), onnx_kwargs={'dynamic_axes': {}}); torch: "
    "torch.onnx.export(model, (image[:1],), ..., dynamo=True) or with "
    "dynamic_axes={'input': {0: 'batch'}} and dynamo=False; Ultralytics: yolo export format=onnx "
    "batch=1"
)


class Opened(NamedTuple):
    """An export with one image as its input, of fixed size; remarks on what was done for it."""

    model: onnx.ModelProto
    image: str
    dtype: int
    shape: tuple[int, ...]
    notes: tuple[str, ...]


def open_export(path: Path, options: Options) -> Opened:
    """Read it and give it one input of ours; ModelError says what is missing, and the option."""
    read = read_export(path)
    metadata = {entry.key: entry.value for entry in read.model.metadata_props}
    found = find_input(path, read.model, options)
    size_px, planes, why = find_size(path, read.model, found, options, metadata)
    found = found._replace(planes=planes)
    notes = [*read.notes, *([why] if why else [])]
    model = read.model
    if (found.batch or 1) > 1:
        model = one_of(model, found, size_px)
        notes.append(
            f"the export judges {found.batch} images at once: its graph was rewritten for one"
        )
    shape = (1, planes, *size_px)
    dtype = write_input(model, found, shape)
    if dtype not in _TYPES:
        kind = TensorProto.DataType.Name(dtype).lower()
        raise ModelError(
            f"{path}: input '{found.name}' is {kind}, expected uint8 or float32; export it so"
        )
    simplify(model)
    name_nodes(model.graph)
    if found.layout == LAST:
        notes.append("the export has the planes last: they are put first in front of it")
    touched = bool(notes) or found.layout == LAST
    if touched:
        _check_same(path, Original(read.original, found), model, size_px)
    # behind the comparison: from here on it gives out something else
    normal = take_raw(model.graph)
    note_down(model, normal)
    notes.extend((*in_words(normal), *still_cut(model.graph)))
    declare_outputs(model)
    return Opened(model, found.name, dtype, shape, tuple(notes))


def _check_same(
    path: Path, original: Original, model: onnx.ModelProto, size_px: tuple[int, int]
) -> None:
    """ModelError where the model gives something else than the export."""
    several = (original.input.batch or 1) > 1
    remedy = _BATCH_OF_ONE if several else "export it in float32, for opset 17, planes first"
    try:
        apart = difference(original, model, size_px)
    except Exception as error:
        # of a batch nothing is taken unseen; else the form as it came may simply not run here
        if several:
            raise BatchBaked(
                f"{path}: its batch of {original.input.batch} cannot be made one of 1: "
                f"{said(error)}; {_BATCH_OF_ONE}"
            ) from error
        return
    if apart:
        what = f"made for one image of {original.input.batch}" if several else "brought to our form"
        fault = BatchBaked if several else ModelError
        raise fault(f"{path}: {what}, its {apart}; {remedy}")
