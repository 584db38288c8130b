"""The size that an export works at, where its input leaves height and width open.

In this order: `--size`; what the file says of itself; the size that a Resize at its front
brings every image to; the only usual size that it runs with. A model that runs with any
size is asked about: another one than it was trained with would give other scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
from onnx import helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.folding import simplify
from gonogo.build.exports.graph import readers
from gonogo.build.exports.metadata import read_metadata
from gonogo.build.exports.shapes import shapes_of, without_weights
from gonogo.build.exports.trial import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gonogo.build.exports.layout import Input
    from gonogo.build.exports.options import Options

ANY_PX = ((96, 96), (160, 160))  # a model that runs with both runs with any size
USUAL_PX = (
    *(224, 256, 320, 384, 448, 512, 640, 128, 64, 299, 240, 288, 336, 192, 416, 480, 518),
    *(768, 1024, 32, 28),
)
_APART_PX = ((352, 288), (288, 416))  # a Resize that gives the same of both brings all to it
_PASSED = {"Cast", "Identity", "Reshape", "Transpose", "Sub", "Div", "Mul", "Add", "Clip"}


class Size(NamedTuple):
    """Height and width, and why where nobody said so; `planes` likewise."""

    size_px: tuple[int, int]
    planes: int
    note: str = ""


def find_size(
    path: Path, model: onnx.ModelProto, found: Input, options: Options, said: Mapping[str, str]
) -> Size:
    """What is fixed stays; ModelError asks for what nothing tells."""
    planes = found.planes or _planes(model, found)
    fixed = found._replace(planes=planes)
    asked = options.size_px
    if asked is not None:
        _check_asked(path, found, asked)
    if all(found.size_px):
        return Size(found.size_px, planes)
    told, why = _told(model, fixed, said)
    if asked is not None:
        return Size(asked, planes, _doubt(asked, told, why))
    if told is not None:
        shown = f"{told[1]}x{told[0]} px was taken, for {why}"
        return Size(told, planes, f"the file leaves its size open: {shown}")
    raise ModelError(
        f"{path}: input '{found.name}' leaves height and width open, and it runs with any; say "
        "--size WIDTHxHEIGHT, the size that the model was trained with: with another its scores "
        "are others"
    )


def _told(
    model: onnx.ModelProto, found: Input, said: Mapping[str, str]
) -> tuple[tuple[int, int] | None, str]:
    """What the file tells of its size, and by what; None where nothing does."""
    told = read_metadata(said).size_px
    if told is not None and _fits(found, told):
        return told, "that is what it says of itself"
    resized = _resized_to(model, found)
    if resized is not None and _fits(found, resized):
        return resized, "it brings every image to that size"
    return _only(model, found), "it runs with no other of the usual sizes"


def _doubt(asked: tuple[int, int], told: tuple[int, int] | None, why: str) -> str:
    """A remark on a size that was asked for, and that may be wrong without anything failing."""
    if asked == told:
        return ""
    shown = f"--size {asked[1]}x{asked[0]}"
    if told is not None:
        return f"{shown} was taken, but the file tells {told[1]}x{told[0]} px: {why}"
    return (
        f"{shown} was taken unseen, for the model runs with any size: with another than it was "
        "trained with its scores are others; the training tool's own scores would tell"
    )


def _fits(found: Input, size_px: tuple[int, int]) -> bool:
    return all(have in {0, want} for have, want in zip(found.size_px, size_px, strict=True))


def _check_asked(path: Path, found: Input, size_px: tuple[int, int]) -> None:
    if not _fits(found, size_px):
        shown = "x".join(str(side or "any") for side in reversed(found.size_px))
        raise ModelError(
            f"{path}: --size: the model takes {shown} px; leave --size out, or mean "
            "--resize WIDTHxHEIGHT, from which its own size is cut out"
        )


def _planes(model: onnx.ModelProto, found: Input) -> int:
    """Of the first convolution that reads the image; colour where that does not tell."""
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    name = found.name
    while len(behind := readers(model.graph, name)) == 1:
        first = behind[0]
        if first.op_type == "Conv" and len(weights.get(first.input[1], ())) > 1:
            return 1 if weights[first.input[1]][1] == 1 else 3
        if first.op_type not in {*_PASSED, "Resize", "Pad"}:
            break
        name = first.output[0]
    return 3


def _resized_to(model: onnx.ModelProto, found: Input) -> tuple[int, int] | None:
    """The size behind a Resize at the front, if it is the same for images of two sizes."""
    sizes = {_behind_resize(model, found, size_px) for size_px in _APART_PX}
    return sizes.pop() if len(sizes) == 1 else None


def _behind_resize(
    model: onnx.ModelProto, found: Input, size_px: tuple[int, int]
) -> tuple[int, int] | None:
    trial = without_weights(model)
    image = next(value for value in trial.graph.input if value.name == found.name)
    shape = found.dims(found.batch or 1, found.planes, size_px)
    dtype = image.type.tensor_type.elem_type
    image.CopyFrom(helper.make_tensor_value_info(found.name, dtype, shape))
    simplify(trial)
    shapes, name = shapes_of(trial), found.name
    while len(behind := readers(trial.graph, name)) == 1:
        name = behind[0].output[0]
        if behind[0].op_type == "Resize":
            made = shapes.get(name, ())
            return (made[-2], made[-1]) if len(made) > 1 and all(made) else None
        if behind[0].op_type not in _PASSED:
            return None
    return None


def _only(model: onnx.ModelProto, found: Input) -> tuple[int, int] | None:
    """The one usual size that it runs with, or None where it is not one."""
    try:
        runner = Runner(model)
    except Exception:  # noqa: BLE001 - it is opened again later, where the reason is said
        return None
    if all(_runs(runner, model, found, size_px) for size_px in ANY_PX):
        return None
    sizes = [(found.size_px[0] or side, found.size_px[1] or side) for side in USUAL_PX]
    fitting = {size_px for size_px in sizes if _runs(runner, model, found, size_px)}
    return fitting.pop() if len(fitting) == 1 else None


def _runs(runner: Runner, model: onnx.ModelProto, found: Input, size_px: tuple[int, int]) -> bool:
    kind = helper.tensor_dtype_to_np_dtype(model.graph.input[0].type.tensor_type.elem_type)
    try:
        runner.run(np.zeros(found.dims(found.batch or 1, found.planes, size_px), kind))
    except Exception:  # noqa: BLE001 - that is the answer
        return False
    return True
