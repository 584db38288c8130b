"""Whether an INT8 file still ranks parts as its FP32 form does: the proof, per backend.

Both are asked for scores and maps of the same frames; what is compared of them stands in
gonogo.build.agreement.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from gonogo.base.errors import MissingExtra, ModelError
from gonogo.build.agreement import DEFAULT, Agreement, Bounds, Scores, compare_scores, scores_of
from gonogo.build.judging import Judge, Judged, joined, silent
from gonogo.engines.backends.catalogue import cpu_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.judging import Open

# always installed, and where FP32 is scored: the others are held against it
REFERENCE: Final = "onnxruntime"
FEW = 12  # frames of each kind that are scored first


class ProofSet(NamedTuple):
    """Frames to compare on, each uint8 (height, width, 3) at the model's size."""

    good: Sequence[NDArray[np.uint8]]
    variants: Sequence[NDArray[np.uint8]]
    defaced: Sequence[NDArray[np.uint8]]
    bad: Sequence[NDArray[np.uint8]] = ()

    @property
    def frames(self) -> list[NDArray[np.uint8]]:
        """All of them, in the order of `Scores.all`."""
        return [frame for kind in self for frame in kind]

    def split(self, said: Judged) -> Scores:
        """What was said of all frames, by kind."""
        return scores_of([len(kind) for kind in self], said.scores, said.maps)


def score_all(
    model: Path,
    backend: str,
    proof: ProofSet,
    threads: int = 1,
    told: Callable[[int, int], None] = silent,
) -> Scores:
    """Scores of every frame of the proof set, and their maps; `told` hears how far it is."""
    with Judge(model, backend, threads) as asked:
        return proof.split(asked(proof.frames, told))


def score(
    model: Path, backend: str, frames: Sequence[NDArray[np.uint8]], threads: int = 1
) -> NDArray[np.float64]:
    """float64 scores (frames,) of frames of one size, uint8 (height, width, 3)."""
    return judge(model, backend, frames, threads).scores


def judge(
    model: Path, backend: str, frames: Sequence[NDArray[np.uint8]], threads: int = 1
) -> Judged:
    """All that the model says of frames of one size, uint8 (height, width, 3)."""
    with Judge(model, backend, threads) as asked:
        return asked(frames)


class Proven(NamedTuple):
    """How a form agrees, by backend; `frames`: how many said so, fewer than all if hopeless.

    `whole`: False where it was given up for another reason.
    """

    agreement: dict[str, Agreement]
    frames: int
    whole: bool = True


def _always() -> bool:
    return True


class Prover:
    """Holds INT8 files against the FP32 scores of the same frames, a few frames first.

    The FP32 scores are those of one backend: a backend that computes something else
    from the very same INT8 file does not agree, either.
    """

    def __init__(self, proof: ProofSet, fp32: Scores, bounds: Bounds = DEFAULT) -> None:
        self._frames = proof.frames
        self._fp32, self._bounds = fp32, bounds
        few = fp32.few(FEW)
        ends = np.cumsum([len(kind) for kind in fp32[:4]])
        parts = np.r_[0 : ends[0], ends[2] : ends[3]]
        rest = np.arange(ends[3])
        # a few of each; what is left of the parts; of what was made of them
        self._stages = (
            few,
            np.setdiff1d(parts, few),
            np.setdiff1d(np.setdiff1d(rest, few), parts),
        )

    def prove(
        self,
        model: Path,
        backends: Sequence[str] | None = None,
        how: Open | None = None,
        go_on: Callable[[], bool] = _always,
    ) -> Proven:
        """The INT8 file `model` in the reference, and where it agrees there in the others.

        `backends`: only these; left out, each that is installed. `how`: as of Judge, for the
        reference. `go_on`: asked once, where a few frames speak for it.
        """
        found, frames, whole = self._judged(model, REFERENCE, how, go_on)
        proven = {REFERENCE: found}
        if found.ok and whole:
            others = cpu_backends() if backends is None else backends
            for name in (one for one in others if one != REFERENCE):
                with contextlib.suppress(MissingExtra, ModelError):
                    # not installed, or not able to run this form: no proof there, and no fault
                    proven[name] = self._judged(model, name)[0]
        return Proven(proven, frames, whole)

    def _judged(
        self,
        model: Path,
        backend: str,
        how: Open | None = None,
        go_on: Callable[[], bool] = _always,
    ) -> tuple[Agreement, int, bool]:
        """By as many frames as it takes to refuse it, or by all; False: it was given up."""
        places, parts, whole = np.zeros(0, np.intp), [], True
        with Judge(model, backend, how=how) as asked:
            for stage in self._stages:
                if not len(stage):
                    continue
                parts.append(asked([self._frames[k] for k in stage]))
                places = np.concatenate([places, stage])
                agreement = self._so_far(places, joined(parts))
                if self._refused(agreement, stage):
                    break
                if stage is self._stages[0] and len(stage) < len(self._frames) and not go_on():
                    whole = False
                    break
        return agreement, len(places), whole

    def _so_far(self, places: NDArray[np.intp], said: Judged) -> Agreement:
        order = np.argsort(places)
        fp32 = self._fp32.at(places[order])
        counts = [len(kind) for kind in fp32[:4]]
        int8 = scores_of(counts, said.scores[order], said.maps[order])
        return compare_scores(fp32, int8, self._bounds)

    def _refused(self, agreement: Agreement, stage: NDArray[np.intp]) -> bool:
        """Whether the other frames need not be asked."""
        # with all good and bad parts what AUROC loses is known, and it stands
        lost = stage is self._stages[1] and agreement.separation_loss > self._bounds.loss_max
        return agreement.hopeless or (lost and len(self._fp32.bad) > 0)
