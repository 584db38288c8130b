"""From good pictures to the slow checks of a view: dead pixels and dust, where they can be told.

The pictures are cut in two, by their order. Each half in turn teaches, and what it has learnt is
tried on the other. A sequence of its parts as they are must raise nothing, nor must one part that
comes again and again, for in that all stands still. Of the same parts with stuck pixels and grains
of dust in fixed places 95 % must be found. What is written has learnt from all pictures.
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.build.image_trust.lesson import Progress, Read

    Frame = NDArray[np.uint8]
    Mask = NDArray[np.bool_]
    Spoil = Callable[[Frame], Frame]

DEAD, DUST = "dead pixels", "dust"
STUCK, GRAINS, TRIALS = 20, 10, 2  # of each trial, of which each half has so many
CLEAN_ONES = 2  # sequences of each half
GRAIN_PX = (10, 40)  # the smallest and the largest one, across
GRAIN_SHARE, SOFT = 0.3, 1 / 8  # of the light; sigma of a grain's edge, of its width
MARGIN_PX = 24  # between the edge of the picture and the middle of a grain
MEANT_FOR = {DEAD: f"{STUCK} stuck pixels", DUST: f"grains of {GRAIN_PX[0]} to {GRAIN_PX[1]} px"}
NO_ROOM = "more stands still in good pictures than the file has room for"
_SEED = 61  # fixed: the same pictures teach the same


class OpticsOutcome(NamedTuple):
    """How a check did: `found` of `tried` after PARTS parts, and in so many of the `sequences` of
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
        self._total = 2 * count + 2 * (CLEAN_ONES + TRIALS) * PARTS

    def pictures(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """Those of these numbers."""
        for number in numbers:
            self._progress("looking for what stays in place", self._done, self._total)
            self._done += 1
            yield self._read(number)
        self._progress("looking for what stays in place", self._done, self._total)

    def taught(self, numbers: Sequence[int]) -> tuple[Usual, Clean]:
        """What these have in common: pixels that stand out, and the light of each place."""
        counts, contrast, contrasts = Counts(self.geometry), Contrast(self.geometry), []
        for frame in self.pictures(numbers):
            counts.add(frame)
            contrasts.append(contrast.measure(frame))
        return usual_of(counts), as_read(clean_of(contrasts))

    def seen(
        self, numbers: Sequence[int], usual: Usual, clean: Clean, spoil: Spoil = _as_it_is
    ) -> Seen:
        """What counts as damage in a sequence of parts, who come again where they are too few."""
        order = [numbers[k * len(numbers) // PARTS] for k in range(PARTS)]
        counts, light = Counts(self.geometry), Light(self.geometry)
        for frame in self.pictures(order):
            harmed = spoil(frame)
            counts.add(harmed)
            light.add(harmed)
        return Seen(told_of(counts, usual)[0], dusty(light, clean)[0])

    def outcomes(self) -> list[OpticsOutcome]:
        """Each half tried on what the other one teaches."""
        rng, found, false = np.random.default_rng(_SEED), np.zeros(2, int), np.zeros(2, int)
        for teach, sit in (self._halves, self._halves[::-1]):
            usual, clean = self.taught(teach)
            middle = sit[len(sit) // 2]
            # parts that differ as good ones do, and one that comes again and again
            for clean_ones in (sit, range(middle, middle + 1)):
                false += [bool(each.any()) for each in self.seen(clean_ones, usual, clean)]
            for _ in range(TRIALS):
                dirt = dirt_of(self.geometry, rng)
                seen = self.seen(sit, usual, clean, dirt.spoil)
                found += dirt.found(seen, cell_px(self.geometry))
        tried = {DEAD: 2 * TRIALS * STUCK, DUST: 2 * TRIALS * GRAINS}
        return [
            OpticsOutcome(name, int(found[k]), tried[name], int(false[k]), 2 * CLEAN_ONES)
            for k, name in enumerate((DEAD, DUST))
        ]

    def lesson(self) -> OpticsLesson:
        """The checks that can be had, learnt from all pictures."""
        dead, dust = self.outcomes()
        usual, clean = self.taught(self._all)
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
