"""Whether an INT8 file still ranks parts as its FP32 form does: the proof, per backend.

A high correlation of raw scores is not enough: on one real model the separation of
good and bad parts fell from 0.905 to 0.575 with the correlation still at 0.95. So
ranks are compared, on good parts, their variants, defaced ones and, where there are any,
bad ones; and so are the reject limit that follows from the scores, and the anomaly maps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from gonogo.base.errors import MissingExtra, ModelError
from gonogo.base.frame_shape import FrameShape
from gonogo.build.limits import auroc, propose, ranks, spearman
from gonogo.engines.backends.backend import Outputs
from gonogo.engines.backends.catalogue import BACKENDS, open_backend
from gonogo.ipc.frame_ring import EMBED_MAX, MAP_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from typing_extensions import Self

REFERENCE: Final = "onnxruntime"
RANK_MIN = 0.98
LIMIT_SHIFT_MAX = 0.15
SEPARATION_LOSS_MAX = 0.01
MAP_MIN = 0.9
_QUANTILES = (0.5, 0.75, 0.9)
_NONE: NDArray[Any] = np.zeros(0)
_NO_MAPS: NDArray[Any] = np.zeros((0, 0))


class Bounds(NamedTuple):
    """What INT8 may differ by; `limit_shift_max` is infinite where limits are drawn anew.

    `map_min`: 0 where the map is not judged, as of an engine whose map of a good part is noise.
    """

    loss_max: float = SEPARATION_LOSS_MAX
    limit_shift_max: float = LIMIT_SHIFT_MAX
    map_min: float = MAP_MIN


DEFAULT = Bounds()


class Scores(NamedTuple):
    """float64 scores (parts,) of one model in one backend, by kind of frame.

    `maps`: (parts of all kinds in this order, cells), empty when the model has no map.
    """

    good: NDArray[np.float64]
    variants: NDArray[np.float64]
    defaced: NDArray[np.float64]
    bad: NDArray[np.float64] = _NONE
    maps: NDArray[np.float64] = _NO_MAPS

    @property
    def all(self) -> NDArray[np.float64]:
        """All of them in a fixed order."""
        return np.concatenate(self[:4])

    @property
    def finite(self) -> bool:
        """Whether every score is a number."""
        return bool(np.isfinite(self.all).all())


class Agreement(NamedTuple):
    """How INT8 scores agree with FP32 scores of the same frames.

    `rank` is Spearman's correlation; `limit_shift` how far the reject limit moved, as a
    share of its distance to the median good part; `separation_loss` how much AUROC of
    bad (without any: of defaced) against good parts fell (negative when it rose).
    `correlation` is Pearson's of the scores; `rank_change` the worst change of place of a
    part, as a share of all; `quantile_shift` the largest of good parts, in the unit of
    `limit_shift`; `map_agreement` the median correlation of anomaly maps; `auroc` that of
    bad against good parts in FP32 and in INT8.
    """

    rank: float
    limit_shift: float
    separation_loss: float
    bounds: Bounds = DEFAULT
    correlation: float = 1.0
    rank_change: float = 0.0
    quantile_shift: float = 0.0
    map_agreement: float | None = None
    auroc: tuple[float, float] | None = None

    @property
    def ok(self) -> bool:
        """Whether the INT8 file may be used."""
        return self.excess <= 1

    @property
    def excess(self) -> float:
        """The worst figure as a share of what it may be; above 1 the file may not be used."""
        maps = 1.0 if self.map_agreement is None else self.map_agreement
        return max(
            (1 - self.rank) / (1 - RANK_MIN),
            self.quantile_shift / LIMIT_SHIFT_MAX,
            _share(self.limit_shift, self.bounds.limit_shift_max),
            _share(self.separation_loss, self.bounds.loss_max),
            (1 - maps) / (1 - self.bounds.map_min),
        )

    def __str__(self) -> str:
        agreement = self.map_agreement
        maps = (
            ""
            if agreement is None
            else f", maps {agreement:.3f} (at least {self.bounds.map_min:g})"
        )
        of = "made defects" if self.auroc is None else "bad parts"
        return (
            f"rank correlation {self.rank:.3f} (at least {RANK_MIN}), "
            f"quantile shift {self.quantile_shift:.2f} (at most {LIMIT_SHIFT_MAX}), "
            f"limit shift {self.limit_shift:.2f} (at most {self.bounds.limit_shift_max:g}), "
            f"AUROC of {of} lost {self.separation_loss:.4f} (at most {self.bounds.loss_max:g})"
            f"{maps}"
        )

    def table(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {name: value for name, value in self._asdict().items() if name != "bounds"}

    @classmethod
    def from_table(cls, table: dict[str, Any], bounds: Bounds) -> Self:
        """What `table` made."""
        pair = table["auroc"]
        whole = {"bounds": bounds, "auroc": None if pair is None else (pair[0], pair[1])}
        return cls(**{**table, **whole})


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
            said.scores[k] = result[0]
            said.maps[k] = reals[:cells]
            said.embeddings[k] = reals[MAP_MAX:][: shapes.embedding]
        return said
    finally:
        opened.close()


def compare_scores(fp32: Scores, int8: Scores, bounds: Bounds = DEFAULT) -> Agreement:
    """Agreement of two models on the same frames; of scores that are not finite, none at all."""
    if not (fp32.finite and int8.finite):
        return Agreement(0.0, np.inf, 1.0, bounds, correlation=0.0, rank_change=1.0)
    pair = (_separation(fp32), _separation(int8))
    room = _room(fp32)
    return Agreement(
        spearman(fp32.all, int8.all),
        _limit_shift(fp32, int8) / room,
        pair[0] - pair[1],
        bounds,
        correlation=_correlation(fp32.all, int8.all),
        rank_change=float(np.abs(ranks(fp32.all) - ranks(int8.all)).max()) / len(fp32.all),
        quantile_shift=_quantile_shift(fp32, int8) / room,
        map_agreement=_map_agreement(fp32.maps, int8.maps),
        auroc=pair if len(fp32.bad) else None,
    )


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
    for name in BACKENDS if backends is None else backends:
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
        if backend == REFERENCE:
            raise
        return None


def _share(value: float, allowed: float) -> float:
    """Of what is allowed; where nothing is, any value above 0 is too much."""
    if value <= 0:
        return 0.0
    return value / allowed if allowed else np.inf


def _separation(scores: Scores) -> float:
    if len(scores.bad):
        return auroc(scores.good, scores.bad)
    return auroc(np.concatenate([scores.good, scores.variants]), scores.defaced)


def _reject_above(scores: Scores) -> float:
    return propose(scores.variants, len(scores.good), made=True).reject_above


def _room(fp32: Scores) -> float:
    """From the median good part to the reject limit."""
    return max(_reject_above(fp32) - float(np.median(fp32.variants)), 1e-12)


def _limit_shift(fp32: Scores, int8: Scores) -> float:
    return abs(_reject_above(int8) - _reject_above(fp32))


def _quantile_shift(fp32: Scores, int8: Scores) -> float:
    before, after = (
        np.quantile(np.concatenate([kind.good, kind.variants]), _QUANTILES) for kind in (fp32, int8)
    )
    return float(np.abs(after - before).max())


def _correlation(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Pearson's; of two that are both constant 1, of one that is 0."""
    a, b = (np.asarray(values - values.mean(), np.float64) for values in (first, second))
    sizes = float(a @ a), float(b @ b)
    if not all(sizes):
        return 1.0 if sizes == (0.0, 0.0) else 0.0
    return float(a @ b) / float(np.sqrt(sizes[0] * sizes[1]))


def _map_agreement(fp32: NDArray[np.float64], int8: NDArray[np.float64]) -> float | None:
    if not fp32.size or not int8.size:
        return None
    return float(np.median([_correlation(a, b) for a, b in zip(fp32, int8, strict=True)]))
