"""Whether a model has pictures by heart: its scores of them say nothing of parts to come.

A model that keeps patches of its good parts finds nothing odd where such a patch came from, and
something a px beside it. So the anomaly map of a part that it was made from has places that rise
whichever way the part is moved by one px, and hardly one that falls every time:

    rise of a part = mean over its map of the least log rise of four moves, where all four rise,
                     less the same of the least fall, where all four fall

Of a part that it never saw, rises and falls are as frequent. What made a place good at rest
(a spread that was learnt about a mean) is round, not sharp, and does the same to both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import PartsKnown
from gonogo.build.proof import REFERENCE, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress

PARTS_MAX = 24  # that are asked about: five passes for each
RISE_MAX = 0.0025  # of the median part; docs/building-engines.md has what models were seen to do
PART_RISE_MAX = 0.0075  # of a single part: some of a folder may be known
PARTS_KNOWN_MAX = 0.2  # so many of them spoil limits that follow from all
RISING_MIN = 0.8  # of the parts: chance gives half
MOVES_PX = ((1, 0), (-1, 0), (0, 1), (0, -1))
# of the mean of a map: without it the places at 0 would count beyond all measure
_FLOOR = 0.02
_TINY = 1e-12


class Known(NamedTuple):
    """How the maps of some parts rise when each is moved by one px, as logarithms (parts,).

    `score_rise`: the median rise of the scores themselves, a share.
    """

    rises: NDArray[np.float64]
    score_rise: float

    @property
    def parts(self) -> int:
        """How many of them the model was plainly made from."""
        # a map that is all noise falls as far as it rises
        noise = max(PART_RISE_MAX, -float(self.rises.min()))
        return int((self.rises > noise).sum())

    @property
    def by_heart(self) -> bool:
        """Whether limits from these parts would be those of parts that it knows."""
        whole = float(np.median(self.rises)) > RISE_MAX and self._rising >= RISING_MIN
        return whole or self.parts > PARTS_KNOWN_MAX * len(self.rises)

    @property
    def _rising(self) -> float:
        return float((self.rises > 0).mean())

    def __str__(self) -> str:
        asked = len(self.rises)
        return (
            f"moved by one px the anomaly maps of {int((self.rises > 0).sum())} of {asked} good "
            f"parts rise where the model found nothing, by {100 * np.median(self.rises):.1f} % in "
            f"the mean (of parts that it never saw: below {100 * RISE_MAX:.2g} %), and the scores "
            f"of the same parts by {100 * self.score_rise:+.1f} %: it was made from these "
            "parts and has them by heart"
        )


def ask(
    model: Path, frames: Sequence[NDArray[np.uint8]], progress: Progress, backend: str = REFERENCE
) -> Known | None:
    """What the model does with good parts, uint8 (height, width, 3), and with moved ones.

    None for a model without an anomaly map: its scores alone do not tell.
    """
    # evenly, not the first ones: a folder may begin with those that are known
    chosen = np.unique(np.linspace(0, len(frames) - 1, PARTS_MAX).round().astype(int))
    asked = [frames[k] for k in chosen]
    what = "asking whether it knows the parts"
    said = []
    for done, move_px in enumerate(((0, 0), *MOVES_PX)):
        progress(what, done, 1 + len(MOVES_PX))
        said.append(judge(model, backend, [moved(frame, move_px) for frame in asked]))
        if not said[0].maps.shape[1]:
            break
    progress(what, 1 + len(MOVES_PX), 1 + len(MOVES_PX))
    if not said[0].maps.shape[1]:
        return None
    at_rest, *others = (one.maps for one in said)
    scores = np.array([one.scores for one in said])
    if not (np.isfinite(scores).all() and all(np.isfinite(one.maps).all() for one in said)):
        return None  # another check says so
    return Known(rises_of(at_rest, others), _score_rise(scores))


def rises_of(
    at_rest: NDArray[np.float64], moved_maps: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Of each part (parts,), from its map (parts, cells) and those of the moved part."""
    # a map may be negative somewhere: only how far above its lowest place counts
    lowest = min(float(maps.min()) for maps in (at_rest, *moved_maps))
    base = min(lowest, 0.0)
    floor = _FLOOR * (at_rest - base).mean(axis=1, keepdims=True) + _TINY
    before = np.log(at_rest - base + floor)
    changes = np.array([np.log(maps - base + floor) - before for maps in moved_maps])
    rise = np.maximum(changes.min(axis=0), 0).mean(axis=1)
    fall = np.maximum(-changes.max(axis=0), 0).mean(axis=1)
    return np.asarray(rise - fall, np.float64)


def moved(frame: NDArray[np.uint8], move_px: tuple[int, int]) -> NDArray[np.uint8]:
    """The frame moved by whole px to the right and down; the border is mirrored."""
    height_px, width_px = frame.shape[:2]
    right, down = move_px
    # by whole px: what a resize between them would change is not asked about
    wide = cv2.copyMakeBorder(frame, 1, 1, 1, 1, cv2.BORDER_REFLECT_101)
    top, left = 1 - down, 1 - right
    return np.ascontiguousarray(wide[top : top + height_px, left : left + width_px])


def refuse_known(known: Known | None, option: str) -> None:
    """PartsKnown when limits from the parts of `option` would not be those of parts to come."""
    if known is None or not known.by_heart:
        return
    raise PartsKnown(
        f"{option}: {known}; limits from them would reject most parts to come. Expected good parts "
        "that it was not made from: give their folder with --holdout, or make the engine here: "
        "`gonogo teach` scores each part by an engine that was taught from the others"
    )


def _score_rise(scores: NDArray[np.float64]) -> float:
    """The median part's, over all moves; 0 where scores have no zero to be a share of."""
    if scores.min() <= 0:
        return 0.0
    return float(np.expm1(np.median(np.log(scores[1:] / scores[0]).mean(axis=0))))


def remark(known: Known | None) -> tuple[str, ...]:
    """What the card and the proof say when it could not be told."""
    if known is not None:
        return ()
    said = (
        "the model has no anomaly map: whether it has the good parts by heart could not be asked; "
        "the limits hold if it was not made from them"
    )
    return (said,)
