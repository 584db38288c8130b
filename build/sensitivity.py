"""How much each convolution matters: what quantizing it alone does to the scores of a few frames.

A pass for each costs little: of a few frames, with nearly all of the model in float. It orders
the convolutions; whether a set of them will do is for the proof to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.agreement import correlation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.agreement import Scores

FEW = 3  # frames of each kind


class Shift(NamedTuple):
    """What quantizing one convolution does: to scores, as a share of how they differ; to maps.

    `maps`: 1 less the mean correlation of the maps, 0 without any.
    """

    scores: float
    maps: float


def shift(fp32: Scores, int8: Scores) -> Shift:
    """Of the same frames; infinite where something is no number.

    What moves all scores alike changes no rank and does not count.
    """
    moved = int8.all - fp32.all
    if not np.isfinite(moved).all():
        return Shift(np.inf, np.inf)
    spread = float(fp32.all.std()) or 1.0
    maps = [correlation(a, b) for a, b in zip(fp32.maps, int8.maps, strict=True) if a.size]
    return Shift(
        float(np.abs(moved - np.median(moved)).mean()) / spread,
        1 - float(np.mean(maps)) if maps else 0.0,
    )


def ranked(convs: Sequence[str], shifts: Mapping[str, Shift]) -> list[list[str]]:
    """By scores, and where there are maps by maps: those first that matter most.

    Of equals those nearest to the score.
    """
    places = {name: place for place, name in enumerate(convs)}
    kinds = (0, 1) if any(one.maps for one in shifts.values()) else (0,)
    return [sorted(convs, key=lambda name: (-shifts[name][k], -places[name])) for k in kinds]
