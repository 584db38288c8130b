"""Whether an INT8 file still ranks parts as its FP32 form does: the proof, per backend.

A high correlation of raw scores is not enough: on one real model the separation of
good and bad parts fell from 0.905 to 0.575 with the correlation still at 0.95. So
ranks are compared, on good parts, their variants and defaced ones, and so is the
reject limit that follows from the scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.limits import auroc, propose, spearman
from gonogo.engines.backend import BACKENDS, Outputs, open_backend
from gonogo.runtime.errors import MissingExtra, ModelError
from gonogo.runtime.frames import EMBED_MAX, MAP_MAX, FrameShape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

REFERENCE = "onnxruntime"
RANK_MIN = 0.98
LIMIT_SHIFT_MAX = 0.15
SEPARATION_LOSS_MAX = 0.01


class Scores(NamedTuple):
    """float64 scores (parts,) of one model in one backend, by kind of frame."""

    good: NDArray[np.float64]
    variants: NDArray[np.float64]
    defaced: NDArray[np.float64]

    @property
    def all(self) -> NDArray[np.float64]:
        """All of them in a fixed order."""
        return np.concatenate(self)

    @property
    def finite(self) -> bool:
        """Whether every score is a number."""
        return bool(np.isfinite(self.all).all())


class Agreement(NamedTuple):
    """How INT8 scores agree with FP32 scores of the same frames.

    `rank` is Spearman's correlation; `limit_shift` how far the reject limit moved, as a
    share of its distance to the median good part; `separation_loss` how much AUROC of
    defaced against good parts fell (negative when it rose).
    """

    rank: float
    limit_shift: float
    separation_loss: float

    @property
    def ok(self) -> bool:
        """Whether the INT8 file may be used."""
        return (
            self.rank >= RANK_MIN
            and self.limit_shift <= LIMIT_SHIFT_MAX
            and self.separation_loss <= SEPARATION_LOSS_MAX
        )

    def __str__(self) -> str:
        return (
            f"rank correlation {self.rank:.3f} (at least {RANK_MIN}), "
            f"limit shift {self.limit_shift:.2f} (at most {LIMIT_SHIFT_MAX}), "
            f"separation lost {self.separation_loss:.3f} (at most {SEPARATION_LOSS_MAX})"
        )


class ProofSet(NamedTuple):
    """Frames to compare on, each uint8 (height, width, 3) at the model's size."""

    good: Sequence[NDArray[np.uint8]]
    variants: Sequence[NDArray[np.uint8]]
    defaced: Sequence[NDArray[np.uint8]]


def score_all(model: Path, backend: str, proof: ProofSet, threads: int = 1) -> Scores:
    """Scores of every frame of the proof set."""
    return Scores(*(score(model, backend, frames, threads) for frames in proof))


def score(
    model: Path, backend: str, frames: Sequence[NDArray[np.uint8]], threads: int = 1
) -> NDArray[np.float64]:
    """float64 scores (frames,) of frames of one size, uint8 (height, width, 3)."""
    height_px, width_px, channels = frames[0].shape
    pixels = np.empty_like(frames[0])
    result, reals = np.zeros(1), np.zeros(MAP_MAX + EMBED_MAX, np.float32)
    opened = open_backend(backend, model, FrameShape(height_px, width_px, channels), threads)
    try:
        opened.bind(0, pixels, Outputs(result, reals[:MAP_MAX], reals[MAP_MAX:]))
        scores = np.empty(len(frames))
        for k, frame in enumerate(frames):
            np.copyto(pixels, frame)
            opened.run(0)
            scores[k] = result[0]
        return scores
    finally:
        opened.close()


def compare_scores(fp32: Scores, int8: Scores) -> Agreement:
    """Agreement of two models on the same frames; of scores that are not finite, none at all."""
    if not (fp32.finite and int8.finite):
        return Agreement(0.0, np.inf, 1.0)
    lost = _separation(fp32) - _separation(int8)
    return Agreement(spearman(fp32.all, int8.all), _limit_shift(fp32, int8), lost)


def prove(model: Path, proof: ProofSet, fp32: Scores) -> dict[str, Agreement]:
    """Agreement of the INT8 file `model` with the FP32 scores, for each backend present.

    The FP32 scores are those of one backend: a backend that computes something else
    from the very same INT8 file does not agree, either.
    """
    found: dict[str, Agreement] = {}
    for name in BACKENDS:
        agreement = _prove(model, name, proof, fp32)
        if agreement is not None:
            found[name] = agreement
        if REFERENCE in found and not found[REFERENCE].ok:
            break  # of no use: the others need not be asked
    return found


def _prove(model: Path, backend: str, proof: ProofSet, fp32: Scores) -> Agreement | None:
    try:
        return compare_scores(fp32, score_all(model, backend, proof))
    except (MissingExtra, ModelError):
        if backend == REFERENCE:
            raise
        return None


def _separation(scores: Scores) -> float:
    return auroc(np.concatenate([scores.good, scores.variants]), scores.defaced)


def _limit_shift(fp32: Scores, int8: Scores) -> float:
    parts = len(fp32.good)
    before, after = (propose(kind.variants, parts, made=True) for kind in (fp32, int8))
    room = before.reject_above - float(np.median(fp32.variants))
    return abs(after.reject_above - before.reject_above) / max(room, 1e-12)
