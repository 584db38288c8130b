"""What the hours after commissioning had in common, and how each later hour differs from them.

All statistics are of whole hours, and their sigma is the one between the hours of the reference:
the parts of an hour resemble each other more than hours do, and with the sigma within an hour
nearly every hour would be an alarm.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.records.drift.ewma import Ewma, baseline
from gonogo.records.drift.fourier import mmd2
from gonogo.records.drift.laney import laney
from gonogo.records.drift.part import Looks, Signal
from gonogo.records.drift.summary import SHARES, at, mean_looks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.records.drift.laney import Laney
    from gonogo.records.drift.part import PartId
    from gonogo.records.drift.summary import Summary

HOURS = 160  # of production, before anything is judged: forty lots of four hours, ten days of 16 h
ENOUGH = 0.5  # share of these hours that a signal must have been known in
TENTHS = 10
BINS = 20  # of the histogram of scores, each with as many of the reference's
SHOWN = 0.95  # the quantile of the trade's chart
MOST_REJECTS = 2.5  # sigmas of one hour that count: one jam is no drift, hours of it are
REACHED = 0.9  # of that the weighted mean of such hours comes to, sooner or later
LEAST_SHARE = 0.005  # of parts: how much the rejects of hours may always differ
_LEAST = 1e-12  # of a divergence, before its logarithm
ODDEST = 4  # places of a frame: a speck covers some, and one alone may be an edge that moved
LEAST_PLACE = 0.002  # of its light: how much a place may always differ

ONE_SIDED = frozenset({Signal.EMBEDDINGS, Signal.HISTOGRAM, Signal.PLACES})
LIGHT_POINT = 3.4  # sigmas of one hour's brightness
# sigmas of z (how they were chosen: docs/drift.md)
LIMITS = {
    Signal.ACCEPTED_SCORES: 4.5,
    Signal.TRUSTED_SCORES: 4.5,
    Signal.EMBEDDINGS: 4.5,
    Signal.HISTOGRAM: 4.5,
    Signal.REJECTS: 4.5,
    Signal.BRIGHTNESS: 4.5,
    Signal.SHARPNESS: 5.5,
    Signal.NOISE: 7.0,
    Signal.PLACES: 5.0,
}
HOURLY = tuple(LIMITS)


class Places(NamedTuple):
    """Light of the places of a view: mean and sigma between hours, float32 (k,)."""

    mean: NDArray[np.float32]
    sigma: NDArray[np.float32]

    def odd(self, places: NDArray[np.float32]) -> float:
        """The logarithm of how many sigmas the oddest ODDEST places are off, in the mean."""
        off = np.abs(places - self.mean) / self.sigma
        most = np.sort(off)[-ODDEST:]
        return float(np.log(max(float(most.mean()), _LEAST)))


class Reference(NamedTuple):
    """Of `hours` summaries. `accepted`, `trusted`: all their quantiles, sorted, float32.

    `features` float32 (2 PAIRS,) or (0,): the mean of the hours. `rejects`: of the p' chart.
    """

    accepted: NDArray[np.float32]
    trusted: NDArray[np.float32]
    features: NDArray[np.float32]
    rejects: Laney
    looks: Looks
    parts: tuple[PartId, ...]
    band: tuple[float, float]
    places: Places | None

    def value(self, signal: Signal, hour: Summary) -> float | None:
        """The statistic of an hour; None where it had too few for it, or the reference had."""
        return _OF[signal](self, hour)


def reference(hours: Sequence[Summary]) -> Reference:
    """Of these hours, in their order."""
    known = [hour.features for hour in hours if len(hour.features)]
    tops = [at(hour.accepted, SHOWN) for hour in hours if len(hour.accepted)] or [0.0]
    reach = 2 * float(np.std(tops))
    middle = float(np.mean(tops))
    return Reference(
        np.sort(np.concatenate([hour.accepted for hour in hours])),
        np.sort(np.concatenate([hour.trusted for hour in hours])),
        np.mean(known, axis=0, dtype=np.float32) if known else np.zeros(0, np.float32),
        laney([hour.rejects for hour in hours]),
        mean_looks([hour.looks for hour in hours]),
        tuple(hours[k].parts[0] for k in (0, len(hours) // 2, -1) if hours[k].parts),
        (middle - reach, middle + reach),
        _places_of(hours),
    )


def _places_of(hours: Sequence[Summary]) -> Places | None:
    known = [hour.places for hour in hours if len(hour.places)]
    # frames of another size are another grid: whoever exchanges a camera begins anew
    known = [each for each in known if len(each) == len(known[0])]
    if len(known) < 2:  # noqa: PLR2004 - a sigma
        return None
    rows = np.array(known)
    sigma = np.maximum(rows.std(axis=0, ddof=1), LEAST_PLACE)
    return Places(rows.mean(axis=0), np.asarray(sigma, np.float32))


def charts(hours: Sequence[Summary]) -> dict[Signal, Ewma]:
    """A chart for each signal that was known often enough in the hours of the reference."""
    made: dict[Signal, Ewma] = {}
    for signal, values in _judged_by_others(hours).items():
        if len(values) >= max(2, ENOUGH * len(hours)):
            point = LIGHT_POINT if signal is Signal.BRIGHTNESS else math.inf
            base = baseline(values, LIMITS[signal], point)
            if signal is Signal.REJECTS:
                # by Laney's sigma a share has a sigma of one, by that of all hours maybe more
                limit = min(base.limit, REACHED * MOST_REJECTS)
                base = base._replace(sigma=max(base.sigma, 1.0), limit=limit)
                made[signal] = Ewma(base, most=MOST_REJECTS)
            else:
                made[signal] = Ewma(base, one_sided=signal in ONE_SIDED)
    return made


def _judged_by_others(hours: Sequence[Summary]) -> dict[Signal, list[float]]:
    """Each signal's known values, every tenth of the hours held against the other nine.

    An hour that is in the reference lies nearer to it than a new one will, and so do the hours
    of its lot: held against all of them the reference would look steadier than the line is.
    """
    found: dict[Signal, list[float]] = {signal: [] for signal in HOURLY}
    tenth = max(len(hours) // TENTHS, 1)
    for start in range(0, len(hours), tenth):
        others = reference([*hours[:start], *hours[start + tenth :]])
        for hour in hours[start : start + tenth]:
            for signal, values in found.items():
                if (value := others.value(signal, hour)) is not None:
                    values.append(value)
    return found


def mean_rank(pool: NDArray[np.float32], grid: NDArray[np.float32]) -> float:
    """Mean rank (0 .. 1; 0.5 is usual) of an hour's scores among those of the reference.

    Ranks, since the tail of a score is long: one odd part moves a mean, and hardly a rank.
    """
    below = np.searchsorted(pool, grid, "left") + np.searchsorted(pool, grid, "right")
    return float(below.mean()) / (2 * len(pool))


def divergence(pool: NDArray[np.float32], grid: NDArray[np.float32]) -> float:
    """Kullback-Leibler divergence, in nats, of an hour's histogram from the reference's.

    Kullback and Leibler, Annals of Mathematical Statistics 22, 1951.
    """
    edges = pool[(np.arange(1, BINS) * len(pool)) // BINS]
    counts = np.bincount(np.searchsorted(edges, grid, "right"), minlength=BINS)
    usual = np.bincount(np.searchsorted(edges, pool, "right"), minlength=BINS)
    # half a score in each bin: an empty one would be infinitely unlikely
    one, other = (each + 0.5 for each in (counts, usual * len(SHARES) / len(pool)))
    one, other = one / one.sum(), other / other.sum()
    return float((one * np.log(one / other)).sum())


def _accepted(found: Reference, hour: Summary) -> float | None:
    if not len(hour.accepted) or not len(found.accepted):
        return None
    return mean_rank(found.accepted, hour.accepted)


def _trusted(found: Reference, hour: Summary) -> float | None:
    if not len(hour.trusted) or not len(found.trusted):
        return None
    return mean_rank(found.trusted, hour.trusted)


def _embeddings(found: Reference, hour: Summary) -> float | None:
    if not len(hour.features) or not len(found.features):
        return None
    # of squares the logarithm: its distribution is nearly even about its mean
    return float(np.log(max(mmd2(hour.features, found.features), _LEAST)))


def _histogram(found: Reference, hour: Summary) -> float | None:
    if not len(hour.trusted) or not len(found.trusted):
        return None
    return float(np.log(max(divergence(found.trusted, hour.trusted), _LEAST)))


def _rejects(found: Reference, hour: Summary) -> float | None:
    if not hour.rejects.of:
        return None
    # in shares of LEAST_SHARE where the reference varied less: nobody is called for a part or two
    apart = hour.rejects.hits / hour.rejects.of - found.rejects.share
    reach = max(found.rejects.sigma_z * found.rejects.sigma(hour.rejects.of), LEAST_SHARE)
    return apart / reach


def _places(found: Reference, hour: Summary) -> float | None:
    held = found.places
    if held is None or len(hour.places) != len(held.mean):
        return None
    return held.odd(hour.places)


def _look(place: int) -> Callable[[Reference, Summary], float | None]:
    def of(_: Reference, hour: Summary) -> float | None:
        value = hour.looks[place]
        return None if math.isnan(value) else value

    return of


_OF: dict[Signal, Callable[[Reference, Summary], float | None]] = {
    Signal.ACCEPTED_SCORES: _accepted,
    Signal.TRUSTED_SCORES: _trusted,
    Signal.EMBEDDINGS: _embeddings,
    Signal.HISTOGRAM: _histogram,
    Signal.REJECTS: _rejects,
    Signal.BRIGHTNESS: _look(0),
    Signal.SHARPNESS: _look(1),
    Signal.NOISE: _look(2),
    Signal.PLACES: _places,
}
