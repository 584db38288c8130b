"""Whether a model has pictures by heart: its scores of them say nothing of parts to come.

A model that keeps patches of its good parts finds nothing at all where such a patch came from, and
something as soon as the picture changes ever so little. So the anomaly map of a part that it was
made from has places that rise whichever way the part is changed, and hardly one that falls:

    rise of a part = mean over its map of the least log rise of four changes, where all four rise,
                     less the same of the least fall, where all four fall

Two kinds of changes are tried, four ways each, and the lesser rise counts, for each has a way of
its own to raise the map of a part that was never seen: moved by one px (a part that lies exactly
in the middle of those that were learnt lies off it then) and a fifth of that moved picture laid
over the part (which takes noise away, so that most maps fall).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import PartsKnown
from gonogo.build.judging import Judge
from gonogo.build.proof import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress

PARTS_MAX = 16  # that are asked about: nine passes for each
# of the median part: of models that have parts by heart 0.0109 and more was seen, of parts that
# were never seen at most 0.0066 (docs/building-engines.md)
RISE_MAX = 0.0085
PART_RISE_MAX = 0.02  # of a single part: some of a folder may be known
PARTS_KNOWN_MAX = 1 / 3  # so many of them spoil limits that follow from all
RISING_MIN = 0.8  # of the parts: chance gives half
MOVES_PX = ((1, 0), (-1, 0), (0, 1), (0, -1))
OVERLAID = 0.2  # of the moved picture
# of the mean of a map: without it the places at 0 would count beyond all measure
_FLOOR = 0.02
_TINY = 1e-12


class Known(NamedTuple):
    """How the maps of some parts rise when each is changed a little, as logarithms (parts,).

    `score_rise`: of the scores themselves, the median part's when it is moved by one px; a share.
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
        rising = float((self.rises > 0).mean())
        whole = float(np.median(self.rises)) > RISE_MAX and rising >= RISING_MIN
        return whole or self.parts > PARTS_KNOWN_MAX * len(self.rises)

    def __str__(self) -> str:
        asked, rising = len(self.rises), int((self.rises > 0).sum())
        return (
            f"the model has these parts by heart: it finds less in {rising} of {asked} of them "
            f"than in the very same pictures changed a little or moved by one px (maps rise by "
            f"{100 * np.median(self.rises):.1f} % in the mean, of parts that a model never saw by "
            f"less than {100 * RISE_MAX:g} %; scores by {100 * self.score_rise:+.1f} %)"
        )


def ask(model: Path, frames: Sequence[NDArray[np.uint8]], progress: Progress) -> Known | None:
    """What the model does with good parts, uint8 (height, width, 3), and with changed ones.

    None for a model without an anomaly map: its scores alone do not tell.
    """
    # evenly, not the first ones: a folder may begin with those that are known
    chosen = np.unique(np.linspace(0, len(frames) - 1, PARTS_MAX).round().astype(int))
    asked = [frames[k] for k in chosen]
    said, what, total = [], "asking whether it knows the parts", len(MOVES_PX)
    with Judge(model, REFERENCE) as judge:
        at_rest = judge(asked)
        if not at_rest.maps.shape[1]:
            return None
        for done, move_px in enumerate(MOVES_PX):
            progress(what, done, total)
            others = [moved(frame, move_px) for frame in asked]
            laid = [overlaid(frame, other) for frame, other in zip(asked, others, strict=True)]
            said.append((judge(others), judge(laid)))
    progress(what, total, total)
    maps = [[one.maps for one in kind] for kind in zip(*said, strict=True)]
    scores = np.array([at_rest.scores, *(shifted.scores for shifted, _ in said)])
    if not all(np.isfinite(one).all() for one in (scores, at_rest.maps, *maps[0], *maps[1])):
        return None  # what is no number is said elsewhere
    rises = np.minimum(*(rises_of(at_rest.maps, kind) for kind in maps))
    return Known(rises, _score_rise(scores))


def rises_of(
    at_rest: NDArray[np.float64], moved_maps: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Of each part (parts,), from its map (parts, cells) and those of the moved part."""
    # a tool may have moved and stretched its maps: only how far above their lowest place counts
    base = min(float(maps.min()) for maps in (at_rest, *moved_maps))
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


def overlaid(frame: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame with OVERLAID of another one in it."""
    return np.asarray(cv2.addWeighted(frame, 1 - OVERLAID, other, OVERLAID, 0), np.uint8)


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


def remark(known: Known | None, *, held_out: bool) -> tuple[str, ...]:
    """What a card says of limits that hold only if the model was not made from these parts."""
    if held_out:
        return ()
    asked = "" if known else "; it has no anomaly map by which that could be asked"
    said = (
        "the limits follow from the parts of --good, and hold only if the model was not made from "
        f"them (--holdout gives others){asked}"
    )
    return (said,)
