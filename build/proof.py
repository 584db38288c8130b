"""Whether an INT8 file still ranks parts as its FP32 form does: the proof, per backend.

Both are asked for scores and maps of the same frames; what is compared of them stands in
gonogo.build.agreement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from gonogo.base.errors import MissingExtra, ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.agreement import DEFAULT, Agreement, Bounds, Scores, compare_scores
from gonogo.engines.backends.backend import Outputs
from gonogo.engines.backends.catalogue import cpu_backends, open_backend
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# always installed, and where FP32 is scored: the others are held against it
REFERENCE: Final = "onnxruntime"


class ProofSet(NamedTuple):
    """Frames to compare on, each uint8 (height, width, 3) at the model's size."""

    good: Sequence[NDArray[np.uint8]]
    variants: Sequence[NDArray[np.uint8]]
    defaced: Sequence[NDArray[np.uint8]]
    bad: Sequence[NDArray[np.uint8]] = ()


class Judged(NamedTuple):
    """What one model said of some frames: float64 scores (n,) and maps, float32 embeddings.

    Maps and embeddings are flat, (n, cells) and (n, length); empty where it has none.
    """

    scores: NDArray[np.float64]
    maps: NDArray[np.float64]
    embeddings: NDArray[np.float32]


def score_all(model: Path, backend: str, proof: ProofSet, threads: int = 1) -> Scores:
    """Scores of every frame of the proof set, and their maps."""
    found = judge(model, backend, [frame for kind in proof for frame in kind], threads)
    ends = np.cumsum([len(kind) for kind in proof])[:-1]
    good, variants, defaced, bad = np.split(found.scores, ends)
    return Scores(good, variants, defaced, bad, found.maps)


def score(
    model: Path, backend: str, frames: Sequence[NDArray[np.uint8]], threads: int = 1
) -> NDArray[np.float64]:
    """float64 scores (frames,) of frames of one size, uint8 (height, width, 3)."""
    return judge(model, backend, frames, threads).scores


def judge(
    model: Path, backend: str, frames: Sequence[NDArray[np.uint8]], threads: int = 1
) -> Judged:
    """All that the model says of frames of one size, uint8 (height, width, 3)."""
    height_px, width_px, channels = frames[0].shape
    # bound once and filled anew, as a slot of the frame ring is
    pixels = np.empty_like(frames[0])
    result, reals = np.zeros(1), np.zeros(MAP_MAX + EMBED_MAX, np.float32)
    opened = open_backend(backend, model, FrameShape(height_px, width_px, channels), threads)
    shapes, cells = opened.shapes, opened.shapes.map_rows * opened.shapes.map_columns
    said = Judged(
        np.empty(len(frames)),
        np.empty((len(frames), cells)),
        np.empty((len(frames), shapes.embedding), np.float32),
    )
    try:
        opened.bind(0, pixels, Outputs(result, reals[:MAP_MAX], reals[MAP_MAX:]))
        for k, frame in enumerate(frames):
            np.copyto(pixels, frame)
            opened.run(0)
            # copied out: the backend writes the next frame's into the same arrays
            said.scores[k] = result[0]
            said.maps[k] = reals[:cells]
            said.embeddings[k] = reals[MAP_MAX:][: shapes.embedding]
        return said
    finally:
        # also where a frame fails: a session holds memory and threads
        opened.close()


def prove(
    model: Path,
    proof: ProofSet,
    fp32: Scores,
    backends: Sequence[str] | None = None,
    bounds: Bounds = DEFAULT,
) -> dict[str, Agreement]:
    """Agreement of the INT8 file `model` with the FP32 scores, for each backend present.

    The FP32 scores are those of one backend: a backend that computes something else
    from the very same INT8 file does not agree, either. `backends`: only these.
    """
    found: dict[str, Agreement] = {}
    # the reference is the first of the catalogue
    for name in cpu_backends() if backends is None else backends:
        scores = _scores(model, name, proof)
        if scores is not None:
            found[name] = compare_scores(fp32, scores, bounds)
        if REFERENCE in found and not found[REFERENCE].ok:
            break  # of no use: the others need not be asked
    return found


def _scores(model: Path, backend: str, proof: ProofSet) -> Scores | None:
    try:
        return score_all(model, backend, proof)
    except (MissingExtra, ModelError):
        # not installed, or not able to run this form: no proof there, and no fault
        if backend == REFERENCE:
            raise
        return None
