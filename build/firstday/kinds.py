"""Whether the good pictures show one kind of part, and good ones: doubts, in sentences.

None of this is certain: it is said, and only what is plain is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.good_and_bad import BAD_WORDS, GOOD_WORDS
from gonogo.build.listed import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.firstday.choose import Measurements

THUMB_PX = 16  # what is left of a picture to be compared
ROUNDS = 20  # of two means: they settle after a few
APART = 3.0  # two kinds lie so many times further from one another than parts of one kind do
FEWEST = 3  # pictures that make a kind
SHARE = 0.1  # of all: fewer are odd pictures of one kind
WIDER = 2.0  # good parts that differ so many times more than bad ones look like bad ones
SHOWN = 3


class Kinds(NamedTuple):
    """Numbers of the pictures of two kinds, the larger first."""

    larger: tuple[int, ...]
    smaller: tuple[int, ...]


def two_kinds(small: Sequence[NDArray[np.uint8]]) -> Kinds | None:
    """Whether pictures of one size fall apart into two groups far from one another."""
    thumbs = np.array([_thumb(frame) for frame in small])
    group = _two_means(thumbs)
    counts = [int((group == k).sum()) for k in (0, 1)]
    if min(counts) < max(FEWEST, SHARE * len(small)):
        return None
    means = [thumbs[group == k].mean(axis=0) for k in (0, 1)]
    within = [np.linalg.norm(thumbs[group == k] - means[k], axis=1) for k in (0, 1)]
    between = float(np.linalg.norm(means[0] - means[1]))
    if between < APART * float(np.median(np.concatenate(within))):
        return None
    first = int(np.argmax(counts))
    return Kinds(*(tuple(np.flatnonzero(group == k).tolist()) for k in (first, 1 - first)))


def _thumb(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    thumb = cv2.resize(frame, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    flat = thumb.astype(np.float64).reshape(THUMB_PX * THUMB_PX, -1)
    # without its own brightness: the light may have changed half way
    return np.asarray(flat - flat.mean(axis=0), np.float64).ravel()


def _two_means(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The group, 0 or 1, of each; S. Lloyd, IEEE Trans. Inf. Theory 28 (1982) 129-137."""
    far = int(np.linalg.norm(points - points.mean(axis=0), axis=1).argmax())
    other = int(np.linalg.norm(points - points[far], axis=1).argmax())
    means = points[[far, other]].copy()
    group = np.zeros(len(points), np.int64)
    for _ in range(ROUNDS):
        group = np.linalg.norm(points[:, None] - means[None], axis=2).argmin(axis=1)
        for k in (0, 1):
            if (group == k).any():
                means[k] = points[group == k].mean(axis=0)
    return group


def kinds_words(kinds: Kinds, names: Sequence[str]) -> str:
    """What it looks like, and what to do."""
    larger, smaller = ([names[k] for k in group] for group in kinds)
    return (
        f"--good looks like two kinds of parts, or one that lies in two ways: {len(larger)} like "
        f"{larger[0]}, and {len(smaller)}: {listed(smaller, SHOWN)}; limits that hold both "
        "hold neither well: if they are two parts, make a station (or a recipe) of each"
    )


def exchanged(values: Measurements) -> bool:
    """Whether good parts differ far more than bad ones: those that are alike are the good ones."""
    rows = [
        k for k, each in enumerate(values.candidates)
        if each.keys["kind"] != "presence" and np.isfinite(values.good[k]).all()
    ]  # fmt: skip
    if values.bad.shape[1] < FEWEST or not rows:
        return False
    good = np.maximum(values.good[rows].std(axis=1), 1e-9)
    bad = np.maximum(np.nanstd(values.bad[rows], axis=1), 1e-9)
    return float(np.median(good / bad)) > WIDER


def vouched(good: str, bad: str) -> bool:
    """Whether the folders' own names say which is which."""
    return good.lower() in GOOD_WORDS or bad.lower() in BAD_WORDS


EXCHANGED = (
    "the parts in --good differ far more from one another than those in --bad: are they exchanged? "
    "If they are not, name the folders good and bad"
)
