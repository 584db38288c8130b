"""Weights that lie in a file beside the model, as exporters write them on their own account.

They are read from the model's own folder only: no path, no link out of it, nothing that is
no plain file, and all together at most MAX_BYTES.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.graph import held_tensors
from gonogo.build.listed import listed
from gonogo.engines.backends.model import MAX_BYTES
from gonogo.engines.card import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import onnx

_ONE_FILE = "or save it as one file: onnx.save_model(onnx.load(PATH), OUT)"


def files_beside(path: Path, model: onnx.ModelProto) -> dict[str, Path]:
    """The files that hold weights of `model`, by the names it calls them."""
    found: dict[str, Path] = {}
    missing: list[str] = []
    for tensor in _outside(model):
        name = _facts(tensor).get("location", "")
        if name in found or name in missing:
            continue
        file = _within(path, name)
        if file is None:
            missing.append(name)
        else:
            found[name] = file
    if missing:
        raise ModelError(
            f"{path}: its weights lie in {listed(missing)}, which is not in the same folder; copy "
            f"it there, {_ONE_FILE}"
        )
    total = sum(file.stat().st_size for file in found.values())
    if total > MAX_BYTES:
        raise ModelError(
            f"{path}: {total} bytes of weights beside it, expected at most {MAX_BYTES}; use a "
            "smaller model"
        )
    return found


def take_in(path: Path, model: onnx.ModelProto) -> None:
    """Put all weights into `model` itself."""
    files = files_beside(path, model)
    # mapped, not read: a tensor may be a small part of a large file
    opened = {name: _bytes_of(file) for name, file in files.items()}
    for tensor in _outside(model):
        facts = _facts(tensor)
        whole = opened[facts.get("location", "")]
        begin = _number(path, tensor, facts.get("offset", "0"))
        length = _number(path, tensor, facts.get("length", str(len(whole) - begin)))
        wanted = _size_of(tensor)
        if begin + length > len(whole) or (wanted and wanted != length):
            raise ModelError(
                f"{path}: '{facts['location']}' holds {len(whole)} bytes; '{tensor.name}' wants "
                f"{wanted or length} from byte {begin} on; copy both files again, as one export "
                "wrote them"
            )
        tensor.raw_data = whole[begin : begin + length].tobytes()
        del tensor.external_data[:]
        tensor.data_location = TensorProto.DEFAULT


def digest_of(path: Path, model: onnx.ModelProto) -> str:
    """SHA-256 (hex) of the model file and of all that lies beside it."""
    own = sha256_of(path)
    files = files_beside(path, model)
    if not files:
        return own
    whole = hashlib.sha256(own.encode())
    for name in sorted(files):
        whole.update(f"\n{name} {sha256_of(files[name])}".encode())
    return whole.hexdigest()


def _outside(model: onnx.ModelProto) -> Iterable[TensorProto]:
    return [t for t in held_tensors(model) if t.data_location == TensorProto.EXTERNAL]


def _facts(tensor: TensorProto) -> dict[str, str]:
    # in a damaged file a text may be no text
    pairs = [(entry.key, entry.value) for entry in tensor.external_data]
    return {key: value for key, value in pairs if isinstance(value, str)}


def _within(path: Path, name: str) -> Path | None:
    """The file of that name in the model's folder; None where it is not there."""
    plain = PurePosixPath(name)
    # a drive or a backslash is a path, too, for whoever opens the model elsewhere
    foreign = PureWindowsPath(name)
    if not name or plain.is_absolute() or foreign.drive or ".." in (*plain.parts, *foreign.parts):
        raise ModelError(
            f"{path}: its weights lie at {name!r}, expected the name of a file in the model's own "
            f"folder; copy it there, {_ONE_FILE}"
        )
    file = path.parent / plain
    home = path.parent.resolve()
    if not file.exists() and not file.is_symlink():
        return None
    if not file.resolve().is_relative_to(home) or not stat.S_ISREG(file.stat().st_mode):
        raise ModelError(
            f"{path}: '{name}', which holds its weights, is a link out of the folder or no plain "
            f"file; copy the file itself there, {_ONE_FILE}"
        )
    return file


def _bytes_of(file: Path) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    # an empty file cannot be mapped
    if not file.stat().st_size:
        return np.zeros(0, np.uint8)
    return np.memmap(file, np.uint8, "r")


def _number(path: Path, tensor: TensorProto, text: str) -> int:
    if not text.isdecimal():
        raise ModelError(
            f"{path}: '{tensor.name}' lies at {text[:40]!r} of its file, expected a number of "
            "bytes; export it again"
        )
    return int(text)


def _size_of(tensor: TensorProto) -> int:
    """How many bytes it must have; 0 for types whose elements share bytes."""
    try:
        each = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type)).itemsize
    except (KeyError, TypeError):
        return 0
    if tensor.data_type not in _WHOLE_BYTES:
        return 0
    return each * int(np.prod(tensor.dims, dtype=np.int64))


_WHOLE_BYTES = {
    *(TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BOOL),
    *(TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64),
    *(TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64),
}
