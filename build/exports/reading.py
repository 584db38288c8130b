"""An export from its file to one model in memory: whole, in order, in float32.

    what kind of file -> the model and the weights beside it -> in order -> float32 -> versions

Nothing here asks what the model is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from gonogo.base.errors import ModelError
from gonogo.build.exports import external
from gonogo.build.exports.floats import to_float32
from gonogo.build.exports.formats import other_protobuf, refuse_others
from gonogo.build.exports.opsets import modern
from gonogo.build.exports.room import check_room, room_note
from gonogo.build.exports.tidy import tidy
from gonogo.build.exports.whole import check_whole
from gonogo.engines.backends.model import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path


class Read(NamedTuple):
    """An export in float32, and in order.

    `original`: the same in the operator set that it came in. `notes`: what its maker should know.
    """

    model: onnx.ModelProto
    original: onnx.ModelProto
    notes: tuple[str, ...]


def read_export(path: Path) -> Read:
    """Read `path` and what lies beside it; ModelError says what it is instead, or lacks."""
    model = _parsed(path)
    check_room(path, path.stat().st_size + _beside(path, model))
    external.take_in(path, model)
    check_whole(path, model)
    model = tidy(path, model)
    # first of all: what is compared later is to be of one precision, for a list that is sorted by
    # confidence has another order in another
    notes = to_float32(model)
    original = onnx.ModelProto()
    original.CopyFrom(model)
    model, converted = modern(path, model)
    return Read(model, original, (*converted, *notes))


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of all that an export is read from; ModelError where it is none."""
    return external.digest_of(path, _parsed(path))


def remarks(path: Path) -> tuple[str, ...]:
    """What is to be said before hours of work: the memory that a large model takes."""
    model = _parsed(path)
    return room_note(path.stat().st_size + _beside(path, model))


def _beside(path: Path, model: onnx.ModelProto) -> int:
    return sum(file.stat().st_size for file in external.files_beside(path, model).values())


def _parsed(path: Path) -> onnx.ModelProto:
    refuse_others(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelError(
                f"{path}: {size} bytes, expected at most {MAX_BYTES}; use a smaller model"
            )
        model = onnx.load(str(path), load_external_data=False)
    except DecodeError:
        raise other_protobuf(path, "its bytes end or go wrong within it") from None
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; check the name of the model") from error
    # nearly any bytes are some protobuf message
    if not model.graph.node or not model.opset_import:
        raise other_protobuf(path, "it holds no graph")
    return model
