"""Good parts in, an engine out: look, fold, fit, prove.

The limits come from cross-validation: each good part is scored by an engine that has
not seen it, nor any look of it, because a bank that holds a part finds it at once.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import NotProven
from gonogo.build.agreement import Agreement, Scores, compare_scores
from gonogo.build.proof import REFERENCE, Prover
from gonogo.build.quantize import proof_set
from gonogo.build.teaching.bank import learn_bank
from gonogo.build.teaching.eyes import Eyes, quantized
from gonogo.build.teaching.head import Head, engine_model
from gonogo.build.teaching.places import usual, worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gonogo.build.goodparts import GoodParts, Progress
    from gonogo.build.proof import ProofSet
    from gonogo.build.teaching.recipes import Recipe
    from gonogo.build.teaching.whitening import Rule

FOLDS = 5
LEAVE_ONE_OUT_BELOW = 10
# of the AUROC of made defects; on real parts engines that differed by nothing but the draw of
# their patches were up to 0.034 apart, and INT8 after teaching took 0.4
LOSS_MAX = 0.05
LOOKS = 4  # variants of each part that are learned from beside its photograph
ENOUGH_PARTS = 50  # from so many on one variant of each will do


class Taught(NamedTuple):
    """An engine, whole. `out_of_fold`: scores (parts,) of the photographs in their order.

    `folds`: how many engines gave them. `int8`: how an engine on INT8 eyes compares with one
    that was taught on FP32 eyes, where that was tried; `in_int8`: whether it is used.
    `agreement`: of the file itself with what the limits come from, by backend. `grid`: rows, and
    columns, of its map.
    """

    model: bytes
    recipe: Recipe
    out_of_fold: NDArray[np.float64]
    folds: int
    int8: Agreement | None
    in_int8: bool
    agreement: dict[str, Agreement]
    grid: int

    @property
    def proven(self) -> tuple[str, ...]:
        """Backends in which it may be used."""
        return tuple(name for name, found in self.agreement.items() if found.ok)


def learn(
    parts: GoodParts, recipe: Recipe, progress: Progress, loss_max: float = LOSS_MAX
) -> Taught:
    """Teach by one recipe; NotProven where no backend computes what was taught.

    `loss_max`: AUROC of made defects that INT8 eyes may cost; above, they stay FP32.
    """
    exact = Eyes(recipe.eyes(parts))
    proof = proof_set(parts)
    int8 = None
    if recipe.ranges is not None:
        eyes = Eyes(quantized(exact.model, recipe.ranges(parts), progress))
        made = _made(eyes, parts, recipe, progress)
        expected = _scores(eyes, made.head, proof)
        int8 = _against_fp32(exact, parts, made, expected)
    in_int8 = int8 is not None and int8.separation_loss <= loss_max
    if not in_int8:
        made = _made(exact, parts, recipe, progress)
        expected = _scores(exact, made.head, proof)
    agreement = _proven(made.model, proof, expected, progress)
    scores, folds = worst(made.out_of_fold), _folds(len(parts.good))
    grid = made.out_of_fold.shape[-1]
    return Taught(made.model, recipe, scores, folds, int8, in_int8, agreement, grid)


class _Made(NamedTuple):
    """An engine by some eyes, before it is proven; `out_of_fold`: maps (parts, G, G)."""

    model: bytes
    head: Head
    rule: Rule
    out_of_fold: NDArray[np.float32]


def _made(eyes: Eyes, parts: GoodParts, recipe: Recipe, progress: Progress) -> _Made:
    looks = look(eyes, parts, progress)
    maps = cross_validate(looks, recipe, progress)
    progress("fitting", 0, 1)
    bank = learn_bank(_flat(looks), recipe.rule)
    # of n parts each has an n-th of the say in what is usual, also for its own score
    normal = usual(maps) if recipe.by_place else None
    head = Head(bank, normal)
    model = engine_model(eyes.model, head, maps.shape[-1])
    progress("fitting", 1, 1)
    return _Made(model, head, recipe.rule, maps if normal is None else maps / normal)


def look(eyes: Eyes, parts: GoodParts, progress: Progress) -> NDArray[np.float32]:
    """Features (parts, 1 + looks, C, G, G) of every photograph and some variants of it."""
    found = []
    for k, good in enumerate(parts.good):
        progress("looking at good parts", k, len(parts.good))
        found.append([eyes.see(frame) for frame in (good, *_variants(parts, k))])
    progress("looking at good parts", len(parts.good), len(parts.good))
    return np.array(found, np.float32)


def cross_validate(
    looks: NDArray[np.float32], recipe: Recipe, progress: Progress
) -> NDArray[np.float32]:
    """Distances (parts, G, G) of every photograph from a bank of the other folds."""
    parts, grid = len(looks), looks.shape[-1]
    folds = _folds(parts)
    maps = np.empty((parts, grid, grid), np.float32)
    for fold in range(folds):
        progress("cross-validating", fold, folds)
        # a part with all its looks: one of them left behind would give it away
        held_out = np.arange(parts) % folds == fold
        bank = learn_bank(_flat(looks[~held_out]), recipe.rule)
        maps[held_out] = bank.distances(looks[held_out, 0])
    progress("cross-validating", folds, folds)
    return maps


def _silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _folds(parts: int) -> int:
    return parts if parts < LEAVE_ONE_OUT_BELOW else FOLDS


def _flat(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    return looks.reshape(-1, *looks.shape[2:])


def _variants(parts: GoodParts, part: int) -> Sequence[NDArray[np.uint8]]:
    wanted = 1 if len(parts.good) >= ENOUGH_PARTS else LOOKS
    start = part * parts.per_part
    return parts.variants[start : start + min(wanted, parts.per_part)]


def _against_fp32(eyes: Eyes, parts: GoodParts, made: _Made, int8: Scores) -> Agreement:
    """How an engine on INT8 eyes compares with one that these, the FP32 ones, were taught."""
    bank = learn_bank(_flat(look(eyes, parts, _silent)), made.rule)
    # what is usual at a place is a matter of the parts, not of the eyes
    return compare_scores(_scores(eyes, made.head._replace(bank=bank), proof_set(parts)), int8)


def _proven(
    model: bytes, proof: ProofSet, expected: Scores, progress: Progress
) -> dict[str, Agreement]:
    """Whether the file says in each backend what the engine said that the limits come from."""
    progress("proving the cpu form", 0, 1)
    with tempfile.TemporaryDirectory(prefix="gonogo-teach-") as folder:
        path = Path(folder) / "engine.onnx"
        path.write_bytes(model)
        found = Prover(proof, expected).prove(path).agreement
    progress("proving the cpu form", 1, 1)
    if not found[REFERENCE].ok:
        raise NotProven(
            f"the engine says something else in {REFERENCE} than as it was taught: "
            f"{found[REFERENCE]}; teach with --method filters, and tell who maintains gonogo"
        )
    return found


def _scores(eyes: Eyes, head: Head, proof: ProofSet) -> Scores:
    maps = [np.array(list(_maps(eyes, head, kind)), np.float32) for kind in proof[:3]]
    good, variants, defaced = (worst(kind) for kind in maps)
    flat = np.concatenate([kind.reshape(len(kind), -1) for kind in maps]).astype(np.float64)
    return Scores(good, variants, defaced, maps=flat)


def _maps(
    eyes: Eyes, head: Head, frames: Sequence[NDArray[np.uint8]]
) -> Iterator[NDArray[np.float32]]:
    for frame in frames:
        yield head.maps(eyes.see(frame)[None])[0]
