"""A file that is no ONNX model, called what it is: told by its first bytes, never by its ending.

A row of `_STARTS` is what the bytes begin with (from a place on), what such a file is, and
what makes a model of it that can be taken.
"""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ModelError, OtherFormat
from gonogo.engines.bundles.header import MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

HEAD_BYTES = 4096
_JSON_MAX = 1 << 26  # of the header of a SafeTensors file
_AGAIN = "copy it again and compare its size and checksum"
_TORCH = (
    "export it where it was made: torch.onnx.export(model.eval(), (image,), 'model.onnx'); "
    "Ultralytics: yolo export model=best.pt format=onnx; anomalib: "
    "engine.export(model, ExportType.ONNX, input_size=(HEIGHT, WIDTH))"
)
_TENSORFLOW = (
    "convert it with tf2onnx: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx "
    "(--tflite FILE for TFLite, --graphdef FILE for a frozen graph)"
)
_KERAS = "export it with Keras: model.export('model.onnx', format='onnx')"
_FROM_SOURCE = "give the ONNX file that it was made from"
_GIVE = "give the .onnx file of the model"
_UNPACK = "unpack it and give the .onnx file that is in it"


class Kind(NamedTuple):
    """What a file is, and what to do about it."""

    name: str
    remedy: str


_CHECKPOINT = Kind("a PyTorch checkpoint (weights, no graph)", _TORCH)
_PICTURE = Kind("an image", "give the model first, and images with --good and --bad")
_HEF = Kind(
    "a HEF, compiled for a Hailo chip",
    f"{_FROM_SOURCE}; a form for Hailo is made of it with --target",
)
_PLAN = Kind(
    "a TensorRT plan, built for one kind of GPU",
    f"{_FROM_SOURCE}; each box builds its own plan of it",
)
_ARCHIVE = Kind("a packed archive", _UNPACK)
_OPENVINO = Kind(
    "an OpenVINO IR", f"{_FROM_SOURCE} (anomalib: ExportType.ONNX; Ultralytics: format=onnx)"
)

_STARTS: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"version https://git-lfs", Kind("a Git LFS pointer, not the file itself", "git lfs pull")),
    (0, b"\x01HEF", _HEF),
    (0, b"ftrt", _PLAN),
    (0, b"ptrt", _PLAN),
    (4, b"TFL3", Kind("a TFLite model", _TENSORFLOW)),
    (4, b"ORTM", Kind("a model in ONNX Runtime's own format (.ort)", _FROM_SOURCE)),
    (0, b"RKNN", Kind("an RKNN model, compiled for a Rockchip NPU", _FROM_SOURCE)),
    (0, b"7767517", Kind("an ncnn model", _FROM_SOURCE)),
    (0, b"GGUF", Kind("a GGUF model", _GIVE)),
    (0, b"\x89HDF\r\n\x1a\n", Kind("an HDF5 file, as Keras writes it (.h5)", _KERAS)),
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9", _CHECKPOINT),
    (0, b"\x89PNG", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"BM", _PICTURE),
    (0, b"GIF8", _PICTURE),
    (0, b"II*\x00", _PICTURE),
    (0, b"MM\x00*", _PICTURE),
    (8, b"WEBP", _PICTURE),
    (4, b"ftyp", Kind("a video", _GIVE)),
    (0, b"%PDF", Kind("a PDF", _GIVE)),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ", _ARCHIVE),
    (0, b"7z\xbc\xaf", _ARCHIVE),
    (0, b"Rar!", _ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (0, b"\x93NUMPY", Kind("a NumPy array", _GIVE)),
    (0, b"\x7fELF", Kind("a program or library", _GIVE)),
    (0, MAGIC, Kind("a bundle that is built already", "gonogo bundle show says what it is")),
)
# what stands somewhere in a text, in this order
_TEXTS: tuple[tuple[bytes, Kind], ...] = (
    (b"<html", Kind("an HTML page", "the download was a page about the file; download the file")),
    (b"<!doctype html", Kind("an HTML page", "it is a page about the file; download the file")),
    (b"<net ", _OPENVINO),
    (b"<?xml", Kind("an XML file", _GIVE)),
    (b"layer {", Kind("a Caffe description", _FROM_SOURCE)),
    (b"[net]", Kind("a Darknet description", _FROM_SOURCE)),
)
# what stands at the front of other protobuf files, which parse as nearly anything
_PROTOBUFS: tuple[tuple[bytes, Kind], ...] = (
    (b"com.github.apple.coremltools", Kind("a Core ML model", _FROM_SOURCE)),
    (b"coreml", Kind("a Core ML model", _FROM_SOURCE)),
    (b"serve", Kind("a TensorFlow SavedModel", _TENSORFLOW)),
    (b"Placeholder", Kind("a TensorFlow graph (.pb)", _TENSORFLOW)),
    (b"tensorflow", Kind("a TensorFlow file", _TENSORFLOW)),
    (b"Const", Kind("a TensorFlow graph (.pb)", _TENSORFLOW)),
    (b"InnerProduct", Kind("a Caffe model", _FROM_SOURCE)),
    (b"Convolution", Kind("a Caffe model", _FROM_SOURCE)),
)
# what a zip of a tool holds, in this order
_MEMBERS: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (("models/model.json", "archive_format"), Kind("a program of torch.export (.pt2)", _TORCH)),
    (("/constants.pkl",), Kind("a TorchScript model", _TORCH)),
    (("data.pkl",), _CHECKPOINT),
    (("model.weights.h5",), Kind("a Keras model (.keras)", _KERAS)),
    ((".mlmodel",), Kind("a Core ML package", _FROM_SOURCE)),
    ((".npy",), Kind("a NumPy archive (.npz)", _GIVE)),
)


def refuse_others(path: Path) -> None:
    """OtherFormat where `path` is no file that could hold an ONNX model."""
    if path.is_dir():
        raise _not_onnx(path, _folder(path))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; check the name of the model") from error
    kind = _of_bytes(path, head, size)
    if kind is not None:
        raise _not_onnx(path, kind)


def other_protobuf(path: Path, why: str) -> ModelError:
    """The error for a file that could not be read as ONNX though its first bytes allowed it."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        head = b""
    for words, known in _PROTOBUFS:
        if words in head:
            return _not_onnx(path, known)
    return OtherFormat(f"{path} is not a whole ONNX file ({why}); {_AGAIN}")


def _not_onnx(path: Path, kind: Kind) -> ModelError:
    return OtherFormat(f"{path} is {kind.name}, expected an ONNX model; {kind.remedy}")


def _of_bytes(path: Path, head: bytes, size: int) -> Kind | None:
    if not head:
        return Kind("an empty file", _AGAIN)
    if not head.strip(b"\x00"):
        return Kind("a file of zeros, as a download leaves it that was cut off", _AGAIN)
    for place, start, begun in _STARTS:
        if head[place : place + len(start)] == start:
            return begun
    looks: Iterable[Callable[[], Kind | None]] = (
        lambda: _packed(path, head),
        lambda: _pickled(head),
        lambda: _safetensors(head, size),
        lambda: _engine_of_ultralytics(head),
        lambda: _text(head),
        lambda: _beside(path),
    )
    return next((kind for look in looks if (kind := look()) is not None), None)


def _packed(path: Path, head: bytes) -> Kind | None:
    """A zip, as many tools use it for something of their own."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return Kind("a zip archive that is cut off", _AGAIN)
    return _of_members(names)


def _of_members(names: list[str]) -> Kind:
    """By what it holds."""
    for ends, kind in _MEMBERS:
        if any(name.endswith(ends) for name in names):
            return kind
    inside = [name for name in names if name.endswith(".onnx")]
    if inside:
        return Kind(f"a zip archive that holds {inside[0]}", "unpack it and give that file")
    return Kind("a zip archive", _UNPACK)


def _pickled(head: bytes) -> Kind | None:
    """Pickles of protocol 2 on: a version, then what most begin with."""
    if len(head) < len(b"\x80\x04.") or head[0] != 0x80 or head[1] not in range(2, 6):  # noqa: PLR2004 - PROTO, its versions
        return None
    if b"torch" in head:
        return _CHECKPOINT
    return Kind("a Python pickle", f"it is not opened here, for it may run code; {_TORCH}")


def _safetensors(head: bytes, size: int) -> Kind | None:
    """Eight bytes of a length, then JSON of that length."""
    length = int.from_bytes(head[:8], "little")
    if not 1 < length < min(_JSON_MAX, size) or head[8:9] != b"{":
        return None
    return Kind("a SafeTensors file (weights, no graph)", _TORCH)


def _engine_of_ultralytics(head: bytes) -> Kind | None:
    """Four bytes of a length, JSON of that length, then a TensorRT plan."""
    length = int.from_bytes(head[:4], "little")
    return _PLAN if head[4:5] == b"{" and length < HEAD_BYTES << 4 else None


def _text(head: bytes) -> Kind | None:
    """Whatever can be read as text: no protobuf file is."""
    try:
        # the head may end within a character
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return None
    if any(ord(letter) < ord(" ") and letter not in "\t\r\n\f" for letter in text):
        return None
    small = text.lower().encode()
    for words, kind in _TEXTS:
        if words in small:
            return kind
    try:
        json.loads(text)
    except ValueError:
        return Kind("a text file", _GIVE)
    return Kind("a JSON file", _GIVE)


def _beside(path: Path) -> Kind | None:
    """Weights without a graph, told by the file they belong to."""
    if path.suffix == ".bin" and path.with_suffix(".xml").is_file():
        return Kind("a part of an OpenVINO IR (its weights)", _OPENVINO.remedy)
    if path.suffix == ".bin" and path.with_suffix(".param").is_file():
        return Kind("a part of an ncnn model (its weights)", _FROM_SOURCE)
    if path.suffix == ".data" and path.with_suffix("").is_file():
        whole = path.with_suffix("")
        return Kind(f"a part of {whole.name} (its weights)", f"give {whole}; keep both files")
    return None


def _folder(path: Path) -> Kind:
    names = {entry.name for entry in path.iterdir()}
    models = sorted(name for name in names if name.endswith(".onnx"))
    if "saved_model.pb" in names:
        return Kind("a TensorFlow SavedModel", _TENSORFLOW)
    if "Manifest.json" in names and path.suffix == ".mlpackage":
        return Kind("a Core ML package", _FROM_SOURCE)
    if any(name.endswith(".xml") for name in names) and any(n.endswith(".bin") for n in names):
        return Kind("a folder with an OpenVINO IR", _OPENVINO.remedy)
    if any(name.endswith(".param") for name in names):
        return Kind("a folder with an ncnn model", _FROM_SOURCE)
    if models:
        return Kind("a folder", f"give {path / models[0]}")
    return Kind("a folder", "give the .onnx file")
