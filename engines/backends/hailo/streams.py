"""What a HEF takes and gives: read from its streams, stated as a contract.

A HEF carries no contract of ours, but where frames are not squeezed into it a trailer that says
how they get to its size (gonogo.engines.backends.hailo.trailer). Its one input is an image
(height, width, 1 or 3), red, green, blue. Its outputs are told apart by name, as those of an ONNX
model are: the last part of the stream's name ("net/score"), or the name that it had before the
compiler gave it one of its own ("net/fc1"). A single output is the score, whatever its name is.

Outputs are asked for as float32: HailoRT brings what the chip computes in 8 bits back to the
model's own unit by its quant_infos. The input is given as the chip takes it where that is the
pixel itself (zero point 0, scale 1), else as float32, and HailoRT quantizes it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.base.errors import HefError
from gonogo.engines.backends.fit import SQUEEZE
from gonogo.engines.backends.hailo.trailer import without_fit
from gonogo.engines.backends.model import EMBEDDING, MAPS, SCORES, Contract, Value, checked_cut
from gonogo.ipc.frame_ring import EMBED_MAX

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.engines.backends.fit import Fit

MAGIC = b"\x01HEF"
_NAMES = (*SCORES, *MAPS, EMBEDDING)


class Streams(NamedTuple):
    """The streams of one model: `image` (height, width, channels), and `outputs` by name."""

    contract: Contract
    image: tuple[int, ...]
    outputs: dict[str, tuple[int, ...]]


def read_hef(model: Path) -> tuple[bytes, Fit]:
    """Its bytes as HailoRT wants them, and how frames get to its size.

    HefError for what is no HEF, so that no chip is opened for it.
    """
    try:
        content = model.read_bytes()
    except OSError as error:
        raise HefError(f"{model}: {error.strerror}; check the path") from error
    if not content.startswith(MAGIC):
        raise HefError(
            f"{model} is no HEF: expected a file that begins with {MAGIC!r}, as Hailo's compiler "
            "writes it; an ONNX file becomes one by `gonogo build --target hailo8`"
        )
    try:
        return without_fit(content)
    except ValueError as error:
        raise HefError(
            f"{model}: how frames get to its size stands behind it, but {error}; build it again, "
            "or take a gonogo that knows it"
        ) from error


def settle_streams(
    infer_model: Any,  # noqa: ANN401 - without types
    runtime: Any,  # noqa: ANN401 - without types
    model: Path,
    fit: Fit = SQUEEZE,
) -> Streams:
    """Read the streams, and set what is exchanged by them; before the model is configured."""
    image = _image(infer_model, model)
    outputs = {stream.name: _shape(stream, model) for stream in infer_model.outputs}
    named = _named(infer_model, list(outputs))
    contract = Contract(
        model,
        Value(image.name, (1, image.shape[2], *image.shape[:2])),
        _dtype(image),
        _score(model, outputs, named),
        _map(model, outputs, named),
        _embedding(outputs, named),
        fit,
    )
    checked_cut(model, fit, contract.image)
    formats = runtime.FormatType
    quantized = contract.dtype is np.uint8
    image.set_format_type(formats.UINT8 if quantized else formats.FLOAT32)
    for stream in infer_model.outputs:
        stream.set_format_type(formats.FLOAT32)
    infer_model.set_batch_size(1)
    return Streams(contract, tuple(image.shape), outputs)


def planes(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """A view of an output as ONNX has it: (rows, columns, planes) becomes (planes, rows, ...)."""
    return raw.transpose(2, 0, 1) if raw.ndim == len("HWC") else raw


def _image(infer_model: Any, model: Path) -> Any:  # noqa: ANN401 - a stream
    names = list(infer_model.input_names)
    if len(names) != 1:
        raise HefError(
            f"{model}: {len(names)} inputs ({', '.join(names) or 'none'}), expected one image; "
            "compile a model with the image as its only input"
        )
    image = infer_model.input(names[0])
    if len(image.shape) != len("HWC") or image.shape[2] not in {1, 3}:
        raise HefError(
            f"{model}: input '{image.name}' is {_cross(image.shape)}, expected height x width x "
            "1 or 3; compile the model for single images"
        )
    return image


def _dtype(image: Any) -> type[np.uint8 | np.float32]:  # noqa: ANN401 - a stream
    infos = image.quant_infos
    plain = bool(infos) and all(info.qp_zp == 0 and info.qp_scale == 1 for info in infos)
    return np.uint8 if plain else np.float32


def _shape(stream: Any, model: Path) -> tuple[int, ...]:  # noqa: ANN401 - a stream
    if stream.is_nms:
        raise HefError(
            f"{model}: output '{stream.name}' is a list of boxes (NMS), expected scores and maps; "
            "compile the model without nms_postprocess"
        )
    return tuple(stream.shape)


def _named(infer_model: Any, streams: list[str]) -> dict[str, str]:  # noqa: ANN401 - without types
    """Streams by the names of the contract."""
    found = {_last(name): name for name in streams}
    if not found.keys() & set(SCORES):
        for name in streams:
            for original in infer_model.hef.get_original_names_from_vstream_name(name):
                found.setdefault(_last(original), name)
    return {known: found[known] for known in _NAMES if known in found}


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _score(model: Path, outputs: dict[str, tuple[int, ...]], named: dict[str, str]) -> Value:
    name = next((named[known] for known in SCORES if known in named), None)
    if name is None and len(outputs) == 1:
        name = next(iter(outputs))
    if name is None:
        raise HefError(
            f"{model}: no score among the outputs ({', '.join(outputs) or 'none'}), expected one "
            f"named {', '.join(SCORES)}; name it so in the ONNX file and compile it again"
        )
    return Value(name, (1, math.prod(outputs[name])))


def _map(model: Path, outputs: dict[str, tuple[int, ...]], named: dict[str, str]) -> Value | None:
    name = next((named[known] for known in MAPS if known in named), None)
    if name is None:
        return None
    shape = outputs[name]
    if len(shape) != len("HWC"):
        raise HefError(
            f"{model}: output '{name}' is {_cross(shape)}, expected rows x columns x classes; "
            "compile it in that layout"
        )
    return Value(name, (1, shape[2], *shape[:2]))


def _embedding(outputs: dict[str, tuple[int, ...]], named: dict[str, str]) -> Value | None:
    name = named.get(EMBEDDING)
    # too long for the result area: it is for drift alone, and no reason to refuse the model
    if name is None or math.prod(outputs[name]) > EMBED_MAX:
        return None
    return Value(name, (1, math.prod(outputs[name])))


def _cross(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a scalar"
