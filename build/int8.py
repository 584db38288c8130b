"""The search for the layers that must stay float, in either INT8 form of an ONNX model.

The forms themselves stand in gonogo.build.forms, the sets in the order in which they are tried in
gonogo.build.plans. What the search has tried it keeps in a work folder, so that one that was
interrupted goes on where it was.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import onnxruntime as ort

from gonogo.base.errors import BudgetSpent, ModelError, NotProven
from gonogo.build.agreement import DEFAULT, Agreement, Bounds
from gonogo.build.attempt import Attempts
from gonogo.build.budget import Budget
from gonogo.build.calibrate import calibrate
from gonogo.build.forms import CPU
from gonogo.build.fp32 import score_fp32
from gonogo.build.listed import SHOWN
from gonogo.build.prepared import prepare
from gonogo.build.proof import REFERENCE
from gonogo.build.search import FormSearch
from gonogo.build.work import Work
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    from gonogo.build.agreement import Scores
    from gonogo.build.attempt import Attempt
    from gonogo.build.calibrate import Ranges
    from gonogo.build.forms import Form
    from gonogo.build.goodparts import Progress
    from gonogo.build.proof import ProofSet

CALIBRATION_FRAMES = 60
_QUIET = 3


class Int8(NamedTuple):
    """An INT8 model that ranks as its FP32 form: what is left float, and the proof.

    `speedup` is FP32 time / INT8 time in the reference backend on this box, one thread;
    0 where it says nothing, for a form that runs elsewhere. `tried`: a line for each attempt.
    `remark`: what its maker should know of the search.
    """

    model: bytes
    floats: tuple[str, ...]
    convolutions: int
    agreement: dict[str, Agreement]
    speedup: float = 0.0
    tried: tuple[str, ...] = ()
    remark: str = ""

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
        # its warnings of each model on trial are nothing for the maker of an engine
        ort.set_default_logger_severity(_QUIET)
        self._folder = tempfile.TemporaryDirectory(prefix="gonogo-int8-")
        self._work = work or Work(Path(self._folder.name) / "work", "")
        self._source, self._trial = source, trial
        self.fp32: Scores = score_fp32(source, trial.proof, self._work, progress)
        # files, for ONNX Runtime's tools and the backends read their models from the disk
        self._prepared = Path(self._folder.name) / "prepared.onnx"
        self._candidate = Path(self._folder.name) / "candidate.onnx"
        self._graph = prepare(source, self._prepared)
        self._attempts = Attempts(source, trial.proof, self.fp32, trial.bounds)
        # in the order of the graph: the first are next to the image, the last make the score
        self._convs = [node.name for node in self._graph.graph.node if node.op_type == "Conv"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._attempts.close()
        self._folder.cleanup()

    def find(self, progress: Progress, form: Form = CPU, budget: Budget | None = None) -> Int8:
        """The first one that agrees everywhere and is no slower; NotProven when none agrees.

        Of the first few that agree in the reference, else, the one for most backends, then
        the fastest: another backend may well be twice as fast. At the end of `budget` the best
        so far; BudgetSpent when there is none.
        """
        if not self._convs:
            raise ModelError("the model has no convolution to quantize; use it as it is")
        # once for all forms and all sets of floats: ranges depend on neither
        ranges = self._ranges(progress)

        made: frozenset[str] | None = None

        def make(floats: frozenset[str]) -> Path:
            nonlocal made
            self._candidate.write_bytes(form.quantized(self._graph, floats, ranges))
            made = floats
            return self._candidate

        search = FormSearch(form, self._convs, make, self._attempts, self._work)
        best = search.run(progress, budget or Budget())
        tried = tuple(_line(one, len(self._convs)) for one in search.tried)
        if best is None:
            refusal = BudgetSpent if search.unfinished else NotProven
            raise refusal(_refusal(form, tried, unfinished=search.unfinished))
        floats = frozenset(best.floats)
        if made != floats:  # the file on trial holds another one, or it came from an earlier run
            make(floats)
        model = self._candidate.read_bytes()
        return Int8(
            model,
            best.floats,
            len(self._convs),
            best.agreement,
            best.speedup,
            tried,
            _remark(form, len(tried)) if search.unfinished else "",
        )

    def _ranges(self, progress: Progress) -> Ranges:
        """Measured once for all forms."""
        kept = self._work.recall("calibration")
        if kept is None:
            frames = self._trial.calibration or mixed(self._trial.proof)
            kept = calibrate(self._prepared, open_model(self._source), frames, progress)
            self._work.keep("calibration", kept)
        # a pair comes back from JSON as a list
        return {name: (lowest, highest) for name, (lowest, highest) in kept.items()}


def mixed(proof: ProofSet) -> list[NDArray[np.uint8]]:
    """Good, varied and defaced frames in turn to calibrate on: a defect must not saturate."""
    # in turns, so that a cut keeps all kinds
    kinds = (proof.good, proof.variants, proof.defaced)
    return [frame for trio in zip(*kinds, strict=False) for frame in trio][:CALIBRATION_FRAMES]


def _line(one: Attempt, convolutions: int) -> str:
    """One attempt in a table."""
    kept = f"{len(one.floats)} of {convolutions} in float"
    return f"{kept:<18} {one.agreement[REFERENCE]}, by {one.frames} frames"


def _remark(form: Form, tried: int) -> str:
    return (
        f"the search of the {form.name} form ended with its time after {tried} sets of layers: "
        "more time (--budget) may leave fewer of them in float, or find a faster set"
    )


def _refusal(form: Form, tried: Sequence[str], *, unfinished: bool) -> str:
    # the first and the last: where it began, and what most in float came to
    half = SHOWN // 2
    left_out = len(tried) - SHOWN
    shown = [*tried[:half], f"... {left_out} more ...", *tried[-half:]] if left_out > 0 else tried
    table = "\n".join(f"  {line}" for line in shown)
    what = f"no INT8 form of the model ({form.name}) ranks parts as its FP32 form does"
    why = (
        "in the time that the search was given (--budget); more time tries further sets, or "
        if unfinished
        else "; "
    )
    return (
        f"{what}{' ' if unfinished else ''}{why}give more good parts, allow a larger loss, or use "
        f"the FP32 file. Convolutions that were left in float, and what came of it in "
        f"{REFERENCE}:\n{table}"
    )
