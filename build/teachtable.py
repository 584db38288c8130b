"""`gonogo teach-table`: what engines taught from good parts alone find, on sets of photographs.

A set lies as MVTec AD lays it out: train/good teaches, test/good and test/DEFECT judge. For
each, limits of the first day, and those after a review of the oddest of the first parts: half of
the good test parts, shuffled with a few bad ones, of which the oddest are labelled by their folder.
They are judged on the rest, over many such splits.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import BuildError
from gonogo.base.images import list_images
from gonogo.base.scores import by_score
from gonogo.base.words import VerdictKind
from gonogo.build.fewparts import after_review, day_zero
from gonogo.build.goodparts import GoodImages, Shrink, collect, folder_images
from gonogo.build.limits import auroc
from gonogo.build.proof import REFERENCE, score
from gonogo.build.review.parts import read_picture
from gonogo.build.teaching.filters import SIDE_PX
from gonogo.build.teaching.learn import learn
from gonogo.build.teaching.recipes import METHODS, recipe_for
from gonogo.build.teaching.weights import installed
from gonogo.engines.backends.model import open_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.base.scores import ScoreLimits
    from gonogo.build.goodparts import Progress
    from gonogo.build.teaching.recipes import Method

SPLITS = 50
BAD_SHARE = 0.05  # of the first parts of a line
BAD_MIN = 3
TOP = 10  # of the first parts are labelled
_SEED = 57
_GOOD = "good"


class Caught(NamedTuple):
    """What limits do, as shares, 0 .. 1.

    `rejected`, `found`: of bad parts rejected, and rejected or rechecked; `overkill`,
    `rechecked`: of good parts rejected, and rechecked.
    """

    rejected: float
    found: float
    overkill: float
    rechecked: float


class Row(NamedTuple):
    """One engine on one set; `parts`: that it was taught from. Limits only where it has any."""

    data: str
    engine: str
    parts: int
    good: int
    bad: int
    auroc: float
    day_zero: Caught | None = None
    reviewed: Caught | None = None


class Tests(NamedTuple):
    """Frames at the model's size, uint8 (height, width, 3)."""

    good: list[NDArray[np.uint8]]
    bad: list[NDArray[np.uint8]]


class Taught(NamedTuple):
    """Scores float64 (parts,) of an engine that was taught from `parts` good ones.

    `known`: of those, each by a model that was not fitted to it; `good`, `bad`: of those that
    judge.
    """

    engine: str
    parts: int
    known: NDArray[np.float64]
    good: NDArray[np.float64]
    bad: NDArray[np.float64]


class Wanted(NamedTuple):
    """`sets`: folders of `data`, all of them where none is named; `repeats`: of each engine.

    Beyond the first, each is taught from a bootstrap sample of the good parts. `methods`: None for
    all that are installed.
    """

    data: Path
    sets: tuple[str, ...] = ()
    models: Path | None = None
    repeats: int = 1
    seed: int = _SEED
    methods: tuple[Method, ...] | None = None


class Draw(NamedTuple):
    """Which good parts teach: all of them, or from number 1 on a bootstrap sample."""

    seed: int
    number: int

    def of(self, images: list[Path]) -> list[Path]:
        """The parts of this sample, each once."""
        if not self.number:
            return images
        rng = np.random.default_rng([self.seed, self.number])
        return [images[k] for k in np.unique(rng.integers(0, len(images), len(images)))]


def measure(wanted: Wanted, progress: Progress) -> list[Row]:
    """A row for each set and engine; BuildError where no set is found."""
    rows = []
    for name in sets_of(wanted):
        folder = wanted.data / name
        tests = read_tests(folder, (SIDE_PX, SIDE_PX), progress)
        for method in methods_of(wanted):
            rows += [
                _taught(folder, tests, method, Draw(wanted.seed, k), named(name, progress))
                for k in range(wanted.repeats)
            ]
        rows += [_trained(model, folder, progress) for model in models_of(wanted, name)]
    return rows


def read_tests(folder: Path, size_px: tuple[int, int], progress: Progress) -> Tests:
    """The photographs that judge, of a set, at a size (height, width)."""
    kinds = sorted(path for path in (folder / "test").iterdir() if path.is_dir())
    small, tests = Shrink(size_px), Tests([], [])
    for done, kind in enumerate(kinds):
        progress("reading test parts", done, len(kinds))
        frames = [small(read_picture(path)[1]) for path in list_images(kind)]
        (tests.good if kind.name == _GOOD else tests.bad).extend(frames)
    progress("reading test parts", len(kinds), len(kinds))
    return tests


def caught(limits: ScoreLimits, good: NDArray[np.float64], bad: NDArray[np.float64]) -> Caught:
    """What limits do to the scores (parts,) of good and bad parts."""
    rejected, rechecked = _sent(limits, bad)
    overkill, looked = _sent(limits, good)
    return Caught(rejected, rejected + rechecked, overkill, looked)


def _sent(limits: ScoreLimits, scores: NDArray[np.float64]) -> tuple[float, float]:
    """Which shares are rejected, and rechecked."""
    kinds = [by_score(float(value), limits).kind for value in scores]
    return (
        kinds.count(VerdictKind.REJECT) / len(kinds),
        kinds.count(VerdictKind.RECHECK) / len(kinds),
    )


def reviewed(
    known: NDArray[np.float64], good: NDArray[np.float64], bad: NDArray[np.float64], seed: int
) -> Caught:
    """The mean over SPLITS of what limits after a review do to the parts that were not in it.

    `known`: out-of-fold scores of the parts that the engine was taught from, for a set has not a
    hundred good test parts.
    """
    rng = np.random.default_rng(seed)
    found = [_split(known, rng.permutation(good), rng.permutation(bad)) for _ in range(SPLITS)]
    return Caught(*np.mean(found, axis=0).tolist())


def _split(
    known: NDArray[np.float64], good: NDArray[np.float64], bad: NDArray[np.float64]
) -> Caught:
    first = np.concatenate([known, good[: len(good) // 2]])
    among = bad[: min(len(bad) // 2, max(BAD_MIN, round(BAD_SHARE * len(first))))]
    # labelled are the oddest; a bad part below them counts as good, as it would on the line
    lowest = np.sort(np.concatenate([first, among]))[-max(TOP, 2 * len(among)) :].min()
    unseen = among[among < lowest]
    limits = after_review(np.concatenate([first, unseen]), among[among >= lowest])
    return caught(limits, good[len(good) // 2 :], bad[len(among) :])


def taught_on(folder: Path, tests: Tests, method: Method, draw: Draw, progress: Progress) -> Taught:
    """Teach an engine from the good parts of a set, and have it score the parts that judge."""
    images = draw.of(folder_images(folder / "train" / _GOOD))
    parts = collect(GoodImages(images), (SIDE_PX, SIDE_PX), progress)
    taught = learn(parts, recipe_for(method), progress)
    with tempfile.TemporaryDirectory(prefix="gonogo-table-") as scratch:
        model = Path(scratch) / "engine.onnx"
        model.write_bytes(taught.model)
        good, bad = (score(model, REFERENCE, frames) for frames in tests)
    return Taught(taught.recipe.name, len(images), taught.out_of_fold, good, bad)


def _taught(folder: Path, tests: Tests, method: Method, draw: Draw, progress: Progress) -> Row:
    found = taught_on(folder, tests, method, draw, progress)
    return Row(
        folder.name,
        found.engine + (f", sample {draw.number}" if draw.number else ""),
        found.parts,
        len(found.good),
        len(found.bad),
        auroc(found.good, found.bad),
        caught(day_zero(found.known), found.good, found.bad),
        reviewed(found.known, found.good, found.bad, draw.seed),
    )


def _trained(model: Path, folder: Path, progress: Progress) -> Row:
    """A model that somebody brings; its limits would follow from other parts than these."""
    _, _, height_px, width_px = open_model(model).image.shape
    tests = read_tests(folder, (height_px, width_px), progress)
    good, bad = (score(model, REFERENCE, frames) for frames in tests)
    name = model.stem.removeprefix(f"{folder.name}_")
    return Row(folder.name, name, 0, len(good), len(bad), auroc(good, bad))


def methods_of(wanted: Wanted) -> Sequence[Method]:
    """Those that are asked for, or all that are installed."""
    if wanted.methods is not None:
        return wanted.methods
    return [m for m in METHODS if m == "filters" or (m == "pretrained" and installed())]


def sets_of(wanted: Wanted) -> list[str]:
    """Names of the sets that are asked for; BuildError where one is not there."""
    there = sorted(path.parent.parent.name for path in wanted.data.glob(f"*/train/{_GOOD}"))
    missing = [name for name in wanted.sets if name not in there]
    if missing or not there:
        raise BuildError(
            f"{wanted.data}: no set {', '.join(missing) or 'at all'}; expected folders with "
            f"train/good and test in them{': ' if there else ''}{', '.join(there)}"
        )
    return list(wanted.sets) or there


def models_of(wanted: Wanted, name: str) -> list[Path]:
    """Those whose card beside them names the set."""
    if wanted.models is None:
        return []
    cards = [path for path in sorted(wanted.models.glob("*.json")) if _set_of(path) == name]
    return [path.with_suffix(".onnx") for path in cards]


def _set_of(card: Path) -> str:
    return str(json.loads(card.read_bytes()).get("dataset", ""))


def named(name: str, progress: Progress) -> Progress:
    """The same with the name of the set in front."""

    def report(what: str, done: int, total: int) -> None:
        progress(f"{name}: {what}", done, total)

    return report
