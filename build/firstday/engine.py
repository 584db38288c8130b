"""The engine of a new station: taught from its good parts, and asked of its bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build import teach
from gonogo.build.firstday.judged import Scores
from gonogo.build.goodparts import GoodImages, Shrink, collect, folder_images
from gonogo.build.prepare import recipe_of
from gonogo.build.proof import REFERENCE, score
from gonogo.build.teaching.learn import learn
from gonogo.build.teaching.recipes import recipe_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.build.goodparts import Progress
    from gonogo.engines.card import Card
    from gonogo.engines.section import PrepareSection


class Engine(NamedTuple):
    """As it was made; `scores` of its good parts are out of fold, in the order of their names."""

    card: Card
    scores: Scores


class Lesson(NamedTuple):
    """How the station's file has the engine made, and by what camera its parts are seen."""

    prepare: PrepareSection
    geometry: FrameShape
    fit: Fit


def make_engine(
    lesson: Lesson, out: Path, bad: Iterable[NDArray[np.uint8]], progress: Progress
) -> Engine:
    """Teach it as `gonogo prepare` would, which then finds it whole; TeachError when of no use.

    `bad`: frames of the geometry, uint8.
    """
    prepare, geometry, fit = lesson
    images = folder_images(prepare.good) if prepare.good is not None else []
    wanted = GoodImages(images, geometry, size=fit)
    size_px = (prepare.side_px, prepare.side_px)
    parts = collect(wanted, size_px, progress)
    taught = learn(parts, recipe_for(prepare.eyes), progress)
    recipe = recipe_of(prepare, geometry, images)
    card = teach.write_engine(teach.Lesson(parts, taught, kept=False), out, progress, recipe)
    shrink = Shrink(size_px)
    frames = [shrink(frame) for frame in bad]
    scores = score(out, REFERENCE, frames) if frames else np.empty(0)
    return Engine(card, Scores(taught.out_of_fold, scores))
