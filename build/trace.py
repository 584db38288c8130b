"""Where in a graph something goes wrong: every tensor of one frame is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort

from gonogo.build.calibrate import inputs_of
from gonogo.build.listed import listed
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CHANCE = (
    *("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"),
    *("Multinomial", "Bernoulli", "Dropout"),
)
_QUIET = 4
_USUAL = {
    "Log": "of a number that is not above 0",
    "Sqrt": "of a number below 0",
    "Div": "by 0",
    "Pow": "of a number below 0, or too large",
    "Exp": "of a number too large",
    "Reciprocal": "of 0",
}


def first_that_is_none(source: Path, frame: NDArray[np.uint8]) -> str:
    """The first node of the graph that gives out NaN or infinity on this frame, in a sentence.

    `frame`: uint8 (height, width, 3) at the model's size.
    """
    model = onnx.load(str(source))
    graph = model.graph
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    bad = [name for name, values in held.items() if not _finite(values)]
    if bad:
        return f"Weights of the model are no numbers: {listed(bad)}"
    known = {**held, **_every_tensor(model, source, frame)}
    for node in graph.node:
        if not all(_finite(known[name]) for name in node.output if name in known):
            usual = _USUAL.get(node.op_type, "")
            inputs = ", ".join(_span(known[name]) for name in node.input if name in known)
            return (
                f"In the graph it first appears in '{node.name or node.output[0]}', a "
                f"{node.op_type}{usual and f' {usual}'} (its inputs: {inputs or 'none'})"
            )
    return "Where in the graph it first appears cannot be told"


def chance_nodes(source: Path) -> str:
    """The nodes that draw random numbers, named; empty where there are none."""
    found = [
        f"{node.op_type} '{node.name or node.output[0]}'"
        for node in onnx.load(str(source)).graph.node
        # Dropout only where it was exported in training mode
        if node.op_type in CHANCE and (node.op_type != "Dropout" or len(node.input) > 2)  # noqa: PLR2004
    ]
    return listed(found) if found else ""


def _every_tensor(
    model: onnx.ModelProto, source: Path, frame: NDArray[np.uint8]
) -> dict[str, NDArray[Any]]:
    """What every node gives out, as it stands in the graph; nothing is optimized away."""
    names = [name for node in model.graph.node for name in node.output if name]
    asked = onnx.ModelProto()
    asked.CopyFrom(model)
    del asked.graph.output[:]
    asked.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    settings = ort.SessionOptions()
    settings.log_severity_level = _QUIET
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    contract = open_model(source)
    (tensor,) = inputs_of(contract, [frame])
    session = ort.InferenceSession(
        asked.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    values = session.run(names, {contract.image.name: tensor})
    return {contract.image.name: tensor, **dict(zip(names, values, strict=True))}


def _finite(values: NDArray[Any]) -> bool:
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


def _span(values: NDArray[Any]) -> str:
    if not values.size or values.dtype.kind not in "fiu":
        return "empty" if not values.size else str(values.dtype)
    return f"{values.min():.4g} to {values.max():.4g}"
