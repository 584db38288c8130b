"""Small ONNX models with the inputs, outputs, names and operators of real exports.

They stand for what anomalib and Ultralytics export: shapes, names and kinds of nodes are
theirs, weights are random or fitted here to pictures of `gonogo.tests.build.parts`. No
real export was run. Import as `gonogo.tests.build.exports.made`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from gonogo.build.exports.options import IMAGENET_MEAN, IMAGENET_STD
from gonogo.tests.build.parts import bad_part, good_part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SIDE = 64
FITTED = 16  # good parts that a model was "trained" on
BATCH = "batch_size"
MEAN, STD = (np.array(v, np.float32)[:, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD))
Dims = tuple[int | str, ...]


class Net:
    """Collects nodes; every method returns the name of what it made."""

    def __init__(self, image: str, batch: int | str = BATCH) -> None:
        self.image = image
        self.batch = batch
        self.nodes: list[onnx.NodeProto] = []
        self.held: list[onnx.TensorProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def add(self, op: str, inputs: Sequence[str], name: str, **settings: Any) -> str:  # noqa: ANN401 - ONNX
        """One node with one output."""
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"/{name}", **settings))
        return name

    def hold(self, name: str, values: Any, dtype: type = np.float32) -> str:  # noqa: ANN401 - array-like
        """A weight or another constant."""
        self.held.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype), name))
        return name

    def conv(self, x: str, name: str, weights: NDArray[Any], stride: int = 1, pad: int = 0) -> str:
        """A convolution of these weights (out, in, k, k)."""
        held = self.hold(f"{name}.weight", weights)
        bias = self.hold(f"{name}.bias", np.zeros(len(weights)))
        return self.add("Conv", [x, held, bias], name, strides=[stride] * 2, pads=[pad] * 4)

    def normalise(self, x: str) -> str:
        """As torchvision's Normalize is exported."""
        less = self.add("Sub", [x, self.hold("mean", MEAN[None])], "normalise/Sub")
        return self.add("Div", [less, self.hold("std", STD[None])], "normalise/Div")

    def resize(self, x: str, name: str, side: int = SIDE) -> str:
        """From the 16 x 16 grid to the size of the image."""
        scale = self.hold(f"{name}.scale", [1, 1, side / 16, side / 16])
        return self.add("Resize", [x, "", scale], name, mode="linear")

    def output(self, name: str, dims: Dims, dtype: int = TensorProto.FLOAT) -> None:
        """Declare an output."""
        self.outputs.append(helper.make_tensor_value_info(name, dtype, dims))

    def model(self, side: int | str = SIDE, opset: int = 14) -> onnx.ModelProto:
        """The model so far."""
        image = helper.make_tensor_value_info(
            self.image, TensorProto.FLOAT, (self.batch, 3, side, side)
        )
        graph = helper.make_graph(self.nodes, "main_graph", [image], self.outputs, self.held)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
        )


def tensors(makes: Sequence[Any] = (good_part,), count: int = FITTED) -> NDArray[np.float32]:
    """Pictures in 0..1, red first: (parts, 3, SIDE, SIDE)."""
    frames = [make(1000 + k, SIDE) for make in makes for k in range(count)]
    return np.asarray(np.array(frames, np.float32)[:, :, :, ::-1].transpose(0, 3, 1, 2) / 255)


def _features(net: Net, x: str, seed: int = 3, pad: int = 1) -> str:
    """Two convolutions with ReLU: 1 x 12 x 16 x 16."""
    rng = np.random.default_rng(seed)
    first = rng.normal(0, 0.3, (8, 3, 3, 3)), rng.normal(0, 0.2, (12, 8, 3, 3))
    x = net.add("Relu", [net.conv(x, "layer1", first[0], 2, pad)], "layer1/relu")
    return net.add("Relu", [net.conv(x, "layer2", first[1], 2, pad)], "layer2/relu")


def _run(net: Net, output: str, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the net so far computes of images, one after another."""
    trial = Net(net.image, net.batch)
    trial.nodes, trial.held = list(net.nodes), list(net.held)
    trial.outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
    session = ort.InferenceSession(
        trial.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(
        np.concatenate([session.run(None, {net.image: one[None]})[0] for one in images])
    )


def _judged(net: Net, anomaly: str, score: str) -> None:
    """The four outputs of anomalib 2: of its post-processor."""
    half = net.hold("threshold", 0.5)
    net.add("Identity", [score], "pred_score")
    net.add("Identity", [anomaly], "anomaly_map")
    net.add("Greater", [score, half], "pred_label")
    net.add("Greater", [anomaly, half], "pred_mask")
    net.output("pred_score", (BATCH, 1))
    net.output("pred_label", (BATCH, 1), TensorProto.BOOL)
    net.output("anomaly_map", (BATCH, 1, SIDE, SIDE))
    net.output("pred_mask", (BATCH, 1, SIDE, SIDE), TensorProto.BOOL)


def patchcore(path: Path) -> Path:
    """Normalised in the graph; distance of each place to the nearest of a memory bank."""
    net = Net("input")
    x = _features(net, net.normalise(net.image))
    x = net.add("AveragePool", [x], "pool", kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1])
    rows = _run(net, x, tensors()).transpose(0, 2, 3, 1).reshape(-1, 12)
    bank = rows[::3]
    last = net.add("Transpose", [x], "channels_last", perm=[0, 2, 3, 1])
    flat = net.add("Reshape", [last, net.hold("rows", [-1, 12], np.int64)], "embedding/rows")
    cross = net.add("MatMul", [flat, net.hold("memory_bank", -2 * bank.T)], "cross")
    squares = net.add("Mul", [flat, flat], "squares")
    own = net.add("ReduceSum", [squares, net.hold("one", [1], np.int64)], "own")
    bank_own = net.hold("bank_own", (bank**2).sum(axis=1)[None])
    total = net.add("Add", [net.add("Add", [cross, own], "partly"), bank_own], "squared")
    real = net.add("Sqrt", [net.add("Clip", [total, net.hold("nil", 0.0)], "clip")], "distances")
    nearest = net.hold("k", [1], np.int64)
    net.nodes.append(helper.make_node("TopK", [real, nearest], ["nearest", "where"], largest=0))
    shape = net.add("Shape", [net.image], "shape")
    size = net.add("Gather", [shape, net.hold("zero", [0], np.int64)], "batch")
    grid = net.add("Concat", [size, net.hold("grid", [1, 16, 16], np.int64)], "map_shape", axis=0)
    places = net.add("Reshape", ["nearest", grid], "places")
    anomaly = net.resize(places, "upsampled")
    worst = net.add("ReduceMax", [places], "worst", axes=[2, 3], keepdims=0)
    _judged(net, anomaly, worst)
    return _save(path, net.model())


def padim(path: Path) -> Path:
    """Not normalised, one output: a blurred distance to the good parts at each place."""
    net = Net("input")
    x = _features(net, net.image)
    found = _run(net, x, (tensors() - MEAN) / STD)
    mean, spread = found.mean(axis=0), found.std(axis=0) + 0.05
    centred = net.add("Sub", [x, net.hold("gaussian.mean", mean[None])], "centred")
    scaled = net.add("Mul", [centred, net.hold("gaussian.inverse", 1 / spread[None])], "scaled")
    squared = net.add("Mul", [scaled, scaled], "mahalanobis")
    distance = net.add("ReduceSum", [squared, net.hold("axis", [1], np.int64)], "sum", keepdims=1)
    up = net.resize(net.add("Sqrt", [distance], "root"), "upsampled")
    net.conv(up, "output", np.full((1, 1, 3, 3), 1 / 9), 1, 1)
    net.output("output", (BATCH, 1, SIDE, SIDE))
    return _save(path, net.model())


def efficient_ad(path: Path) -> Path:
    """Normalised in the graph; a teacher, a student and an autoencoder that disagree."""
    net = Net("input")
    x = net.normalise(net.image)
    rng = np.random.default_rng(5)
    teacher = rng.normal(0, 0.2, (8, 3, 4, 4))
    patches = _patches((tensors() - MEAN) / STD)
    _, _, directions = np.linalg.svd(patches - patches.mean(axis=0), full_matrices=False)
    for name, known in (("student", 12), ("autoencoder", 4)):
        project = directions[:known].T @ directions[:known]
        net.conv(x, name, (teacher.reshape(8, -1) @ project).reshape(teacher.shape), 4)
    net.conv(x, "teacher", teacher, 4)
    parts = []
    for name in ("student", "autoencoder"):
        apart = net.add("Sub", ["teacher", name], f"{name}/apart")
        squared = net.add("Mul", [apart, apart], f"{name}/squared")
        parts.append(net.add("ReduceMean", [squared], f"{name}/map", axes=[1], keepdims=1))
    half = net.hold("half", 0.5)
    both = net.add("Mul", [net.add("Add", parts, "sum"), half], "both")
    anomaly = net.resize(both, "upsampled")
    worst = net.add("ReduceMax", [both], "worst", axes=[2, 3], keepdims=0)
    _judged(net, anomaly, worst)
    return _save(path, net.model())


def fastflow(path: Path) -> Path:
    """Normalised in the graph; one coupling step, and minus a likelihood: scores below 0."""
    net = Net("input")
    x = _features(net, net.normalise(net.image))
    found = _run(net, x, tensors())
    mean, spread = found.mean(axis=(0, 2, 3)), found.std(axis=(0, 2, 3)) + 0.05
    less = net.add("Sub", [x, net.hold("norm.mean", mean[None, :, None, None])], "norm/Sub")
    even = net.add("Div", [less, net.hold("norm.std", spread[None, :, None, None])], "norm/Div")
    halves = ["kept", "moved"]
    net.nodes.append(
        helper.make_node("Split", [even, net.hold("halves", [6, 6], np.int64)], halves, axis=1)
    )
    rng = np.random.default_rng(7)
    subnet = net.conv("kept", "subnet", rng.normal(0, 0.1, (6, 6, 1, 1)))
    gain = net.add("Exp", [net.add("Tanh", [subnet], "tanh")], "exp")
    moved = net.add("Mul", ["moved", gain], "coupled")
    z = net.add("Concat", ["kept", moved], "z", axis=1)
    energy = net.add("ReduceMean", [net.add("Mul", [z, z], "z2")], "energy", axes=[1], keepdims=1)
    prob = net.add("Exp", [net.add("Mul", [energy, net.hold("minus_half", -0.5)], "log")], "prob")
    anomaly = net.resize(net.add("Neg", [prob], "negative"), "upsampled")
    worst = net.add("ReduceMax", [anomaly], "worst", axes=[2, 3], keepdims=0)
    _judged(net, anomaly, worst)
    return _save(path, net.model())


def ultralytics(path: Path, *, names: str = "{0: 'bad', 1: 'good'}") -> Path:
    """Classification: `images` 0..1 to `output0`, probabilities of two classes."""
    net = Net("images", 1)
    rng = np.random.default_rng(9)
    x = net.image
    for k, (wide, deep) in enumerate(((3, 8), (8, 16))):
        x = net.conv(x, f"model.{k}/conv", rng.normal(0, 0.3, (deep, wide, 3, 3)), 2, 1)
        x = net.add("Mul", [x, net.add("Sigmoid", [x], f"model.{k}/sigmoid")], f"model.{k}/act")
    pooled = net.add("Flatten", [net.add("GlobalAveragePool", [x], "pool")], "flat", axis=1)
    good, bad = (_run(net, pooled, tensors([make])) for make in (good_part, bad_part))
    spread = np.cov(np.concatenate([good - good.mean(0), bad - bad.mean(0)]).T) + 1e-5 * np.eye(16)
    towards = np.linalg.solve(spread, good.mean(0) - bad.mean(0))
    towards *= 4 / abs(towards @ (good.mean(0) - bad.mean(0)))
    middle = towards @ (good.mean(0) + bad.mean(0)) / 2
    weights = net.hold("linear.weight", np.array([-towards, towards]) / 2)
    bias = net.hold("linear.bias", np.array([middle, -middle]) / 2)
    logits = net.add("Gemm", [pooled, weights, bias], "linear", transB=1)
    net.add("Softmax", [logits], "output0", axis=1)
    net.output("output0", (1, 2))
    model = net.model(opset=17)
    helper.set_model_props(
        model,
        {"description": "Ultralytics YOLOv8n-cls model", "task": "classify", "names": names},
    )
    return _save(path, model)


def planted(path: Path) -> Path:
    """Five convolutions of which /broken alone loses everything in INT8.

    A plane of what it takes is so large that 8 bits have nothing left for the others. The score is
    higher for brighter images.
    """
    net = Net("image", 1)
    weights = np.random.default_rng(4).uniform(0.05, 0.3, (5, 4, 4, 3, 3))
    x = net.add("Relu", [net.conv(net.image, "first", weights[0, :, :3])], "r1")
    x = net.add("Relu", [net.conv(x, "second", weights[1])], "r2")
    large = net.hold("large", np.full((1, 1, SIDE - 4, SIDE - 4), 1e7))
    both = net.add("Concat", [x, large], "both", axis=1)
    wide = np.concatenate([weights[2], np.zeros((4, 1, 3, 3))], axis=1)
    x = net.add("Relu", [net.conv(both, "broken", wide)], "r3")
    x = net.add("Relu", [net.conv(x, "fourth", weights[3])], "r4")
    x = net.conv(x, "last", weights[4])
    net.add("ReduceMean", [x], "score", axes=[1, 2, 3], keepdims=0)
    net.output("score", (1,))
    return _save(path, net.model(opset=17))


def unprovable(path: Path) -> Path:
    """A score that turns round and round with the image's mean: no INT8 form ranks like it."""
    net = Net("image", 1)
    net.conv(net.image, "flat", np.random.default_rng(1).normal(0, 1, (4, 3, 3, 3)))
    net.add("ReduceMean", ["flat"], "mean", axes=[1, 2, 3], keepdims=0)
    net.add("Mul", ["mean", net.hold("large", 1e4)], "turned")
    net.add("Sin", ["turned"], "score")
    net.output("score", (1,))
    return _save(path, net.model(opset=17))


def _patches(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every 4 x 4 square of the pictures, flat."""
    cut = images.reshape(len(images), 3, SIDE // 4, 4, SIDE // 4, 4)
    return np.asarray(cut.transpose(0, 2, 4, 1, 3, 5).reshape(-1, 48))


def _save(path: Path, model: onnx.ModelProto) -> Path:
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path
