"""Golden frames: pictures that never change, by which an engine proves that it is still itself.

They show no part: blocks of grey levels from a fixed seed, enough for two different
scores. An engine that answers always the same, or differently from its first start on
this box, is not trusted any more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.errors import BackendError
from gonogo.engines.backends.choose import result_arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.engines.backends.backend import Backend, Outputs
    from gonogo.engines.bundles.manifest import BackendFacts

COUNT = 2  # golden frames a view
TOLERANCE = 1e-3  # of the score: the same arithmetic on the same box
BLOCK_PX = 16


class Golden:
    """The golden frames of a view, bound to its backend behind the ring's own slots."""

    def __init__(self, backend: Backend, first_slot: int, geometry: FrameShape) -> None:
        self._backend = backend
        self._slots = range(first_slot, first_slot + COUNT)
        self._frames = [golden_frame(geometry, seed) for seed in range(COUNT)]
        self._outputs: list[Outputs] = [result_arrays() for _ in self._frames]
        # results go to memory of ours: in the ring they would be answers that nobody asked for
        for slot, frame, outputs in zip(self._slots, self._frames, self._outputs, strict=True):
            backend.bind(slot, frame, outputs)

    def scores(self) -> tuple[float, ...]:
        """The score of each golden frame, now."""
        for slot, outputs in zip(self._slots, self._outputs, strict=True):
            outputs.score[0] = math.nan  # one that writes nothing must not keep its last score
            self._backend.run(slot)
        return tuple(float(outputs.score[0]) for outputs in self._outputs)

    @staticmethod
    def compare(scores: Sequence[float], first: Sequence[float]) -> None:
        """BackendError unless the scores are finite, differ from frame to frame, and are the first.

        Only an engine that gave different scores at its first start must do so now.
        """
        near = all(
            math.isfinite(now) and math.isclose(now, then, rel_tol=TOLERANCE, abs_tol=1e-9)
            for now, then in zip(scores, first, strict=True)
        )
        # scores that differed at first cannot both be near one value: outputs that froze show, too
        if not near:
            raise BackendError(
                f"self-test: the golden frames score {_listed(scores)}, expected {_listed(first)} "
                "as at the first start; the engine is not itself: memory, model file or accelerator"
            )


def prove(
    backend: Backend, slot: int, frames: NDArray[np.uint8], facts: BackendFacts
) -> tuple[float, ...]:
    """The scores of a bundle's own frames; BackendError unless they are those it was made with.

    `frames` uint8 (frames, height, width[, 3]) of the model's size; `slot` is bound for them.
    """
    frame, outputs = np.empty_like(frames[0]), result_arrays()
    backend.bind(slot, frame, outputs)
    scores = []
    for each in frames:
        np.copyto(frame, each)  # into the bound frame: a slot for each would stay in memory
        outputs.score[0] = math.nan
        backend.run(slot)
        scores.append(float(outputs.score[0]))
    if not facts.passes(scores):
        raise BackendError(
            f"self-test: the bundle's frames score {_listed(scores)}, expected "
            f"{_listed(facts.self_test_scores)} within {100 * facts.tolerance:g} %; on this box "
            "it is not the engine that was bundled: another processor or runtime, or a wrong bundle"
        )
    return tuple(scores)


def _listed(scores: Sequence[float]) -> str:
    return ", ".join(f"{score:g}" for score in scores)


def golden_frame(geometry: FrameShape, seed: int) -> NDArray[np.uint8]:
    """A frame of random grey blocks, uint8 of `geometry.shape`; the same for the same seed."""
    rows = -(-geometry.height_px // BLOCK_PX)
    columns = -(-geometry.width_px // BLOCK_PX)
    # numpy may change the stream of a seed with a version (NEP 19); scores are only held against
    # those of a first start on this very box
    small = np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)
    grey = np.kron(small, np.ones((BLOCK_PX, BLOCK_PX), np.uint8))
    grey = grey[: geometry.height_px, : geometry.width_px]
    if geometry.channels == 1:
        return np.ascontiguousarray(grey)
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
