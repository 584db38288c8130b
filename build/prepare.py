"""The engine of one view, made as its station file says, unless it is there already.

The card remembers a digest of everything the engine was made from: method, source
model, good images, geometry. When one of them changes, the engine is made again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import ModelError
from gonogo.base.log.logger import get_logger
from gonogo.build.goodparts import GoodImages, folder_images
from gonogo.build.quantize import quantize_parts
from gonogo.build.teach import teach
from gonogo.build.teaching.filters import SIDE_PX
from gonogo.build.teaching.recipes import recipe_for
from gonogo.engines.card import Card, card_path, read_card, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape
    from gonogo.base.images import Fit
    from gonogo.build.goodparts import Progress
    from gonogo.engines.section import EngineSection, PrepareSection

log = get_logger(__name__)

REVISION = 2  # raised when the same inputs would make another engine


def prepare_view(
    section: EngineSection,
    geometry: FrameShape,
    good: Iterable[NDArray[np.uint8]] | Path,
    progress: Progress,
    size: Fit = "resize",
) -> Card:
    """The card of the view's engine, which is made first where it must be.

    `good` are frames, uint8 of `geometry`, or a folder of images of good parts, which are brought
    to it by `size` as the view's camera has it.
    ModelError or TeachError when no engine can be made of them.
    """
    prepare = section.prepare
    if prepare is None:
        return read_card(section.file)
    # a list, not an iterator: they are gone through for the recipe, and again to learn from
    images = folder_images(good) if isinstance(good, Path) else list(good)
    card = _prepared(section, prepare, GoodImages(images, geometry, size=size), progress)
    # the first of its remarks: by which recipe, or what is in INT8
    log.info(
        "engine_wanted",
        text="engine %(engine)s: %(what)s",
        engine=card.name,
        what=card.note.split("; ")[0],
    )
    return card


def changed(
    section: EngineSection,
    geometry: FrameShape,
    good: Iterable[NDArray[np.uint8]] | Path,
) -> bool:
    """Whether the view's whole engine was made from something else than there is now."""
    if section.prepare is None:
        return False
    images = folder_images(good) if isinstance(good, Path) else list(good)
    return read_card(section.file).recipe != recipe_of(section.prepare, geometry, images)


def _prepared(
    section: EngineSection,
    prepare: PrepareSection,
    wanted: GoodImages,
    progress: Progress,
) -> Card:
    recipe = recipe_of(prepare, wanted.geometry, wanted.images)
    try:
        card = read_card(section.file)
    except ModelError as error:
        card = None  # not there, or not whole: it is made now
        if card_path(section.file).exists():  # somebody may have put limits of his own there
            log.warning("engine_card_unusable", text="%(error)s: made anew now", error=error)
    if card is not None and card.recipe == recipe:
        return card
    if prepare.method == "quantize":
        return quantize_parts(_source(prepare), wanted, section.file, progress, recipe)
    eyes, side_px = prepare.eyes, prepare.side_px
    return teach(
        wanted, section.file, progress=progress, recipe=recipe, side_px=side_px, method=eyes
    )


def recipe_of(
    prepare: PrepareSection,
    geometry: FrameShape | None,
    images: Iterable[NDArray[np.uint8] | Path],
) -> str:
    """Digest of everything that the engine follows from."""
    side = f" {prepare.side_px}" if prepare.side_px != SIDE_PX else ""
    digest = hashlib.sha256(f"{REVISION} {prepare.method} {tuple(geometry or ())}{side}".encode())
    if prepare.method == "teach":
        # by what "auto" is on this box now: once the weights are there, it is another engine
        eyes = recipe_for(prepare.eyes)
        digest.update(f"{eyes.name} {eyes.weights}".encode())
    if prepare.source is not None:
        digest.update(sha256_of(_source(prepare)).encode())
    for image in images:
        # contents alone: files that were only moved make no other engine
        digest.update(image.read_bytes() if isinstance(image, Path) else image.tobytes())
    return digest.hexdigest()


def _source(prepare: PrepareSection) -> Path:
    source = prepare.source
    if source is None or not source.is_file():
        raise ModelError(
            f"engine.prepare.source: expected an FP32 ONNX file, found none at {source}; "
            "mend the path, or copy the model there"
        )
    return source
