"""What each layer of a plan computes in: read from what TensorRT's inspector tells.

TensorRT names the type of each tensor within a text ("Thirty-two wide channel vectorized row major
Int8 format", "Row major linear FP32"), and differently from version to version. A layer computes in
what it reads first; one that only turns tensors into another type or order computes nothing.
Source: TensorRT, "Engine Inspector".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "unknown"
INT8 = "INT8"
_TYPE = re.compile(
    r"(?<![a-z0-9])(int8|fp32|float32|float|fp16|half|float16|bf16|bfloat16|fp8|int4|fp4|int32|"
    r"int64|uint8|bool)(?![a-z0-9])",
    re.IGNORECASE,
)
_SAME = {
    "float32": "FP32", "float": "FP32", "half": "FP16", "float16": "FP16", "bfloat16": "BF16",
}  # fmt: skip
# they move and convert: what type they read says nothing of the arithmetic
_MOVES = ("reformat", "noop", "cast", "quantize", "dequantize", "shape", "shuffle", "constant")


class Layer(NamedTuple):
    """One layer: its name, its kind in TensorRT's word, and what it computes in."""

    name: str
    kind: str
    computes_in: str

    @property
    def moves(self) -> bool:
        """Whether it only moves or converts."""
        return any(word in self.kind.lower() for word in _MOVES)


class LayerReport(NamedTuple):
    """All layers of a plan, in their order; `detailed`: whether TensorRT told more than names."""

    layers: tuple[Layer, ...]
    detailed: bool

    @property
    def computing(self) -> tuple[Layer, ...]:
        """Those that compute."""
        return tuple(layer for layer in self.layers if not layer.moves)

    @property
    def counts(self) -> Counter[str]:
        """How many of those that compute do so in which type."""
        return Counter(layer.computes_in for layer in self.computing)

    @property
    def int8_share(self) -> float:
        """Of the layers that compute, 0 to 1."""
        total = len(self.computing)
        return self.counts[INT8] / total if total else 0.0


def read_layers(text: str) -> LayerReport:
    """The report of an inspector's JSON; what is not told in it is unknown, never a failure."""
    try:
        told = json.loads(text)
    except ValueError:
        return LayerReport((), detailed=False)
    found: Sequence[Any] = told.get("Layers", ()) if isinstance(told, dict) else ()
    layers = tuple(_layer(each) for each in found)
    return LayerReport(layers, detailed=any(isinstance(each, dict) for each in found))


def _layer(told: Any) -> Layer:  # noqa: ANN401 - JSON
    # a plan that was built without details has a name for each layer, and nothing else
    if not isinstance(told, dict):
        return Layer(str(told), UNKNOWN, UNKNOWN)
    kind = str(told.get("LayerType", UNKNOWN))
    return Layer(str(told.get("Name", "")), kind, _computes_in(told))


def _computes_in(told: dict[str, Any]) -> str:
    # what it reads first; of a layer that reads nothing, what it writes
    types = [_type_of(each) for each in told.get("Inputs") or told.get("Outputs") or ()]
    return next((kind for kind in types if kind != UNKNOWN), UNKNOWN)


def _type_of(tensor: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(tensor, dict):
        return UNKNOWN
    text = str(tensor.get("Format/Datatype", tensor.get("Datatype", "")))
    # the last one: "... row major Int8 format", "... FP16x2 ... Half"
    found = _TYPE.findall(text)
    return _SAME.get(found[-1].lower(), found[-1].upper()) if found else UNKNOWN
