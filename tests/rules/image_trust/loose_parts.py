"""Made pictures of parts that lie anywhere, on a ground with a mark that stays in its place.

Import as `gonogo.tests.rules.image_trust.loose_parts`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.rules.image_trust.dust import Contrast, clean_of
from gonogo.rules.image_trust.optics import SEEN, OpticsWatch
from gonogo.rules.image_trust.optics_learnt import Optics, optics_learnt, optics_of
from gonogo.rules.image_trust.stuck import Counts, usual_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.rules.image_trust.optics import Care
    from gonogo.rules.image_trust.optics_learnt import OpticsLearnt

    Frame = NDArray[np.uint8]

GREY, COLOUR = FrameShape(160, 240, 1), FrameShape(160, 240, 3)
NOISE = 2.0  # grey levels of standard deviation
MARK = (30, 200)  # row and column of a rivet of the fixture, one pixel wide
GOOD = 48  # pictures that teach
STUCK = ((20, 30, 255), (140, 60, 0), (81, 117, 255))  # row, column, value
GRAIN = (100, 150, 20)  # row, column, width in px


def part(seed: int, geometry: FrameShape = COLOUR, light: float = 1.0) -> Frame:
    """A speckled disc somewhere on the ground, with noise."""
    rng = np.random.default_rng(seed)
    height, width = geometry.height_px, geometry.width_px
    frame = np.full((height, width, 3), (90, 100, 95), np.float32)
    middle = int(rng.integers(0, width)), int(rng.integers(0, height))
    grain = cv2.GaussianBlur(rng.normal(0, 60, (height, width)).astype(np.float32), (0, 0), 1.5)
    disc = np.zeros((height, width), np.float32)
    cv2.circle(disc, middle, int(rng.integers(35, 60)), (1.0,), cv2.FILLED)
    disc = np.asarray(cv2.GaussianBlur(disc, (0, 0), 0.8), np.float32)[:, :, None]
    frame = frame * (1 - disc) + (grain[:, :, None] + (170, 150, 160)) * disc
    frame[MARK] = 200
    noisy = frame * light + rng.normal(0, NOISE, frame.shape)
    whole = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    return whole if geometry.channels > 1 else np.ascontiguousarray(whole[:, :, 1])


def as_it_is(frame: Frame) -> Frame:
    """Nothing is wrong."""
    return frame


def with_stuck(frame: Frame) -> Frame:
    """Some pixels are dead or hot."""
    for row, column, value in STUCK:
        frame[row, column] = value
    return frame


def with_dust(frame: Frame) -> Frame:
    """A soft grain takes 30 % of the light."""
    row, column, width = GRAIN
    grain = np.zeros(frame.shape[:2], np.float32)
    cv2.circle(grain, (column, row), width // 2, (1.0,), cv2.FILLED)
    kept = 1 - 0.3 * np.asarray(cv2.GaussianBlur(grain, (0, 0), width / 8), np.float32)
    kept = kept if frame.ndim == kept.ndim else kept[:, :, None]
    return np.asarray(np.rint(frame * kept), np.uint8)


class Learnt(NamedTuple):
    """From good pictures, read back as from a file."""

    optics: Optics
    geometry: FrameShape


@lru_cache
def text_of(geometry: FrameShape = COLOUR) -> OpticsLearnt:
    """Both checks, of parts with even numbers, as a file has them."""
    counts, contrast, contrasts = Counts(geometry), Contrast(geometry), []
    for k in range(GOOD):
        frame = part(2 * k, geometry)
        contrasts.append(contrast.measure(frame))
        counts.add(frame)
    return optics_learnt(usual_of(counts), clean_of(contrasts))


def learnt_of(geometry: FrameShape = COLOUR) -> Learnt:
    """The same, read back."""
    return Learnt(optics_of(text_of(geometry), geometry), geometry)


class Station:
    """A view that looks at one part after the other, with odd numbers."""

    def __init__(self, learnt: Learnt) -> None:
        self._geometry, self._watch = learnt.geometry, OpticsWatch(learnt.geometry, learnt.optics)
        self._number = 1

    def show(
        self,
        harm: Callable[[Frame], Frame] = as_it_is,
        parts: int = SEEN,
        light: Callable[[int], float] = lambda _: 1.0,
    ) -> list[Care]:
        """All that is said while so many parts come, seen with that harm."""
        said = []
        for k in range(parts):
            self._number += 2
            care = self._watch.add(harm(part(self._number, self._geometry, light(k))))
            said += [] if care is None else [care]
        return said
