"""`gonogo teach`: a first INT8 anomaly engine from good images alone, on the box, in a minute.

Eyes that were not made for these parts (gonogo.build.teaching.recipes) look at every part,
and at some looks of it, slightly moved and lit differently. A bank of patches of good
parts, each with its place, tells how far a place is from all that is good. It wants parts
that come to lie in about the same place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.fewparts import day_zero
from gonogo.build.goodparts import GoodImages, collect, folder_images
from gonogo.build.patches.beside import write_patches
from gonogo.build.promise import promise
from gonogo.build.review.odd import oddest, remark, write_odd
from gonogo.build.teaching.filters import SIDE_PX
from gonogo.build.teaching.learn import learn
from gonogo.build.teaching.outline import lie
from gonogo.build.teaching.recipes import recipe_for
from gonogo.engines.card import Card, replace_file, sha256_of, write_card

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.goodparts import GoodParts, Progress
    from gonogo.build.teaching.learn import Taught
    from gonogo.build.teaching.recipes import Method


def teach_folder(
    good: Path, out: Path, progress: Progress, side_px: int = SIDE_PX, method: Method = "auto"
) -> Card:
    """Write an engine and its card from a folder of good images; TeachError when of no use."""
    images = GoodImages(folder_images(good))
    return teach(images, out, progress=progress, side_px=side_px, method=method)


def teach(
    good: GoodImages,
    out: Path,
    *,
    progress: Progress,
    recipe: str = "",
    side_px: int = SIDE_PX,
    method: Method = "auto",
) -> Card:
    """Write an engine and its card; TeachError when the images are of no use.

    The engine sees `side_px` by `side_px` pixels: more find smaller flaws, and take longer.
    `recipe`: digest of what the engine is made from, for the card. `method`: with which
    eyes; MissingExtra where those are not installed.
    """
    wanted = recipe_for(method)
    # at the engine's size: kernels of fixed width see what they will see on the line
    parts = collect(good, (side_px, side_px), progress)
    taught = learn(parts, wanted, progress)
    return write_engine(Lesson(parts, taught, kept=good.kept), out, progress, recipe)


class Lesson(NamedTuple):
    """Good parts and what was taught from them; `kept`: the odd ones are known to be good."""

    parts: GoodParts
    taught: Taught
    kept: bool


def write_engine(lesson: Lesson, out: Path, progress: Progress, recipe: str = "") -> Card:
    """Write the engine, its card and what lies beside it; `recipe` as in `teach`."""
    parts, taught, kept = lesson
    # model first: a card beside another model is refused, and it is made again
    replace_file(out, taught.model)
    odd = oddest(taught.out_of_fold, parts.names)
    write_odd(out, odd, parts.good)
    card = _card(parts, taught, out, recipe)
    patches = write_patches(out, parts, taught.grid, progress)
    remarks = (promise(len(parts.good)), remark(odd, kept=kept), patches)
    card = card.model_copy(update={"note": "; ".join([card.note, *remarks])})
    write_card(out, card)
    return card


def _card(parts: GoodParts, taught: Taught, out: Path, recipe: str) -> Card:
    # Of the parts as they were photographed: their variants are moved and lit further than
    # parts are, which is good to learn from, but would draw the limits far too wide.
    limits = day_zero(taught.out_of_fold)
    return Card(
        name=out.stem,
        sha256=sha256_of(out),
        method="teach",
        source=f"{len(parts.good)} good parts",
        good_parts=len(parts.good),
        reject_above=limits.reject_above,
        recheck_above=limits.recheck_above,
        good_scores=tuple(np.sort(taught.out_of_fold).tolist()),
        note=_note(parts, taught),
        proven=taught.proven,
        recipe=recipe,
    )


def _note(parts: GoodParts, taught: Taught) -> str:
    """What it was made from, what it sees and hardly sees, for whoever reads the card."""
    recipe = taught.recipe
    by = f"by the recipe {recipe.name}" + (f" ({recipe.credit})" if recipe.credit else "")
    proof = ", ".join(f"{name} {found.rank:.3f}" for name, found in taught.agreement.items())
    remarks = [
        f"taught {by} from {len(parts.good)} parts at {parts.side_px} x {parts.side_px} px",
        f"scores of good parts are out of fold ({taught.folds} folds)",
        _form(taught),
        f"rank correlation with what was taught {proof}",
        recipe.limits_of,
        lie(parts.good),
        parts.note,
    ]
    return "; ".join(remark for remark in remarks if remark)


def _form(taught: Taught) -> str:
    held = f"eyes in {'INT8' if taught.in_int8 else 'FP32'}"
    if taught.int8 is None:
        return held
    lost = f"{taught.int8.separation_loss:.4f} of the AUROC of made defects lost in INT8"
    return f"{held}, {lost}"
