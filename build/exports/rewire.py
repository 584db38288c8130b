"""Outputs of our names, made of those that an export has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto, helper

from gonogo.base.errors import ModelError
from gonogo.build.exports.boxes import write_detections
from gonogo.build.exports.classifier import Classifier, write_classifier
from gonogo.build.exports.detection import Detection
from gonogo.build.exports.graph import hold, make_room, node, prune, rename
from gonogo.build.exports.pen import Pen
from gonogo.build.exports.planes import Segmentation, write_segmentation
from gonogo.build.exports.seen import Output

if TYPE_CHECKING:
    import onnx

    from gonogo.build.exports.graph import Graph
    from gonogo.build.exports.outputs import Mapped

NAMES = ("score", "anomaly_map", "embedding")


def write_outputs(model: onnx.ModelProto, mapped: Mapped, image: str = "image") -> None:
    """Outputs of our names and no others; `image`: the input, which keeps its name."""
    graph = model.graph
    score, anomaly = _made(model, mapped)
    if score is None and anomaly is not None:
        score = _largest(model, anomaly)
    # what nobody asks for would be computed for each part
    del graph.output[:]
    outputs = dict(zip(NAMES, (score, anomaly, mapped.embedding), strict=True))
    for name, output in _with_room(graph, outputs, image).items():
        if output is not None:
            _write(graph, name, output)
    prune(graph)


def _made(model: onnx.ModelProto, mapped: Mapped) -> tuple[Output | None, Output | None]:
    """Score and map, of what was found where the export has them not as they are."""
    if isinstance(mapped.found, Detection):
        return write_detections(model, mapped.found)
    if isinstance(mapped.found, Segmentation):
        return write_segmentation(model, mapped.found)
    score, anomaly = mapped.score, mapped.map
    if isinstance(mapped.found, Classifier):
        score = write_classifier(model, mapped.found)
    if mapped.planes is not None:
        anomaly = write_segmentation(model, mapped.planes)[1]
    return score, anomaly


def _with_room(
    graph: Graph, outputs: dict[str, Output | None], image: str
) -> dict[str, Output | None]:
    """Our names are free, or stand already for the very same thing."""
    kept = {name for name, output in outputs.items() if output is not None and output.name == name}
    # an export may have a tensor of that name that means something else
    moved = [name for name in ("image", *NAMES) if name not in kept | ({image} & {"image"})]
    make_room(graph, moved)
    return {
        name: output._replace(name=f"export_{output.name}")
        if output is not None and output.name in moved
        else output
        for name, output in outputs.items()
    }


def _write(graph: Graph, name: str, source: Output) -> None:
    """`name` is what `source` holds, as float32."""
    if not source.is_real:
        raise ModelError(f"output {source} is no {name}: expected real numbers; name another one")
    if source.name != name:
        graph.node.append(node("Cast", [source.name], name, to=TensorProto.FLOAT))
    # named as we name it, but of another type: it makes room for its float32 form
    elif source.dtype != "float":
        rename(graph, name, f"export_{name}")
        graph.node.append(node("Cast", [f"export_{name}"], name, to=TensorProto.FLOAT))
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, source.shape))


def _largest(model: onnx.ModelProto, anomaly: Output) -> Output:
    graph, pen = model.graph, Pen(model, "map")
    # over all axes, so that the map may have three or four
    graph.node.append(node("ReduceMax", [anomaly.name], "worst_place", keepdims=0))
    flat = hold(graph, "worst_shape", np.array([1, 1], np.int64))
    graph.node.append(node("Reshape", ["worst_place", flat], "worst"))
    return Output(pen.or_odd(pen.as_real("worst"), pen.as_real(anomaly.name)), "float", (1, 1))
