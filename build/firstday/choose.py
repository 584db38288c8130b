"""Few rules of many candidates, with their limits: those that tell bad parts, and hold good ones.

With hundreds of candidates and ten bad parts, some candidate tells any part by chance. So limits
leave the room that good parts to come need (gonogo.rules.limits), what lies just outside of them
counts less, and a rule is taken only for what no rule before it has told. A few that say something
of the part as a whole come beside them: the next defect is none of the ten.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import StationFileError
from gonogo.rules.both_sets import Sets, limits_from
from gonogo.rules.limits import propose_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.firstday.candidate import Candidate
    from gonogo.rules.both_sets import Limits
    from gonogo.rules.limits import RuleLimits
    from gonogo.rules.window import LimitedSection

    Values = NDArray[np.float64]

MOST_TELLING, MOST_HOLDING = 6, 4
JUST_OUTSIDE = 0.4  # what a part counts that lies at a limit ...
SURE_BEYOND = 0.5  # ... and it counts fully so many widths of the limits beyond it
BLIND = 0.75  # of a part on which a rule that finds something on every good one finds nothing
WORTH_IT = 0.75  # a rule is taken for no less
SIMPLE = {"dimension": 0.2, "colour": 0.1}  # what is plain to people is preferred by so much
TIGHT = 0.15  # sigma of the good parts over their centre: what holds varies by no more
FAR_SIGMA = 3.0  # a good part further off: the values are not regular enough to hold anything


class Measurements(NamedTuple):
    """Of every candidate, float64 (candidates, parts); nan where it cannot tell."""

    candidates: tuple[Candidate, ...]
    sections: tuple[LimitedSection, ...]
    good: Values
    bad: Values

    def without(
        self, good: NDArray[np.bool_] | None = None, bad: NDArray[np.bool_] | None = None
    ) -> Measurements:
        """Those parts left out."""
        return self._replace(
            good=self.good if good is None else self.good[:, ~good],
            bad=self.bad if bad is None else self.bad[:, ~bad],
        )


class Chosen(NamedTuple):
    """A candidate by its number, and its limits; `tells`: how many bad parts it rejects."""

    number: int
    limits: Limits
    tells: int


def fitted(values: Measurements) -> list[RuleLimits | None]:
    """Limits from the good parts for each candidate; None where it is of no use."""
    return [_fit(section, row) for section, row in zip(values.sections, values.good, strict=True)]


def choose(
    values: Measurements,
    elsewhere: NDArray[np.bool_],
    fits: Sequence[RuleLimits | None] | None = None,
) -> list[Chosen]:
    """Few of them, the most telling first; `fits`: where they are known already.

    `elsewhere`, (bad parts,): what the engine tells. No limit is drawn in for those.
    """
    known = fitted(values) if fits is None else fits
    told = _told(values, known)
    numbers = _telling(values, known, told)
    numbers += _holding(values, known, numbers)
    sections = tuple(values.sections[k] for k in numbers)
    open_parts = values.bad[numbers][:, ~elsewhere]
    limits = limits_from(Sets(sections, values.good[numbers], open_parts))
    return [
        Chosen(k, limit, int(limit.reject(values.bad[k]).sum()))
        for k, limit in zip(numbers, limits, strict=True)
        if limit.known
    ]


def rejected(chosen: Sequence[Chosen], values: Values) -> NDArray[np.bool_]:
    """Which parts any of them rejects, or cannot tell, (parts,)."""
    out = np.zeros(values.shape[1], np.bool_)
    for each in chosen:
        out |= each.limits.reject(values[each.number])
    return out


def _fit(section: LimitedSection, good: Values) -> RuleLimits | None:
    if not np.isfinite(good).all():
        return None  # good parts to come that it cannot measure would be sent away
    try:
        found = propose_for(section, good.tolist())
    except StationFileError:
        return None
    return found if math.isfinite(found.low) or math.isfinite(found.high) else None


def _told(values: Measurements, fits: Sequence[RuleLimits | None]) -> Values:
    """How clearly each candidate tells each bad part, 0 .. 1, (candidates, parts)."""
    told = np.zeros(values.bad.shape)
    for k, fit in enumerate(fits):
        if fit is None:
            continue
        row = values.bad[k]
        beyond = np.maximum(
            (fit.low - row) / _width(fit.centre - fit.low),
            (row - fit.high) / _width(fit.high - fit.centre),
        )
        sure = JUST_OUTSIDE + (1 - JUST_OUTSIDE) * np.minimum(beyond / SURE_BEYOND, 1.0)
        told[k] = np.where(np.isnan(row), BLIND, np.where(beyond > 0, sure, 0.0))
    return told


def _width(side: float) -> float:
    """From the centre to a limit; a count may have none."""
    return side if math.isfinite(side) and side > 0 else 1.0


def _telling(values: Measurements, fits: Sequence[RuleLimits | None], told: Values) -> list[int]:
    numbers: list[int] = []
    open_parts = np.ones(told.shape[1], np.bool_)
    liked = np.array([SIMPLE.get(each.keys["kind"], 0.0) for each in values.candidates])
    while open_parts.any() and len(numbers) < MOST_TELLING:
        gain = told[:, open_parts].sum(axis=1)
        # of those that tell as many, the plain ones; then those that tell more of all
        best = int(np.argmax(np.where(gain > 0, gain + liked + 0.01 * told.sum(axis=1), 0.0)))
        if gain[best] < WORTH_IT or fits[best] is None:
            break
        numbers.append(best)
        open_parts &= told[best] == 0
    return numbers


def _holding(
    values: Measurements, fits: Sequence[RuleLimits | None], taken: Sequence[int]
) -> list[int]:
    """Of each family that is not there yet, where good parts are alike in it."""
    families = {values.candidates[k].family for k in taken}
    numbers: list[int] = []
    for k, (each, fit) in enumerate(zip(values.candidates, fits, strict=True)):
        if not each.holds or each.family in families or fit is None:
            continue
        if len(numbers) < MOST_HOLDING and _regular(each, fit, values.good[k]):
            numbers.append(k)
            families.add(each.family)
    return numbers


def _regular(candidate: Candidate, fit: RuleLimits, good: Values) -> bool:
    far = float(np.abs(good - fit.centre).max())
    if fit.suspects or (fit.sigma and far > FAR_SIGMA * fit.sigma):
        return False
    if candidate.keys["kind"] != "dimension":
        return True
    return fit.sigma <= TIGHT * abs(fit.centre)
