"""From good pictures to the slow checks of a view: dead pixels and dust, where they can be told.

The pictures are cut in two, by their order. Each half in turn teaches, and what it has learnt is
tried on the other. Its parts as they are must raise nothing, in any of some orders, nor must one of
them that comes again and again, for in that all stands still. Of the same parts with stuck pixels
and grains of dust in fixed places 95 % must be found. What is written has learnt from all pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.build.image_trust.lesson import FOUND, check
from gonogo.rules.image_trust.dust import Clean, Contrast, Light, cell_px, clean_of, dusty
from gonogo.rules.image_trust.optics import PARTS
from gonogo.rules.image_trust.optics_learnt import OpticsLearnt, as_read, optics_learnt
from gonogo.rules.image_trust.stuck import Counts, Usual, told_of, usual_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.build.image_trust.lesson import Progress, Read

    Frame = NDArray[np.uint8]
    Mask = NDArray[np.bool_]
    Map = NDArray[np.float32]
    Spoil = Callable[[Frame], Frame]

DEAD, DUST = "dead pixels", "dust"
STUCK, GRAINS, TRIALS = 20, 10, 2  # of each trial, of which each half has so many
ORDERS = 20  # in which the parts of each half come, to be taken for dusty or not
GRAIN_PX = (10, 40)  # the smallest and the largest one, across
GRAIN_SHARE, SOFT = 0.3, 1 / 8  # of the light; sigma of a grain's edge, of its width
MARGIN_PX = 24  # between the edge of the picture and the middle of a grain
MEANT_FOR = {DEAD: f"{STUCK} stuck pixels", DUST: f"grains of {GRAIN_PX[0]} to {GRAIN_PX[1]} px"}
NO_ROOM = "more stands still in good pictures than the file has room for"
_SEED = 61  # fixed: the same pictures teach the same


class OpticsOutcome(NamedTuple):
    """How a check did: `found` of `tried` after SEEN parts, and in so many of the `sequences` of
    good parts something that is not there. `why` it cannot be had in spite of that, '' if it can.
    """  # noqa: D205 - one sentence

    check: str
    found: int
    tried: int
    false_alarms: int
    sequences: int
    why: str = ""

    @property
    def offered(self) -> bool:
        """Whether the view gets this check."""
        enough = self.found >= FOUND * self.tried
        return enough and not self.false_alarms and not self.why


class OpticsLesson(NamedTuple):
    """What is written to the file, and how both checks did, offered or not."""

    learnt: OpticsLearnt
    outcomes: tuple[OpticsOutcome, ...]


class Seen(NamedTuple):
    """Pixels that count as stuck, and cells that count as dusty."""

    stuck: Mask
    dusty: Mask


class Dirt(NamedTuple):
    """What lies in fixed places: stuck pixels (row, column), grains (row, column, width in px)."""

    pixels: tuple[tuple[int, int], ...]
    grains: tuple[tuple[int, int, int], ...]
    kept: NDArray[np.float32]  # the share of the light that grains leave, of each pixel

    def spoil(self, frame: Frame) -> Frame:
        """The frame through it: every other pixel is black, the others are white."""
        kept = self.kept if frame.ndim == self.kept.ndim else self.kept[:, :, None]
        dirty = np.asarray(np.rint(frame * kept), np.uint8)
        for number, at in enumerate(self.pixels):
            dirty[at] = 255 * (number % 2)
        return dirty

    def found(self, seen: Seen, side_px: int) -> tuple[int, int]:
        """So many of its pixels, and grains; a grain within a cell of its middle."""
        pixels = sum(bool(seen.stuck[at]) for at in self.pixels)
        grains = 0
        for row, column, _ in self.grains:
            rows, columns = (
                slice(max(0, at // side_px - 1), at // side_px + 2) for at in (row, column)
            )
            grains += bool(seen.dusty[rows, columns].any())
        return pixels, grains


def dirt_of(geometry: FrameShape, rng: np.random.Generator) -> Dirt:
    """In places that chance chooses."""
    height, width = geometry.height_px, geometry.width_px
    flat = rng.choice(height * width, STUCK, replace=False)
    pixels = tuple((int(at) // width, int(at) % width) for at in flat)
    grains, kept = [], np.ones((height, width), np.float32)
    for grain_px in np.linspace(*GRAIN_PX, GRAINS).round().astype(int).tolist():
        row, column = (int(rng.integers(MARGIN_PX, n - MARGIN_PX)) for n in (height, width))
        grains.append((row, column, grain_px))
        grain = np.zeros((height, width), np.float32)
        cv2.circle(grain, (column, row), grain_px // 2, (1.0,), cv2.FILLED)
        soft = np.asarray(cv2.GaussianBlur(grain, (0, 0), grain_px * SOFT), np.float32)
        kept *= 1 - np.float32(GRAIN_SHARE) * soft
    return Dirt(pixels, tuple(grains), kept)


def _as_it_is(frame: Frame) -> Frame:
    return frame


class Classroom:
    """Good pictures of one view, read anew each time; says how far it is."""

    def __init__(self, geometry: FrameShape, read: Read, count: int, progress: Progress) -> None:
        self.geometry, self._read, self._progress = geometry, read, progress
        self._halves = range(count // 2), range(count // 2, count)
        self._done, self._all = 0, range(count)
        # each picture teaches in one half and in the whole, and each half is seen in sequences
        self._total = 2 * count + 2 * (2 + TRIALS) * PARTS

    def picture(self, number: int) -> Frame:
        """That of this number."""
        self._progress("looking for what stays in place", self._done, self._total)
        self._done += 1
        return self._read(number)

    def taught(self, numbers: Sequence[int]) -> tuple[Usual, Clean]:
        """What these have in common: pixels that stand out, and the light of each place."""
        counts, contrast, contrasts = Counts(self.geometry), Contrast(self.geometry), []
        for frame in map(self.picture, numbers):
            counts.add(frame)
            contrasts.append(contrast.measure(frame))
        return usual_of(counts), as_read(clean_of(contrasts))

    def shown(
        self, numbers: Sequence[int], usual: Usual, spoil: Spoil = _as_it_is
    ) -> tuple[Mask, list[Map]]:
        """A round of parts, who come again where they are too few: stuck pixels, and contrasts."""
        counts, contrast, contrasts = Counts(self.geometry), Contrast(self.geometry), {}
        for number in [numbers[k * len(numbers) // PARTS] for k in range(PARTS)]:
            frame = spoil(self.picture(number))
            counts.add(frame)
            contrasts[number] = contrast.measure(frame)
        return told_of(counts, usual)[0], list(contrasts.values())

    def dusty_twice(self, contrasts: Sequence[Map], clean: Clean, rng: np.random.Generator) -> Mask:
        """Cells that are told of after two rounds, of parts in any order."""
        masks, light = [], Light(self.geometry)
        for _ in range(2):
            light.clear()
            for k in rng.integers(0, len(contrasts), PARTS):
                light.add_contrast(contrasts[k])
            masks.append(dusty(light, clean)[0].astype(np.uint8))
        near = cv2.dilate(masks[1], np.ones((3, 3), np.uint8))  # as places are the same
        return np.asarray(cv2.min(masks[0], near), np.bool_)

    def outcomes(self) -> list[OpticsOutcome]:
        """Each half tried on what the other one teaches."""
        rng, found, false = np.random.default_rng(_SEED), np.zeros(2, int), np.zeros(2, int)
        for teach, sit in (self._halves, self._halves[::-1]):
            usual, clean = self.taught(teach)
            false += self._false(sit, usual, clean, rng)
            for _ in range(TRIALS):
                dirt = dirt_of(self.geometry, rng)
                stuck, contrasts = self.shown(sit, usual, dirt.spoil)
                seen = Seen(stuck, self.dusty_twice(contrasts, clean, rng))
                found += dirt.found(seen, cell_px(self.geometry))
        tried, clean_ones = (STUCK, GRAINS), (2, ORDERS + 1)
        return [
            OpticsOutcome(name, int(found[k]), 2 * TRIALS * tried[k], int(false[k]),
                          2 * clean_ones[k])
            for k, name in enumerate((DEAD, DUST))
        ]  # fmt: skip

    def _false(
        self, numbers: Sequence[int], usual: Usual, clean: Clean, rng: np.random.Generator
    ) -> tuple[int, int]:
        """Sequences of good parts that are taken for such with stuck pixels, and with dust."""
        middle = numbers[len(numbers) // 2]
        stuck, contrasts = self.shown(numbers, usual)
        same_stuck, same = self.shown(range(middle, middle + 1), usual)
        dust = [self.dusty_twice(contrasts, clean, rng).any() for _ in range(ORDERS)]
        dust.append(self.dusty_twice(same, clean, rng).any())
        return int(stuck.any()) + int(same_stuck.any()), sum(map(int, dust))

    def lesson(self) -> OpticsLesson:
        """The checks that can be had, learnt from all pictures."""
        dead, dust = self.outcomes()
        usual, clean = self.taught(self._all)
        self._progress("looking for what stays in place", self._total, self._total)
        dead, one = fitted(dead, usual, None)
        dust, other = fitted(dust, None, clean)
        return OpticsLesson(OpticsLearnt(stuck=one.stuck, dust=other.dust), (dead, dust))


def fitted(
    outcome: OpticsOutcome, usual: Usual | None, clean: Clean | None
) -> tuple[OpticsOutcome, OpticsLearnt]:
    """What is written of a check: nothing where it is not offered, or takes too much room."""
    if not outcome.offered:
        return outcome, OpticsLearnt()
    try:
        return outcome, optics_learnt(usual, clean)
    except ValueError:
        return outcome._replace(why=NO_ROOM), OpticsLearnt()


def optics_lesson_of(
    geometry: FrameShape, read: Read, count: int, progress: Progress
) -> OpticsLesson:
    """The slow checks of a view from `count` good pictures; TrustLearnError with too few."""
    check(geometry, count)
    return Classroom(geometry, read, count, progress).lesson()
