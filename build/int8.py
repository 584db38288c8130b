"""The INT8 form of an ONNX model for CPUs, and the search for the layers that must stay float.

The form, found by profiling: explicit Q/DQ, UINT8 asymmetric activations, INT8 weights
per channel; Conv with its Relu, and MaxPool and Concat between quantized convolutions.
AveragePool stays float (as QLinearAveragePool it takes ten times longer in ONNX
Runtime), and so does everything behind the last quantized convolution. A uint8 image
goes into the first convolution as it is, without a detour through float.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from gonogo.build.proof import RANK_MIN, REFERENCE, prove, score_all
from gonogo.engines.backend import open_backend
from gonogo.engines.choose import measure
from gonogo.engines.preprocess import Preprocess, aligned
from gonogo.runtime.errors import ModelError
from gonogo.runtime.frames import FrameShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.build.goodparts import Progress
    from gonogo.build.proof import Agreement, ProofSet, Scores
    from gonogo.engines.model import Contract

OPSET_MIN = 13  # per-channel DequantizeLinear
IR_VERSION_MAX = 10  # the newest that ONNX Runtime 1.20 opens
TAIL_TRIED = 4  # trailing convolutions left float before the front is tried as well
SPEEDUP_MIN = 0.97  # of ONNX Runtime; a form below it is kept only for want of a better one
SLOW_TRIED = 4
RANK_NEAR = 0.005  # a shorter tail is preferred when it ranks as well as this
CALIBRATION_FRAMES = 60
_FOLLOWING = ("Relu", "MaxPool", "Concat")
_QUANTIZED = ("Conv", *_FOLLOWING)
_QUIET = 3


class Int8(NamedTuple):
    """An INT8 model that ranks as its FP32 form: what is left float, and the proof.

    `speedup` is FP32 time / INT8 time in the reference backend on this box, one thread.
    """

    model: bytes
    floats: tuple[str, ...]
    convolutions: int
    agreement: dict[str, Agreement]
    speedup: float = 0.0

    @property
    def proven(self) -> tuple[str, ...]:
        """Backends in which it may be used."""
        return tuple(name for name, agreement in self.agreement.items() if agreement.ok)


class Int8Search:
    """Tries INT8 forms of one model on a proof set, least float first; `with` cleans up."""

    def __init__(self, source: Path, contract: Contract, proof: ProofSet) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gonogo-int8-")
        self._work = Path(self._folder.name)
        self._prepared = self._work / "prepared.onnx"
        self._trial = self._work / "trial.onnx"
        self._graph = _prepare(source, self._prepared)
        self._contract = contract
        self._proof = proof
        self._calibration = _calibration(contract, proof)
        self.fp32: Scores = score_all(source, REFERENCE, proof)
        self._last_rank = 0.0
        self._convs = [node.name for node in self._graph.graph.node if node.op_type == "Conv"]

    def __enter__(self) -> Self:
        ort.set_default_logger_severity(_QUIET)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def find(self, progress: Progress) -> Int8:
        """The first form that agrees with FP32 and is no slower; ModelError when none agrees.

        Of forms that agree but are all slower, the fastest of the first few.
        """
        if not self._convs:
            raise ModelError("the model has no convolution to quantize; use it as it is")
        agreeing: list[Int8] = []
        closest = 0.0
        for done, floats in enumerate(self._plans()):
            progress("proving INT8 forms", done, len(self._convs))
            tried = self._try(floats)
            self._last_rank = tried.agreement[REFERENCE].rank
            closest = max(closest, self._last_rank)
            if REFERENCE in tried.proven:
                agreeing.append(tried._replace(speedup=self._speedup()))
                if agreeing[-1].speedup >= SPEEDUP_MIN or len(agreeing) == SLOW_TRIED:
                    break
        progress("proving INT8 forms", len(self._convs), len(self._convs))
        if not agreeing:
            raise ModelError(
                f"no INT8 form of the model ranks parts as its FP32 form does (rank correlation "
                f"{closest:.3f} at best, expected at least {RANK_MIN}); use the FP32 file, or "
                "give more good parts"
            )
        return max(agreeing, key=lambda form: min(form.speedup, SPEEDUP_MIN))

    def _speedup(self) -> float:
        """How many times faster than FP32 the form on trial is in the reference backend."""
        _, _, height_px, width_px = self._contract.image.shape
        geometry = FrameShape(height_px, width_px, 3)
        files = {"fp32": self._contract.path, "int8": self._trial}
        opened = {form: open_backend(REFERENCE, path, geometry, 1) for form, path in files.items()}
        try:
            taken_ms = measure(opened, geometry)
        finally:
            for backend in opened.values():
                backend.close()
        return taken_ms["fp32"] / taken_ms["int8"]

    def _plans(self) -> Iterator[frozenset[str]]:
        """Sets of convolutions to leave float: more and more of the head, then of the front.

        What is quantized stays in one piece: each seam costs more than a layer saves.
        """
        convs = self._convs
        ranks: dict[int, float] = {}
        for tail in range(min(TAIL_TRIED, len(convs) - 1) + 1):
            yield frozenset(convs[len(convs) - tail :])
            ranks[tail] = self._last_rank
        near = [tail for tail, rank in ranks.items() if rank >= max(ranks.values()) - RANK_NEAR]
        tail = min(near)
        for front in range(1, len(convs) - tail):
            yield frozenset(convs[:front] + convs[len(convs) - tail :])

    def _try(self, floats: frozenset[str]) -> Int8:
        quantized = _quantizable(self._graph, floats)
        quantize_static(
            str(self._prepared),
            str(self._trial),
            _Reader(self._contract.image.name, self._calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_quantize=quantized,
            op_types_to_quantize=list(_QUANTIZED),
        )
        model = onnx.load(str(self._trial))
        _take_uint8_as_it_is(model)
        self._trial.write_bytes(model.SerializeToString())
        agreement = prove(self._trial, self._proof, self.fp32)
        floats_in_order = tuple(name for name in self._convs if name in floats)
        return Int8(self._trial.read_bytes(), floats_in_order, len(self._convs), agreement)


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped base
    """Feeds calibration tensors, once."""

    def __init__(self, name: str, tensors: Sequence[NDArray[np.generic]]) -> None:
        self._name = name
        self._rest = iter(tensors)

    def get_next(self) -> dict[str, NDArray[np.generic]] | None:
        """The next input, or None at the end."""
        tensor = next(self._rest, None)
        return None if tensor is None else {self._name: tensor}


def _prepare(source: Path, prepared: Path) -> onnx.ModelProto:
    """Fold constants, name every node, set versions that every supported runtime opens."""
    model = onnx.load(str(source))
    opset = next(entry for entry in model.opset_import if entry.domain in {"", "ai.onnx"})
    if opset.version < OPSET_MIN:
        model = onnx.version_converter.convert_version(model, 17)
    model.ir_version = min(model.ir_version, IR_VERSION_MAX)
    onnx.save(model, str(prepared))
    quieter = logging.getLogger()
    level = quieter.level
    quieter.setLevel(logging.ERROR)
    try:
        quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    finally:
        quieter.setLevel(level)
    graph = onnx.load(str(prepared))
    for place, node in enumerate(graph.graph.node):
        node.name = node.name or f"{node.op_type}_{place}"
    graph.ir_version = min(graph.ir_version, IR_VERSION_MAX)
    onnx.save(graph, str(prepared))
    return graph


def _quantizable(model: onnx.ModelProto, floats: frozenset[str]) -> list[str]:
    """Names of the nodes to quantize when the convolutions `floats` are not."""
    nodes = list(model.graph.node)
    made_by = {output: node for node in nodes for output in node.output}
    chosen: set[str] = set()
    for node in nodes:
        behind = [made_by.get(name) for name in node.input]
        follows = all(one is not None and one.name in chosen for one in behind)
        is_conv = node.op_type == "Conv" and node.name not in floats
        if is_conv or (node.op_type in _FOLLOWING and follows):
            chosen.add(node.name)
    useful = _leads_on(nodes, chosen)
    return [n.name for n in nodes if n.name in chosen and (n.op_type == "Conv" or n.name in useful)]


def _leads_on(nodes: Sequence[onnx.NodeProto], chosen: set[str]) -> set[str]:
    """Chosen nodes worth it: Relus, and MaxPool and Concat with a quantized Conv behind them."""
    wanted: set[str] = set()  # tensors that some quantized convolution is made of
    useful = set()
    for node in reversed(nodes):
        leads = any(output in wanted for output in node.output)
        if node.name in chosen and (node.op_type == "Conv" or leads):
            wanted.update(node.input)
            useful.add(node.name)
        elif node.name in chosen and node.op_type == "Relu":
            useful.add(node.name)
    return useful


def _take_uint8_as_it_is(model: onnx.ModelProto) -> None:
    """Cast uint8 -> float, QuantizeLinear, DequantizeLinear: to one DequantizeLinear of scale 1."""
    graph = model.graph
    image = graph.input[0]
    if image.type.tensor_type.elem_type != TensorProto.UINT8:
        return
    cast = next((n for n in graph.node if n.op_type == "Cast" and n.input[0] == image.name), None)
    behind = [n for n in graph.node if cast is not None and cast.output[0] in n.input]
    steps = [n for n in behind if n.op_type == "QuantizeLinear"]
    if cast is None or len(steps) != 1:
        return
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] == steps[0].output[0]:
            node.input[:] = [image.name, "image_scale", "image_zero"]
    graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), "image_scale"))
    graph.initializer.append(numpy_helper.from_array(np.array(0, np.uint8), "image_zero"))
    graph.node.remove(steps[0])
    if len(behind) == 1:
        graph.node.remove(cast)
    used = {name for node in graph.node for name in node.input}
    for spare in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(spare)


def _calibration(contract: Contract, proof: ProofSet) -> list[NDArray[np.generic]]:
    """Input tensors of good, varied and defaced frames in turn: a defect must not saturate."""
    _, channels, height_px, width_px = contract.image.shape
    frames = [frame for trio in zip(*proof, strict=False) for frame in trio][:CALIBRATION_FRAMES]
    prepare = Preprocess(FrameShape(height_px, width_px, 3), channels, height_px, width_px)
    tensors: list[NDArray[np.generic]] = []
    for frame in frames:
        tensor = aligned(contract.image.shape, contract.dtype)
        prepare.into(frame, tensor)
        tensors.append(tensor)
    return tensors
