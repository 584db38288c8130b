"""Limits from the first parts of a line, once a person has labelled the oddest of them.

What was not among the listed parts is taken as good: it scored below all that were looked at.
So the list must reach below the bad parts. One that is too short does harm: bad parts that
nobody was shown count as good ones and draw the limits up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ReviewError
from gonogo.base.interval import estimate
from gonogo.build.fewparts import after_review
from gonogo.build.goodparts import MIN_PARTS
from gonogo.build.listed import listed
from gonogo.build.proof import REFERENCE
from gonogo.build.review.listing import BAD, GOOD, ODD
from gonogo.build.review.parts import Seen, score_pictures
from gonogo.build.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.goodparts import Progress
    from gonogo.build.review.engine import Engine
    from gonogo.build.review.listing import Row
    from gonogo.build.review.parts import Picture

TOP = 10  # of the first hundred parts
PARTS_WANTED = 100
# of a score: the same picture on another processor
_SAME = 1e-3


class Review(NamedTuple):
    """Limits by backend, and what they do to the parts that they follow from.

    `thresholds`: of the reference. `good`, `bad`: its scores. `odd`: pictures that are to be
    taught. `warnings`: what the person should do first.
    """

    limits: dict[str, ScoreLimits]
    thresholds: Thresholds
    good: NDArray[np.float64]
    bad: NDArray[np.float64]
    odd: list[Path]
    warnings: list[str]


def oddest_of(engine: Engine, pictures: list[Picture], top: int) -> list[tuple[Picture, Seen]]:
    """The `top` pictures with the highest scores, highest first."""
    scores = score_pictures(engine.computed[REFERENCE], pictures)
    order = np.argsort(-scores, kind="stable")[:top]
    seen = [Seen(pictures[k].name, pictures[k].sha256, float(scores[k])) for k in order]
    return [(pictures[k], one) for k, one in zip(order, seen, strict=True)]


def review(
    engine: Engine, pictures: list[Picture], rows: Sequence[Row], progress: Progress
) -> Review:
    """Limits of every backend that is computed here; ReviewError where the labels do not fit."""
    labels = _labels(pictures, rows)
    scores = {}
    for done, (name, how) in enumerate(engine.computed.items()):
        progress("scoring pictures", done, len(engine.computed))
        scores[name] = score_pictures(how, pictures)
    progress("scoring pictures", len(engine.computed), len(engine.computed))
    _check_new(pictures, labels, scores[REFERENCE])
    # good where nobody was asked: see above
    label = np.array([labels.get(one.name, GOOD) for one in pictures])
    if int((label == GOOD).sum()) < MIN_PARTS:
        raise ReviewError(
            f"{int((label == GOOD).sum())} good parts among {len(pictures)} pictures, expected at "
            f"least {MIN_PARTS}, best the first {PARTS_WANTED} parts of the line"
        )
    limits = {
        name: after_review(values[label == GOOD], values[label == BAD])
        for name, values in scores.items()
    }
    good, bad = (scores[REFERENCE][label == kind] for kind in (GOOD, BAD))
    return Review(
        limits,
        _thresholds(limits[REFERENCE], good, bad, len(rows)),
        good,
        bad,
        [one.path for one, kind in zip(pictures, label, strict=True) if kind == ODD],
        _warnings(rows, scores[REFERENCE], pictures),
    )


def _labels(pictures: Sequence[Picture], rows: Sequence[Row]) -> dict[str, str]:
    """Labels by name; each row's picture must be there as it was when it was listed."""
    known = {one.name: one.sha256 for one in pictures}
    for row in rows:
        if row.picture not in known:
            raise ReviewError(
                f"{row.picture}: it is in the list and gone from the folder; put it back, or have "
                "the list made again"
            )
        if row.sha256 != known[row.picture]:
            raise ReviewError(
                f"{row.picture}: not the picture that was listed under this name; have "
                "the list made again"
            )
    return {row.picture: row.label for row in rows}


def _check_new(
    pictures: Sequence[Picture], labels: Mapping[str, str], scores: NDArray[np.float64]
) -> None:
    """Nothing that nobody was asked about may score like those that were listed."""
    asked = np.array([one.name in labels for one in pictures])
    lowest = float(scores[asked].min())
    above = scores > lowest + _SAME * abs(lowest)
    new = [one.name for one, odd in zip(pictures, above & ~asked, strict=True) if odd]
    if new:
        raise ReviewError(
            f"{len(new)} pictures score above the lowest of the list and are not in it "
            f"({listed(new)}): rows were taken out, or pictures came in since; "
            "have the list made again"
        )


def _thresholds(
    limits: ScoreLimits, good: NDArray[np.float64], bad: NDArray[np.float64], listed: int
) -> Thresholds:
    """What the limits do to these parts; they follow from them, and no part was left out."""
    reject, recheck = limits.reject_above, limits.recheck_above
    rejected = int((good > reject).sum())
    escaped = int((bad <= recheck).sum())
    how = (
        f"limits after a review: of {len(good) + len(bad)} parts the {listed} oddest were "
        f"labelled, {len(bad)} of them bad (the shares are of these very parts)"
    )
    return Thresholds(
        recheck,
        reject,
        estimate(rejected, len(good)),
        estimate(int((good > recheck).sum()) - rejected, len(good)),
        estimate(escaped, len(bad)) if len(bad) else None,
        how,
    )


def _warnings(
    rows: Sequence[Row], scores: NDArray[np.float64], pictures: Sequence[Picture]
) -> list[str]:
    found = []
    bad = sum(row.label == BAD for row in rows)
    by_name = {one.name: float(score) for one, score in zip(pictures, scores, strict=True)}
    last = min(rows, key=lambda row: by_name[row.picture])
    if len(rows) < len(pictures) and (2 * bad > len(rows) or last.label == BAD):
        top = min(len(pictures), max(2 * len(rows), 3 * bad))
        found.append(
            f"{bad} of the {len(rows)} listed parts are bad: below them there seem to be more, and "
            "those count as good now, which draws the limits up; have a longer list made and "
            f"label that: --top {top} (at least twice as many as there are bad parts)"
        )
    if len(pictures) < PARTS_WANTED:
        found.append(
            f"limits from {len(pictures)} parts; the first {PARTS_WANTED} of the line tell more"
        )
    return found
