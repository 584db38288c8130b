"""The search for the layers that must stay float, in either INT8 form of an ONNX model.

The forms themselves stand in gonogo.build.forms. What the search has tried it keeps in a
work folder, so that one that was interrupted goes on where it was.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import onnx
import onnxruntime as ort
from onnxruntime.quantization.shape_inference import quant_pre_process

from gonogo.base.errors import ModelError, NotProven
from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import DEFAULT, Agreement, Bounds
from gonogo.build.calibrate import calibrate
from gonogo.build.forms import CPU
from gonogo.build.proof import REFERENCE, prove, score_all
from gonogo.build.work import Work
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import measure
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.build.agreement import Scores
    from gonogo.build.calibrate import Ranges
    from gonogo.build.forms import Form
    from gonogo.build.goodparts import Progress
    from gonogo.build.proof import ProofSet

OPSET_MIN = 13  # per-channel DequantizeLinear
IR_VERSION_MAX = 10  # the newest that ONNX Runtime 1.20 opens
TAIL_TRIED = 4  # trailing convolutions left float before the front is tried as well
SPEEDUP_MIN = 0.97  # of ONNX Runtime; a form below it is kept only for want of a better one
SLOW_TRIED = 4  # that agree but are slow; then the best of them is taken
NEAR = 1.1  # a shorter tail is preferred when it agrees nearly as well as the best
CALIBRATION_FRAMES = 60
_QUIET = 3


class Int8(NamedTuple):
    """An INT8 model that ranks as its FP32 form: what is left float, and the proof.

    `speedup` is FP32 time / INT8 time in the reference backend on this box, one thread;
    0 where it says nothing, for a form that runs elsewhere. `tried`: a line for each attempt.
    """

    model: bytes
    floats: tuple[str, ...]
    convolutions: int
    agreement: dict[str, Agreement]
    speedup: float = 0.0
    tried: tuple[str, ...] = ()

    @property
    def proven(self) -> tuple[str, ...]:
        """Backends in which it may be used."""
        return tuple(name for name, agreement in self.agreement.items() if agreement.ok)

    @property
    def everywhere(self) -> bool:
        """Whether that is every backend it was tried in."""
        return len(self.proven) == len(self.agreement)


class Trial(NamedTuple):
    """How an INT8 form is tried: the frames it is proven on, and what it may differ by.

    `calibration`: frames to calibrate on, uint8 (height, width, 3) at the model's size; left
    out, a mixture of those it is proven on.
    """

    proof: ProofSet
    calibration: Sequence[NDArray[np.uint8]] = ()
    bounds: Bounds = DEFAULT


def _silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


class Int8Search:
    """Tries INT8 forms of one model on a proof set, least float first; `with` cleans up.

    `work`: where finished steps are kept; left out, nowhere beyond the life of this object.
    `progress` is told of the scoring in FP32, which `fp32` holds.
    """

    def __init__(
        self, source: Path, trial: Trial, *, work: Work | None = None, progress: Progress = _silent
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gonogo-int8-")
        self._work = work or Work(Path(self._folder.name) / "work", "")
        # files, for ONNX Runtime's tools and the backends read their models from the disk
        self._prepared = Path(self._folder.name) / "prepared.onnx"
        self._candidate = Path(self._folder.name) / "candidate.onnx"
        self._graph = _prepare(source, self._prepared)
        self._contract = open_model(source)
        self._trial = trial
        self.fp32: Scores = self._work.scores("fp32", lambda: _fp32(source, trial.proof, progress))
        self._last_excess = 0.0
        # in the order of the graph: the first are next to the image, the last make the score
        self._convs = [node.name for node in self._graph.graph.node if node.op_type == "Conv"]

    def __enter__(self) -> Self:
        # its warnings of each model on trial are nothing for the maker of an engine
        ort.set_default_logger_severity(_QUIET)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def find(self, progress: Progress, form: Form = CPU) -> Int8:
        """The first one that agrees everywhere and is no slower; NotProven when none agrees.

        Of the first few that agree in the reference, else, the one for most backends, then
        the fastest: another backend may well be twice as fast.
        """
        if not self._convs:
            raise ModelError("the model has no convolution to quantize; use it as it is")
        # once for all forms and all sets of floats: ranges depend on neither
        ranges = self._ranges(progress)
        agreeing: list[Int8] = []
        tried: list[str] = []
        what = f"proving the {form.name} form"
        self._last_excess = 0.0
        # `_plans` goes on by `_last_excess`: it is set before the next set is asked for
        for done, floats in enumerate(self._plans()):
            progress(what, done, len(self._convs))
            found = self._recalled(form, floats, ranges)
            tried.append(_line(found))
            self._last_excess = found.agreement[REFERENCE].excess  # read by _plans
            if REFERENCE in found.proven:
                agreeing.append(found)
                fast = not form.runs_here or found.speedup >= SPEEDUP_MIN
                if (fast and found.everywhere) or len(agreeing) == SLOW_TRIED:
                    break
        progress(what, len(self._convs), len(self._convs))
        if not agreeing:
            raise NotProven(_refusal(form, tried))
        # for the most backends, then the fastest; as fast as FP32 is fast enough
        best = max(agreeing, key=lambda each: (len(each.proven), min(each.speedup, SPEEDUP_MIN)))
        # again, for the file on trial holds the last one, or came from an earlier run
        model = form.make(self._graph, frozenset(best.floats), ranges)
        return best._replace(model=model, tried=tuple(tried))

    def _ranges(self, progress: Progress) -> Ranges:
        """Measured once for all forms."""
        kept = self._work.recall("calibration")
        if kept is None:
            frames = self._trial.calibration or mixed(self._trial.proof)
            kept = calibrate(self._prepared, self._contract, frames, progress)
            self._work.keep("calibration", kept)
        # a pair comes back from JSON as a list
        return {name: (lowest, highest) for name, (lowest, highest) in kept.items()}

    def _recalled(self, form: Form, floats: frozenset[str], ranges: Ranges) -> Int8:
        """What came of these floats, from an earlier run if it was tried there."""
        in_order = tuple(name for name in self._convs if name in floats)
        # bounds are in it: with others the search of the backends may have ended earlier
        key = self._work.key("tried", form.name, self._trial.bounds, *in_order)
        kept = self._work.recall(key)
        if kept is None:
            kept = self._try(form, floats, ranges)
            self._work.keep(key, kept)
        agreement = {
            name: Agreement.from_table(table, self._trial.bounds)
            for name, table in kept["proof"].items()
        }
        # the model is made for the one that is taken, not for each that was tried
        return Int8(b"", in_order, len(self._convs), agreement, kept["speedup"])

    def _try(self, form: Form, floats: frozenset[str], ranges: Ranges) -> dict[str, object]:
        self._candidate.write_bytes(form.make(self._graph, floats, ranges))
        proof, bounds = self._trial.proof, self._trial.bounds
        found = prove(self._candidate, proof, self.fp32, form.proved_in, bounds)
        # seconds, for a figure that counts only where the form may be used
        timed = found[REFERENCE].ok and form.runs_here
        table = {name: agreement.table() for name, agreement in found.items()}
        return {"proof": table, "speedup": self._speedup() if timed else 0.0}

    def _speedup(self) -> float:
        """How many times faster than FP32 the form on trial is in the reference backend."""
        _, _, height_px, width_px = self._contract.image.shape
        geometry = FrameShape(height_px, width_px, 3)
        files = {"fp32": self._contract.path, "int8": self._candidate}
        # both before either is timed: they run in turns
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
        excess: dict[int, float] = {}
        for tail in range(min(TAIL_TRIED, len(convs) - 1) + 1):
            yield frozenset(convs[len(convs) - tail :])
            # of the set that was just tried: `find` has set it before it asked for more
            excess[tail] = self._last_excess
        # the shortest of the good ones: what stays float costs time
        tail = min(k for k, found in excess.items() if found <= NEAR * min(excess.values()))
        for front in range(1, len(convs) - tail):
            yield frozenset(convs[:front] + convs[len(convs) - tail :])
        # every head was near to none: other heads with more and more of the front
        for other in sorted(set(excess) - {tail}, reverse=True):  # a last resort, in larger steps
            front = 1
            while front < len(convs) - other:
                yield frozenset(convs[:front] + convs[len(convs) - other :])
                front *= 2


def _fp32(source: Path, proof: ProofSet, progress: Progress) -> Scores:
    progress("scoring in FP32", 0, 1)
    scores = score_all(source, REFERENCE, proof)
    progress("scoring in FP32", 1, 1)
    return scores


def mixed(proof: ProofSet) -> list[NDArray[np.uint8]]:
    """Good, varied and defaced frames in turn to calibrate on: a defect must not saturate."""
    # in turns, so that a cut keeps all kinds
    kinds = (proof.good, proof.variants, proof.defaced)
    return [frame for trio in zip(*kinds, strict=False) for frame in trio][:CALIBRATION_FRAMES]


def _prepare(source: Path, prepared: Path) -> onnx.ModelProto:
    """Fold constants, name every node, set versions that every supported runtime opens."""
    model = onnx.load(str(source))
    opset = next(entry for entry in model.opset_import if entry.domain in {"", "ai.onnx"})
    if opset.version < OPSET_MIN:
        model = onnx.version_converter.convert_version(model, 17)
    model.ir_version = min(model.ir_version, IR_VERSION_MAX)
    onnx.save(model, str(prepared))
    # what it warns of goes to the root logger and means nothing to who builds an engine
    quieter = logging.getLogger()
    level = quieter.level
    quieter.setLevel(logging.ERROR)
    try:
        quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    finally:
        quieter.setLevel(level)
    graph = onnx.load(str(prepared))
    for place, node in enumerate(graph.graph.node):
        # layers in float are told by name, and some exporters leave names out
        node.name = node.name or f"{node.op_type}_{place}"
    graph.ir_version = min(graph.ir_version, IR_VERSION_MAX)
    # ONNX Runtime leaves out what a file says of itself: how frames get to its size, for one
    del graph.metadata_props[:]
    graph.metadata_props.extend(model.metadata_props)
    onnx.save(graph, str(prepared))
    return graph


def _line(found: Int8) -> str:
    """One attempt in a table."""
    kept = f"{len(found.floats)} of {found.convolutions} in float"
    return f"{kept:<18} {found.agreement[REFERENCE]}"


def _refusal(form: Form, tried: Sequence[str]) -> str:
    table = "\n".join(f"  {line}" for line in tried)
    return (
        f"no INT8 form of the model ({form.name}) ranks parts as its FP32 form does; give more "
        "good parts, allow a larger loss, or use the FP32 file. Convolutions that were left in "
        f"float, and what came of it in {REFERENCE}:\n{table}"
    )
