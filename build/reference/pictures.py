"""The pictures that a table of scores is of: found by their path, or by the end of it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.base.errors import ImageFileError, ReferenceUnusable
from gonogo.base.evenly import evenly
from gonogo.base.images import read_at_own_size
from gonogo.build.listed import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gonogo.build.reference.table import Row, Table

PICTURES_MIN = 8  # of fewer a rank correlation is chance
PICTURES_MAX = 200  # compared; more cost time and tell little more


class Scored(NamedTuple):
    """Pictures as they are, uint8 (height, width, 3) blue-green-red, and the tool's scores (n,)."""

    frames: list[NDArray[np.uint8]]
    scores: NDArray[np.float64]
    notes: tuple[str, ...]


def scored(table: Table, known: Sequence[Path]) -> Scored:
    """The pictures of a table, at most PICTURES_MAX, from low scores to high ones.

    `known`: pictures among which names are looked up. ReferenceUnusable where fewer than
    PICTURES_MIN are found, a name stands for several pictures or has two scores, or all score
    the same.
    """
    found, missing = _found(table, known)
    notes = []
    if missing:
        named = listed([row.name for row in missing])
        notes.append(f"{table.path.name}: {len(missing)} pictures are not there: {named}")
    frames, scores = _read(sorted(found.items(), key=lambda pair: pair[1]), table, notes)
    if len(frames) < PICTURES_MIN:
        raise ReferenceUnusable(
            f"{table.path}: {len(frames)} of {len(table.rows)} pictures are there and can be read, "
            f"expected at least {PICTURES_MIN}; {'; '.join(notes) or 'score more'}; "
            "--reference-images DIR says where they lie"
        )
    if np.ptp(scores) == 0:
        raise ReferenceUnusable(
            f"{table.path}: all {len(scores)} scores are {scores[0]:g}, expected scores that "
            "differ: of good and of bad parts"
        )
    return Scored(frames, scores, tuple(notes))


class _Claim(NamedTuple):
    """A row that may be of a picture, and how many parts of both paths are the same."""

    row: Row
    shared: int


def _found(table: Table, known: Sequence[Path]) -> tuple[dict[Path, float], list[Row]]:
    by_name: dict[str, list[Path]] = {}
    for path in known:
        by_name.setdefault(path.name, []).append(path)
    claims: dict[Path, _Claim] = {}
    missing = []
    for row in table.rows:
        picture, shared = _picture(table.path, row, by_name)
        if picture is None:
            missing.append(row)
            continue
        other = claims.get(picture)
        if other is not None and other.shared == shared and other.row.score != row.score:
            raise ReferenceUnusable(
                f"{table.path}, line {row.line}: {row.name} stands there twice, with "
                f"{other.row.score:g} and {row.score:g}; expected one score a picture: its "
                "largest, or its path in full"
            )
        # test/good/01.png and train/good/01.png may both look like the only 01.png that is there
        if other is None or shared > other.shared:
            missing += [] if other is None else [other.row]
            claims[picture] = _Claim(row, shared)
        elif shared < other.shared:
            missing.append(row)
    return {path: claim.row.score for path, claim in claims.items()}, missing


def _picture(table: Path, row: Row, by_name: dict[str, list[Path]]) -> tuple[Path | None, int]:
    """The picture of a row, and how much of its path says so; None where there is none."""
    parts = PurePosixPath(row.name.replace("\\", "/")).parts
    alike = by_name.get(parts[-1], []) if parts else []
    # as it stands there, or beside the table: nothing is left to guess
    for path in (Path(row.name), table.parent / row.name):
        if path.is_file():
            same = (each for each in alike if each.samefile(path))
            return next(same, path), len(parts) + 1
    # by the longest common end: 01.png lies in many folders, bad/01.png in one
    shared = [_shared(parts, path) for path in alike]
    best = [path for path, length in zip(alike, shared, strict=True) if length == max(shared)]
    if len(best) > 1:
        raise ReferenceUnusable(
            f"{table}, line {row.line}: {row.name} may be {best[0]} or {best[1]}; expected as much "
            "of the path as tells them apart"
        )
    return (best[0], max(shared)) if best else (None, 0)


def _shared(parts: Sequence[str], path: Path) -> int:
    """How many parts of two paths are the same, from the end."""
    pairs = zip(reversed(parts), reversed(path.parts), strict=False)
    length = 0
    for one, other in pairs:
        if one != other:
            break
        length += 1
    return length


def _read(
    pairs: Sequence[tuple[Path, float]], table: Table, notes: list[str]
) -> tuple[list[NDArray[np.uint8]], NDArray[np.float64]]:
    # evenly over the scores, so that low and high ones are among them
    taken = evenly(pairs, PICTURES_MAX)
    read = [(_frame(path), score) for path, score in taken]
    broken = [path.name for (path, _), (frame, _) in zip(taken, read, strict=True) if frame is None]
    if broken:
        notes.append(f"{table.path.name}: {len(broken)} pictures cannot be read: {listed(broken)}")
    whole = [(frame, score) for frame, score in read if frame is not None]
    return [frame for frame, _ in whole], np.array([score for _, score in whole], np.float64)


def _frame(path: Path) -> NDArray[np.uint8] | None:
    """At its own size; None for what no camera could show."""
    try:
        return read_at_own_size(path)
    except ImageFileError:
        return None
