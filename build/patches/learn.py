"""A bank of patches from pictures of good parts, by an engine's own features."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.evenly import evenly
from gonogo.build.teaching.bank import k_centre
from gonogo.build.teaching.whitening import Rule, Whitening, learn_whitening
from gonogo.engines.bundles.patch_bank import Head, PatchBank
from gonogo.engines.patches.crops import crop, crop_side, small_jpeg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.patches.tensors import Tensor
    from gonogo.engines.patches.looker import Looker

PATCHES = 512
ROWS = 20_000  # drawn by chance, of which the patches are chosen
PARTS_MAX = 100  # good parts of which patches are taken, spread evenly
NAME_MAX = 60  # characters of a picture's name
_INT8_MAX = 127
_RULE = Rule(alike=True, floor=0.5)
_SEED = 57  # the same parts make the same bank


class Pictures(NamedTuple):
    """Good parts as a person knows them; frames uint8 (height, width[, 3]) of any size."""

    frames: Sequence[NDArray[np.uint8]]
    names: Sequence[str]

    def some(self) -> Pictures:
        """At most PARTS_MAX of them, spread evenly."""
        return Pictures(evenly(self.frames, PARTS_MAX), evenly(self.names, PARTS_MAX))


class Kind(NamedTuple):
    """How features are taken: which tensor; `plain`: as it is, for it is whitened already.

    `position`: what a whole picture's height counts beside the channels.
    """

    tensor: Tensor
    plain: bool = False
    position: float = 0.0


class Drawn(NamedTuple):
    """Features (n, C) float32 of places drawn by chance: of which picture, and where (n, 2)."""

    rows: NDArray[np.float32]
    of: NDArray[np.intp]
    places: NDArray[np.intp]


def draw(looker: Looker, kinds: Sequence[Kind], frames: Sequence[NDArray[np.uint8]]) -> list[Drawn]:
    """For each kind; every picture is looked at once, and only what is drawn is kept."""
    rngs = [np.random.default_rng(_SEED) for _ in kinds]
    each = max(1, ROWS // len(frames))
    found: list[list[tuple[NDArray[np.float32], NDArray[np.intp]]]] = [[] for _ in kinds]
    for frame in frames:
        seen = looker.see(frame)
        for kind, rng, kept in zip(kinds, rngs, found, strict=True):
            features = seen.features[kind.tensor.name]
            cells = features.shape[1] * features.shape[2]
            places = np.sort(rng.choice(cells, min(each, cells), replace=False))
            kept.append((features.reshape(len(features), -1).T[places], places))
    return [_joined(kept, kind) for kept, kind in zip(found, kinds, strict=True)]


def bank_of(model: Path, kind: Kind, drawn: Drawn, pictures: Pictures, looker: Looker) -> PatchBank:
    """The patches that are furthest from each other, with the pieces that they are of."""
    whitening = _PLAIN if kind.plain else learn_whitening(drawn.rows, _RULE)
    white = drawn.rows if kind.plain else whitening.of(drawn.rows)
    along = drawn.places / np.array(kind.tensor.grid) * kind.position
    placed = np.concatenate([white, along.astype(np.float32)], axis=1)
    chosen = np.sort(k_centre(placed, PATCHES))
    # the same picture one after another: each is brought to the model's size once
    scales = np.maximum(np.abs(white[chosen]).max(axis=0) / _INT8_MAX, 1e-12).astype(np.float32)
    side_px = crop_side(looker.size_px)
    head = Head(
        model=hashlib.sha256(model.read_bytes()).hexdigest(),
        tensor=kind.tensor.name,
        rows=kind.tensor.grid[0],
        columns=kind.tensor.grid[1],
        channels=len(whitening.mean),
        depth=white.shape[1],
        position=kind.position,
        patches=len(chosen),
        crop_px=side_px,
        pictures=tuple(_short(name) for name in pictures.names),
    )
    return PatchBank(
        head,
        whitening.mean,
        whitening.project,
        scales,
        np.rint(white[chosen] / scales).astype(np.int8),
        drawn.places[chosen].astype(np.uint16),
        drawn.of[chosen].astype(np.uint16),
        _crops(drawn, chosen, pictures, looker, kind),
    )


_PLAIN = Whitening(np.empty(0, np.float32), np.empty((0, 0), np.float32))


def _joined(kept: list[tuple[NDArray[np.float32], NDArray[np.intp]]], kind: Kind) -> Drawn:
    of = np.repeat(np.arange(len(kept)), [len(places) for _, places in kept])
    places = np.concatenate([places for _, places in kept])
    where = np.stack(np.divmod(places, kind.tensor.grid[1]), axis=1)
    return Drawn(np.concatenate([rows for rows, _ in kept]).astype(np.float32), of, where)


def _crops(
    drawn: Drawn, chosen: NDArray[np.intp], pictures: Pictures, looker: Looker, kind: Kind
) -> tuple[bytes, ...]:
    side_px = crop_side(looker.size_px)
    found = []
    for of in np.unique(drawn.of[chosen]):
        frame = looker.prepared(pictures.frames[of])
        for k in chosen[drawn.of[chosen] == of]:
            row, column = drawn.places[k].tolist()
            found.append(small_jpeg(crop(frame, (row, column), kind.tensor.grid, side_px)))
    return tuple(found)


def _short(name: str) -> str:
    """One line, as a page shows it."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name).strip()
    return plain[:NAME_MAX] or "?"
