"""Which tensor of an engine tells a bad patch from good ones: tried on defects that are made.

Good parts are defaced at known places. Each tensor is asked, by its own distances alone, for the
patch that is furthest from all good ones; the one that names the defect most often is taken, and
where none does better than MIN_TIMES chance there is no bank: what it would show, and call near,
would mean nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from gonogo.base.errors import GonogoError
from gonogo.build.patches.learn import Kind, Pictures, bank_of, draw
from gonogo.build.patches.tensors import feature_tensors
from gonogo.build.variants import deface
from gonogo.engines.patches.looker import Looker, Seen
from gonogo.engines.patches.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.engines.bundles.patch_bank import PatchBank

TRIALS = 24  # made defects
MIN_TIMES = 2.0
_CHANGED = 8  # grey levels: less is the resize, and no defect
_SEED = 11


class Hits(NamedTuple):
    """How often the named patch lies in the defect, of so many; `chance`: the defect's share."""

    hits: int
    tried: int
    chance: float

    @property
    def share(self) -> float:
        """0 .. 1."""
        return self.hits / self.tried if self.tried else 0.0

    @property
    def times(self) -> float:
        """How many times as often as chance."""
        return self.share / self.chance if self.chance else 0.0


class MadePatches(NamedTuple):
    """A bank, or None; `said`: what was tried and came of it, for whoever builds."""

    bank: PatchBank | None
    said: str


def make_patches(
    model: Path, pictures: Pictures, progress: Progress, kinds: Sequence[Kind] | None = None
) -> MadePatches:
    """The bank of an ONNX file; `kinds`: how features may be taken, else by shape and place.

    Never raises for a model that has none: an engine is as good without.
    """
    progress("patches of good parts", 0, 1)
    try:
        made = _made(model, pictures.some(), kinds)
    except GonogoError as error:  # a graph that cannot be looked into judges all the same
        made = MadePatches(None, f"no patches of good parts: {error.args[0]}")
    progress("patches of good parts", 1, 1)
    return made


def _made(model: Path, pictures: Pictures, kinds: Sequence[Kind] | None) -> MadePatches:
    if kinds is None:
        kinds = [Kind(tensor) for tensor in feature_tensors(model)]
    if not kinds:
        return MadePatches(
            None,
            "no patches of good parts: no tensor of the graph has the shape of features "
            "(1 x 8..1024 channels x 8..64 rows x 8..64 columns)",
        )
    looker = Looker(model, [kind.tensor.name for kind in kinds])
    drawn = draw(looker, kinds, pictures.frames)
    banks = [
        bank_of(model, kind, rows, pictures, looker)
        for kind, rows in zip(kinds, drawn, strict=True)
    ]
    tried = try_banks(looker, banks, pictures.frames)
    best = max(range(len(banks)), key=lambda k: (tried[k].hits, -k))  # of equals the deepest
    if tried[best].times < MIN_TIMES:
        return MadePatches(None, f"no patches of good parts: {_told(banks[best], tried[best])}")
    return MadePatches(banks[best], _told(banks[best], tried[best]))


def try_banks(
    looker: Looker, banks: Sequence[PatchBank], frames: Sequence[NDArray[np.uint8]]
) -> list[Hits]:
    """Each bank on TRIALS defects that are made in these good parts."""
    rng = np.random.default_rng(_SEED)
    hits, chances = np.zeros(len(banks), int), np.zeros(len(banks))
    for k in range(TRIALS):
        good = frames[k % len(frames)]
        bad = deface(good, rng)
        seen = Seen(looker.see(bad).features, None)  # by its own distances, without the map
        changed = changed_mask(looker.prepared(good), looker.prepared(bad))
        for one, bank in enumerate(banks):
            grid = cells_of(changed, (bank.head.rows, bank.head.columns))
            hits[one] += bool(grid[nearest(seen, bank).cell])
            chances[one] += grid.mean()
    return [
        Hits(int(hit), TRIALS, float(chance / TRIALS))
        for hit, chance in zip(hits, chances, strict=True)
    ]


def changed_mask(good: NDArray[np.uint8], bad: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where two frames differ, bool (height, width)."""
    difference = cv2.absdiff(good, bad)
    if difference.ndim > 2:  # noqa: PLR2004 - rows and columns
        difference = difference.max(axis=2)
    return np.asarray(difference > _CHANGED)


def cells_of(mask: NDArray[np.bool_], grid: tuple[int, int]) -> NDArray[np.bool_]:
    """Which cells of a grid over the picture have any of the mask in them, bool (rows, columns)."""
    found = np.zeros(grid, np.bool_)
    at = np.nonzero(mask)
    row, column = (
        place * cells // side for place, cells, side in zip(at, grid, mask.shape, strict=True)
    )
    found[row, column] = True
    return found


def _told(bank: PatchBank, hits: Hits) -> str:
    head = bank.head
    return (
        f"{head.patches} patches of {len(head.pictures)} good parts, by the tensor {head.tensor!r} "
        f"({head.rows} x {head.columns}): of {hits.tried} made defects it names {hits.hits}, by "
        f"chance it would be {hits.chance * hits.tried:.1f}"
    )
