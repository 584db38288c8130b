"""The images of a build: to calibrate on, to validate on, and bad parts; each set its own.

Without a folder of held-out parts, every third good part validates. A file that lies in
two of the sets, by its place or by its content, would prove nothing: it is refused.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import BuildError, CameraError, ImageFileError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.images import header_of, list_images, read_at_own_size
from gonogo.base.picture_folder import (
    TURNED,
    LeftOut,
    by_reason,
    left_out_words,
    no_pictures,
    reason,
    spread,
)
from gonogo.build.drop import without
from gonogo.build.goodparts import MIN_PARTS, Shrink, all_same
from gonogo.build.proof import ProofSet
from gonogo.build.variants import nuisance
from gonogo.engines.backends.fit import SQUEEZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.build.goodparts import Progress
    from gonogo.engines.backends.fit import Fit

    Frames = list[NDArray[np.uint8]]
    _Make = Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]]

PARTS_MAX = 500  # of each set, spread evenly over it: more cost time and tell little more
MADE = 60  # variants, and defaced frames, of the parts that validate
CALIBRATION_PARTS = 30  # of which as many defaced ones are made
SPLIT = 3  # every third good part validates where none are held out
VALIDATE_MIN = 3
GOOD_MIN_SPLIT = 8
_SEED = 57
_NAMED = 5
_COLOURS = 3


class Folders(NamedTuple):
    """Folders of images; without `holdout` some of `good` validate.

    `drop`: good ones to leave out; `keep_all`: somebody has looked, and the odd ones are good.
    """

    good: Path
    bad: tuple[Path, ...] = ()
    holdout: Path | None = None
    drop: tuple[Path, ...] = ()
    keep_all: bool = False


class Files(NamedTuple):
    """Image files by what they are for; `digests` is the SHA-256 of each one's content.

    `left_out`: files of the folders that are not among them.
    """

    calibrate: list[Path]
    validate: list[Path]
    bad: list[Path]
    held_out: bool
    digests: dict[Path, str]
    left_out: tuple[LeftOut, ...] = ()


class Images(NamedTuple):
    """Frames at the model's size, uint8 (height, width, 3) blue-green-red.

    `calibrate` holds defaced frames, too: a defect must not saturate. `good` are the parts
    from which limits follow: the held-out ones, or all of them; `names` are theirs.
    """

    calibrate: Frames
    proof: ProofSet
    good: Frames
    notes: tuple[str, ...]
    names: tuple[str, ...] = ()


def find_files(folders: Folders) -> Files:
    """List and check the folders; BuildError names the option and what was expected."""
    good = _listed("--good", folders.good)
    bad = [path for folder in folders.bad for path in _listed("--bad", folder)]
    held = _listed("--holdout", folders.holdout) if folders.holdout else []
    good, held = without(folders.drop, good, held)
    # each file once, though sets are compared in pairs
    digests = {path: _digest(path) for path in {*good, *bad, *held}}
    _disjoint(digests, ("--good", good), ("--bad", bad))
    _disjoint(digests, ("--good", good), ("--holdout", held))
    _disjoint(digests, ("--holdout", held), ("--bad", bad))
    left_out = [
        each
        for folder in (folders.good, *folders.bad, *([folders.holdout] if folders.holdout else []))
        for each in no_pictures(folder)
    ]
    used, bad, held = (_spread(each, left_out) for each in (good, bad, held))
    if folders.holdout:
        return Files(used, held, bad, held_out=True, digests=digests, left_out=tuple(left_out))
    if len(good) < GOOD_MIN_SPLIT:
        raise BuildError(
            f"--good {folders.good}: {len(good)} images, expected at least {GOOD_MIN_SPLIT} where "
            "some of them must validate; give more, or other good parts with --holdout DIR"
        )
    # in turns, so that whatever changes along the folder is in both
    rest = [path for k, path in enumerate(used) if k % SPLIT]
    return Files(
        rest, used[::SPLIT], bad, held_out=False, digests=digests, left_out=tuple(left_out)
    )


def read_images(
    files: Files, size_px: tuple[int, int], progress: Progress, fit: Fit = SQUEEZE
) -> Images:
    """Bring all to `size_px` (height, width) by `fit`; BuildError when too few can be read."""
    reader = _Reader(Shrink(size_px, fit), progress)
    # defaced ones of every n-th part only: calibration needs some tens of frames
    spread = max(1, -(-len(files.calibrate) // CALIBRATION_PARTS))
    calibrate = reader.parts("--good", files.calibrate, defaced=1, of_every=spread)
    # rounded up; what is too many is cut off below
    made = -(-MADE // len(files.validate))
    option = "--holdout" if files.held_out else "--good"
    valid = reader.parts(option, files.validate, variants=made, defaced=made)
    bad = reader.parts("--bad", files.bad)
    _check(calibrate.plain, valid.plain, bad.plain, files)
    proof = ProofSet(valid.plain, valid.variants[:MADE], valid.defaced[:MADE], bad.plain)
    to_calibrate = [*calibrate.plain[::spread], *calibrate.defaced]
    # parts that calibrated have set ranges, not scores: they tell limits as well as others
    sets = [valid] if files.held_out else [valid, calibrate]
    good = [frame for one in sets for frame in one.plain]
    names = tuple(name for one in sets for name in one.names)
    notes = (*left_out_words(files.left_out), *reader.notes())
    return Images(to_calibrate, proof, good, notes, names)


class _Small(NamedTuple):
    """Frames at the model's size, what was made of them, and what the files are called."""

    plain: Frames
    variants: Frames
    defaced: Frames
    names: list[str]


class _Reader:
    """Reads files, remembers what was odd about them."""

    def __init__(self, small: Shrink, progress: Progress) -> None:
        self._progress = progress
        # one for all sets, in a fixed order: the same files make the same frames
        self._rng = np.random.default_rng(_SEED)
        self.small = small
        self._skipped: list[LeftOut] = []
        self._sizes: dict[tuple[int, ...], int] = {}
        self._turned = 0

    def parts(
        self,
        option: str,
        paths: Sequence[Path],
        *,
        variants: int = 0,
        defaced: int = 0,
        of_every: int = 1,
    ) -> _Small:
        """Every one that can be read, and so many variants and defaced ones of each n-th."""
        what = f"reading {option}"
        found = _Small([], [], [], [])
        for done, path in enumerate(paths):
            self._progress(what, done, len(paths))
            frame = self._frame(path)
            if frame is None:
                continue
            if len(found.plain) % of_every == 0:
                found.variants.extend(self._made(nuisance, frame, variants))
                found.defaced.extend(self._made(self.small.deface, frame, defaced))
            found.plain.append(self.small(frame))
            found.names.append(path.name)
        if paths:
            self._progress(what, len(paths), len(paths))
        return found

    def _frame(self, path: Path) -> NDArray[np.uint8] | None:
        try:
            frame = read_at_own_size(path)
        except ImageFileError as error:
            self._skipped.append(LeftOut(path.name, reason(path, error)))
            return None
        header = header_of(path)
        self._turned += header is not None and header.turned
        size = (frame.shape[1], frame.shape[0])
        # a station's camera has one size: several hint at a mixed folder
        self._sizes[size] = self._sizes.get(size, 0) + 1
        return frame

    def _made(self, make: _Make, frame: NDArray[np.uint8], count: int) -> Frames:
        return [self.small(make(frame, self._rng)) for _ in range(count)]

    def notes(self) -> tuple[str, ...]:
        """What was left out, and whether the images are alike in size."""
        notes = []
        if self._skipped:
            named = "; ".join(by_reason(self._skipped)[:_NAMED])
            notes.append(f"{len(self._skipped)} images cannot be read and were skipped: {named}")
        if self._turned:
            notes.append(f"{self._turned} images {TURNED}")
        common = sorted(self._sizes.items(), key=lambda pair: -pair[1])[:_NAMED]
        for (width_px, height_px), _ in common[:1]:
            sight = self.small.sight(FrameShape(height_px, width_px, _COLOURS))
            notes += filter(None, [sight.unseen])
        if len(self._sizes) > 1:
            named = ", ".join(f"{count} of {w}x{h}" for (w, h), count in common)
            notes.append(
                f"the images have {len(self._sizes)} sizes ({named} px): a station's camera has one"
            )
        return tuple(notes)


def _listed(option: str, folder: Path) -> list[Path]:
    try:
        return list_images(folder)
    except CameraError as error:
        raise BuildError(f"{option}: {error.args[0]}") from error


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return f"unreadable {path}"  # said when it is read


def _disjoint(
    digests: dict[Path, str], first: tuple[str, list[Path]], second: tuple[str, list[Path]]
) -> None:
    # by content: a copy under another name proves as little
    known = {digests[path]: path for path in first[1]}
    twice = [(known[digests[path]], path) for path in second[1] if digests[path] in known]
    if twice:
        one, other = twice[0]
        same = "" if one.resolve() == other.resolve() else f" (the same image as {one.name})"
        raise BuildError(
            f"{second[0]} {other}{same} is in {first[0]} as well, and {len(twice) - 1} more are; "
            "expected each part in one set, else the proof is none; in a folder laid out as MVTec "
            "AD give every folder of defects by itself: --bad test/broken --bad test/scratch"
        )


def _spread(paths: list[Path], left_out: list[LeftOut]) -> list[Path]:
    kept, more = spread(paths, PARTS_MAX)
    left_out += more
    return kept


def _check(calibrate: Frames, validate: Frames, bad: Frames, files: Files) -> None:
    option = "--holdout" if files.held_out else "--good"
    for name, frames, least in (
        ("--good", calibrate, MIN_PARTS),
        (option, validate, VALIDATE_MIN),
        ("--bad", bad, 1 if files.bad else 0),
    ):
        if len(frames) < least:
            raise BuildError(
                f"{name}: {len(frames)} images can be read, expected at least {least}; "
                "save them again as 8-bit PNG or JPEG, or give more"
            )
    # after shrinking, as the model sees them
    if all_same([*calibrate, *validate]):
        raise BuildError(
            "--good: all images are the same, expected photographs of different parts; how good "
            "parts differ cannot be seen in copies"
        )
