"""Makers of small ONNX models whose scores, maps and embeddings are known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SIDE = 16
Dims = tuple[int | str, ...]


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    *,
    image: Dims = (1, 3, SIDE, SIDE),
    dtype: int = TensorProto.UINT8,
    outputs: Sequence[tuple[str, Dims]] = (("score", (1, 1)),),
    held: Sequence[onnx.TensorProto] = (),
    output_dtype: int = TensorProto.FLOAT,
) -> Path:
    """Write a model of these nodes with the input `image`; returns `path`.

    So many keys because each is one thing that a test has otherwise than most.
    """
    inputs = [helper.make_tensor_value_info("image", dtype, image)]
    made = [helper.make_tensor_value_info(name, output_dtype, dims) for name, dims in outputs]
    graph = helper.make_graph(list(nodes), "tiny", inputs, made, list(held))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def brightest(
    path: Path, *, image: Dims = (1, 3, SIDE, SIDE), dtype: int = TensorProto.UINT8
) -> Path:
    """Score [1, 1]: the brightest red; anomaly_map: the red plane; embedding [1, 3]: means."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["planes", "zero", "one", "axis"], ["anomaly_map"]),
        helper.make_node("ReduceMax", ["anomaly_map"], ["score"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMean", ["planes"], ["embedding"], axes=[2, 3], keepdims=0),
    ]
    held = [
        numpy_helper.from_array(np.array([value], np.int64), name)
        for name, value in (("zero", 0), ("one", 1), ("axis", 1))
    ]
    rows, columns = image[2:]
    outputs = [
        ("score", (1, 1)),
        ("anomaly_map", (1, 1, rows, columns)),
        ("embedding", (1, image[1])),
    ]
    return save(path, nodes, image=image, dtype=dtype, outputs=outputs, held=held)


def say(path: Path, metadata: Mapping[str, str]) -> None:
    """Let a model file say this of itself, beside what it says."""
    model = onnx.load(str(path))
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())


def classes(path: Path, side: int) -> Path:
    """class_score [1, 3] and defect_map [1, 3, side, side]: the three planes as they are."""
    nodes = [
        helper.make_node("Cast", ["image"], ["defect_map"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["defect_map"], ["class_score"], axes=[2, 3], keepdims=0),
    ]
    outputs = [("class_score", (1, 3)), ("defect_map", (1, 3, side, side))]
    return save(path, nodes, image=(1, 3, side, side), outputs=outputs)


def undefined(path: Path) -> Path:
    """Score [1, 1]: always not a number (0 / 0)."""
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["planes"], ["max"], keepdims=1),
        helper.make_node("Sub", ["max", "max"], ["nothing"]),
        helper.make_node("Div", ["nothing", "nothing"], ["ratio"]),
        helper.make_node("Reshape", ["ratio", "shape"], ["score"]),
    ]
    held = [numpy_helper.from_array(np.array([1, 1], np.int64), "shape")]
    return save(path, nodes, held=held)


def filters(path: Path, seed: int = 3) -> Path:
    """Three convolutions to quantize: score, anomaly_map [1, 1, 8, 8], embedding [1, 8]."""
    rng = np.random.default_rng(seed)
    held = [
        numpy_helper.from_array(rng.normal(0, 0.2, (8, 3, 3, 3)).astype(np.float32), "w0"),
        numpy_helper.from_array(rng.normal(0, 0.2, (8, 8, 3, 3)).astype(np.float32), "w1"),
        numpy_helper.from_array(np.abs(rng.normal(0, 0.2, (1, 8, 1, 1))).astype(np.float32), "w2"),
    ]
    nodes = [
        helper.make_node("Cast", ["image"], ["planes"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["planes", "w0"], ["c0"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["c0"], ["r0"]),
        helper.make_node("Conv", ["r0", "w1"], ["c1"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("ReduceMean", ["r1"], ["embedding"], axes=[2, 3], keepdims=0),
        helper.make_node("Conv", ["r1", "w2"], ["anomaly_map"], kernel_shape=[1, 1]),
        helper.make_node("ReduceMax", ["anomaly_map"], ["score"], axes=[2, 3], keepdims=0),
    ]
    outputs = [("score", (1, 1)), ("anomaly_map", (1, 1, 8, 8)), ("embedding", (1, 8))]
    return save(path, nodes, image=(1, 3, 32, 32), outputs=outputs, held=held)
