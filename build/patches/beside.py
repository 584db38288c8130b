"""The patches of an engine that was taught, in a file beside its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError
from gonogo.build.patches.choosing import make_patches
from gonogo.build.patches.learn import Kind, Pictures
from gonogo.build.patches.tensors import Tensor
from gonogo.build.teaching.bank import POSITION
from gonogo.build.teaching.head import WHITE
from gonogo.build.teaching.whitening import DEPTH
from gonogo.engines.bundles.patch_bank import encode
from gonogo.engines.card import replace_file
from gonogo.engines.patches.sources import bank_beside, bank_path

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.goodparts import GoodParts, Progress
    from gonogo.engines.bundles.patch_bank import PatchBank


def taught_kind(grid: int) -> Kind:
    """The features that a taught engine judges by, and what a place counts for it."""
    return Kind(Tensor(WHITE, (1, DEPTH, grid, grid)), plain=True, position=POSITION)


def write_patches(model: Path, parts: GoodParts, grid: int, progress: Progress) -> str:
    """Make them of the photographs, and write them; what came of it, for the card."""
    pictures = Pictures(parts.good, parts.names)
    made = make_patches(model, pictures, progress, [taught_kind(grid)])
    if made.bank is not None:
        replace_file(bank_path(model), encode(made.bank))
    else:
        bank_path(model).unlink(missing_ok=True)  # of an engine that was there before
    return made.said


def patches_beside(model: Path) -> PatchBank | None:
    """Those of a model file, for its bundle; None where it has none, or those of another one."""
    try:
        return bank_beside(model, model.read_bytes())
    except GonogoError:
        return None
