"""How the scores of an INT8 file agree with those of its FP32 form on the same frames.

A high correlation of raw scores is not enough: on one real model the separation of
good and bad parts fell from 0.905 to 0.575 with the correlation still at 0.95. So
ranks are compared, on good parts, their variants, defaced ones and, where there are any,
bad ones; and so are the reject limit that follows from the scores, and the anomaly maps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gonogo.build.limits import auroc, propose, ranks, spearman

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from typing_extensions import Self

RANK_MIN = 0.98  # of Spearman's correlation over all frames
LIMIT_SHIFT_MAX = 0.15  # of the way from the median good part to the reject limit
SEPARATION_LOSS_MAX = 0.01  # of AUROC
MAP_MIN = 0.9  # median correlation of the maps
# of a few frames: so far outside that the others cannot bring it back
HOPELESS = 2.0  # of what is allowed
HOPELESS_LOSS = 0.1  # of AUROC: a single pair of ten good and ten bad ones is 0.01 already
# where limits are drawn from
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
    rank_min: float = RANK_MIN


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

    def few(self, of_each: int) -> NDArray[np.intp]:
        """Places in `all` of at most so many of each kind, spread evenly."""
        starts = np.cumsum([0, *(len(kind) for kind in self[:3])])
        places = [
            start + np.unique(np.linspace(0, len(kind) - 1, min(of_each, len(kind))).astype(int))
            for start, kind in zip(starts, self[:4], strict=True)
        ]
        return np.concatenate(places).astype(np.intp)

    def at(self, places: NDArray[np.intp]) -> Scores:
        """Only those at these places in `all`, which rise."""
        ends = np.searchsorted(places, np.cumsum([len(kind) for kind in self[:4]]))
        maps = self.maps[places] if len(self.maps) else self.maps
        return scores_of(np.diff(ends, prepend=0).tolist(), self.all[places], maps)


def scores_of(
    counts: Sequence[int], scores: NDArray[np.float64], maps: NDArray[np.float64]
) -> Scores:
    """Scores of frames in a row by kind, of which there are so many each."""
    good, variants, defaced, bad = np.split(scores, np.cumsum(counts)[:-1])
    return Scores(good, variants, defaced, bad, maps)


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
            (1 - self.rank) / (1 - self.bounds.rank_min),
            self.quantile_shift / LIMIT_SHIFT_MAX,
            _share(self.limit_shift, self.bounds.limit_shift_max),
            _share(self.separation_loss, self.bounds.loss_max),
            (1 - maps) / (1 - self.bounds.map_min),
        )

    @property
    def hopeless(self) -> bool:
        """Whether figures of a few frames say that those of all will not do: far outside."""
        room = self._replace(separation_loss=self.separation_loss - HOPELESS_LOSS)
        return room.excess > HOPELESS

    def __str__(self) -> str:
        agreement = self.map_agreement
        maps = (
            ""
            if agreement is None
            else f", maps {agreement:.3f} (at least {self.bounds.map_min:g})"
        )
        of = "made defects" if self.auroc is None else "bad parts"
        return (
            f"rank correlation {self.rank:.3f} (at least {self.bounds.rank_min:g}), "
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


def compare_scores(fp32: Scores, int8: Scores, bounds: Bounds = DEFAULT) -> Agreement:
    """Agreement of two models on the same frames; of scores that are not finite, none at all."""
    if not (fp32.finite and int8.finite):
        # as bad as can be, so that it is refused whatever the bounds are
        return Agreement(0.0, np.inf, 1.0, bounds, correlation=0.0, rank_change=1.0)
    pair = (_separation(fp32), _separation(int8))
    # both shifts in one unit, that of the decision and not of the model
    room = _room(fp32)
    return Agreement(
        spearman(fp32.all, int8.all),
        _limit_shift(fp32, int8) / room,
        pair[0] - pair[1],
        bounds,
        correlation=correlation(fp32.all, int8.all),
        rank_change=float(np.abs(ranks(fp32.all) - ranks(int8.all)).max()) / len(fp32.all),
        quantile_shift=_quantile_shift(fp32, int8) / room,
        map_agreement=_map_agreement(fp32.maps, int8.maps),
        auroc=pair if len(fp32.bad) else None,
    )


def _share(value: float, allowed: float) -> float:
    """Of what is allowed; where nothing is, any value above 0 is too much."""
    if value <= 0:
        return 0.0
    # a loss of nothing may be asked for
    return value / allowed if allowed else np.inf


def _separation(scores: Scores) -> float:
    if len(scores.bad):
        return auroc(scores.good, scores.bad)
    # variants are good parts: a form that takes them for defects has lost something
    return auroc(np.concatenate([scores.good, scores.variants]), scores.defaced)


def _reject_above(scores: Scores) -> float:
    # by the very rule that will draw it; variants, for good parts may have been fitted to
    return propose(scores.variants, len(scores.good)).reject_above


def _room(fp32: Scores) -> float:
    """From the median good part to the reject limit."""
    middle = float(np.median(fp32.variants))
    # all scores may be the same, and those that differ may be tiny
    least = max(1e-12 * abs(middle), float(np.finfo(np.float64).tiny))
    return max(_reject_above(fp32) - middle, least)


def _limit_shift(fp32: Scores, int8: Scores) -> float:
    return abs(_reject_above(int8) - _reject_above(fp32))


def _quantile_shift(fp32: Scores, int8: Scores) -> float:
    before, after = (
        np.quantile(np.concatenate([kind.good, kind.variants]), _QUANTILES) for kind in (fp32, int8)
    )
    return float(np.abs(after - before).max())


def correlation(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Pearson's; of two that are both constant 1, of one that is 0."""
    a, b = (np.asarray(values - values.mean(), np.float64) for values in (first, second))
    sizes = float(a @ a), float(b @ b)
    if not all(sizes):
        return 1.0 if sizes == (0.0, 0.0) else 0.0
    return float(a @ b) / float(np.sqrt(sizes[0] * sizes[1]))


def _map_agreement(fp32: NDArray[np.float64], int8: NDArray[np.float64]) -> float | None:
    if not fp32.size or not int8.size:
        return None
    # part by part: over all of them a few bright ones would decide
    return float(np.median([correlation(a, b) for a, b in zip(fp32, int8, strict=True)]))
