"""One INT8 file on trial: its proof, its speed, and what it does to a few frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import Agreement, scores_of
from gonogo.build.judging import Judge
from gonogo.build.proof import REFERENCE, Prover
from gonogo.build.sensitivity import FEW, shift
from gonogo.engines.backends.catalogue import open_backend
from gonogo.engines.backends.choose import RUNS, measure
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from gonogo.build.agreement import Bounds, Scores
    from gonogo.build.forms import Form
    from gonogo.build.proof import ProofSet
    from gonogo.build.sensitivity import Shift
    from gonogo.engines.backends.backend import Backend

SPEEDUP_MIN = 0.97  # of ONNX Runtime; a form below it is kept only for want of a better one

MEASURED = 3  # times at the most: a form that is nearly as fast may be so on a box less busy
NEARLY = 0.85
ROUGHLY = 5  # runs that tell what is plainly slower


class Attempt(NamedTuple):
    """What came of one set of floats: how it agrees, by backend, and by how many frames.

    `speedup`: FP32 time / INT8 time in the reference; 0 where it was not measured. `whole`: False
    where a few frames speak for it and it is so slow that the others were not asked yet.
    """

    floats: tuple[str, ...]
    agreement: dict[str, Agreement]
    speedup: float
    frames: int
    whole: bool = True

    @property
    def proven(self) -> int:
        """In how many backends it agrees."""
        return sum(agreement.ok for agreement in self.agreement.values())

    @property
    def agrees(self) -> bool:
        """Whether it may be used, in the reference at the least."""
        return self.whole and self.agreement[REFERENCE].ok

    def good(self, form: Form) -> bool:
        """Whether it agrees in every backend and is no slower than FP32."""
        fast = not form.runs_here or self.speedup >= SPEEDUP_MIN
        return self.agrees and fast and self.proven == len(self.agreement)

    def table(self) -> dict[str, Any]:
        """As JSON values, but for the floats."""
        proof = {name: agreement.table() for name, agreement in self.agreement.items()}
        return {
            "proof": proof,
            "speedup": self.speedup,
            "frames": self.frames,
            "whole": self.whole,
        }

    @classmethod
    def from_table(cls, floats: tuple[str, ...], table: dict[str, Any], bounds: Bounds) -> Self:
        """What `table` made."""
        agreement = {
            name: Agreement.from_table(kept, bounds) for name, kept in table["proof"].items()
        }
        return cls(floats, agreement, table["speedup"], table["frames"], table["whole"])


class Attempts:
    """INT8 files of one FP32 model, tried one after another; `close` lets its session go."""

    def __init__(self, source: Path, proof: ProofSet, fp32: Scores, bounds: Bounds) -> None:
        self._source, self.bounds = source, bounds
        self._prover = Prover(proof, fp32, bounds)
        few = fp32.few(FEW)
        self._few = [proof.frames[place] for place in few]
        self._few_fp32 = fp32.at(few)
        _, _, height_px, width_px = open_model(source).image.shape
        self._geometry = FrameShape(height_px, width_px, 3)
        self._fp32: Backend | None = None

    def prove(self, model: Path, form: Form, *, whole: bool = False) -> Attempt:
        """How a file of this form agrees, and how fast it is where that counts.

        `whole`: by all frames, also where it is plainly slower than FP32.
        """

        def go_on() -> bool:
            # such a form is taken only for want of a better one, and takes longest to be proven
            return whole or not form.runs_here or self._speedup(model, once=True) >= NEARLY

        proven = self._prover.prove(model, form.proved_in, form.how, go_on)
        # seconds, for a figure that counts only where the form may be used
        timed = proven.whole and proven.agreement[REFERENCE].ok and form.runs_here
        speedup = self._speedup(model) if timed else 0.0
        return Attempt((), proven.agreement, speedup, proven.frames, proven.whole)

    def shift(self, model: Path, form: Form) -> Shift:
        """How much it moves scores and maps of a few frames."""
        with Judge(model, REFERENCE, how=form.how) as asked:
            said = asked(self._few)
        counts = [len(kind) for kind in self._few_fp32[:4]]
        return shift(self._few_fp32, scores_of(counts, said.scores, said.maps))

    def _speedup(self, model: Path, *, once: bool = False) -> float:
        """How many times faster than FP32 the file is in the reference backend; `once`: roughly."""
        if self._fp32 is None:
            self._fp32 = open_backend(REFERENCE, self._source, self._geometry, 1)
        int8 = open_backend(REFERENCE, model, self._geometry, 1)
        speedup = 0.0
        try:
            for _ in range(1 if once else MEASURED):
                # in turns: what else runs on the box slows both alike, or nearly
                taken_ms = measure(
                    {"fp32": self._fp32, "int8": int8}, self._geometry, ROUGHLY if once else RUNS
                )
                speedup = max(speedup, taken_ms["fp32"] / taken_ms["int8"])
                if not NEARLY <= speedup < SPEEDUP_MIN:
                    break
        finally:
            int8.close()
        return speedup

    def close(self) -> None:
        """Unload FP32; idempotent."""
        if self._fp32 is not None:
            self._fp32.close()
            self._fp32 = None
