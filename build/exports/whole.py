"""Whether an ONNX file that could be parsed is whole: names are text, weights fill their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx import TensorProto, numpy_helper

from gonogo.base.errors import OtherFormat
from gonogo.build.exports.graph import all_graphs, held_tensors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import onnx

_AGAIN = "copy it again and compare its checksum"


def check_whole(path: Path, model: onnx.ModelProto) -> None:
    """OtherFormat where a file says what no exporter writes; its weights are in it by now."""
    # a name that is no text comes back as bytes
    if not all(isinstance(name, str) for name in _names(model)):
        raise OtherFormat(f"{path} is damaged: a name in it is no text; {_AGAIN}")
    for tensor in held_tensors(model):
        if not _fills(tensor):
            raise OtherFormat(
                f"{path} is damaged: the weights '{tensor.name}' do not fill their shape "
                f"{list(tensor.dims)} of type {_kind(tensor.data_type)}; {_AGAIN}"
            )


def _fills(tensor: TensorProto) -> bool:
    try:
        # no copy: the bytes as they lie there
        numpy_helper.to_array(tensor)
    # whatever a wrong type, shape or length leads to
    except (ValueError, TypeError, KeyError, OverflowError):
        return False
    return True


def _names(model: onnx.ModelProto) -> Iterator[object]:
    yield from (entry.domain for entry in model.opset_import)
    for entry in model.metadata_props:
        yield from (entry.key, entry.value)
    for graph in all_graphs(model.graph):
        yield graph.name
        values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
        yield from (value.name for value in values)
        for one in graph.node:
            yield from (one.name, one.op_type, one.domain, *one.input, *one.output)
            yield from (attribute.name for attribute in one.attribute)


def _kind(number: int) -> str:
    known = number in TensorProto.DataType.values()
    return TensorProto.DataType.Name(number).lower() if known else str(number)
