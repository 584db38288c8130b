"""A set of photographs as a first day has it: some good and a few bad ones, and all the rest.

A set lies as MVTec AD lays it out: train/good is what a person has of good parts, test/good and
test/DEFECT is what comes later; the few bad ones are taken from there.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import BuildError
from gonogo.base.evenly import evenly
from gonogo.base.images import list_images

if TYPE_CHECKING:
    from pathlib import Path

GOOD_MOST, BAD_MOST = 30, 10  # what a person brings on the first day
GOOD = "good"


class Split(NamedTuple):
    """Pictures by what they are for."""

    good: tuple[Path, ...]
    bad: tuple[Path, ...]
    rest_good: tuple[Path, ...]
    rest_bad: tuple[Path, ...]


def split_of(folder: Path) -> Split:
    """Of a set; BuildError where it is none."""
    test = folder / "test"
    if not (folder / "train" / GOOD).is_dir() or not test.is_dir():
        raise BuildError(f"{folder}: expected a set with train/good and test in it")
    defects = sorted(each for each in test.iterdir() if each.is_dir() and each.name != GOOD)
    every_bad = [path for each in defects for path in list_images(each)]
    bad = tuple(evenly(every_bad, BAD_MOST))
    return Split(
        tuple(evenly(list_images(folder / "train" / GOOD), GOOD_MOST)),
        bad,
        tuple(list_images(test / GOOD)),
        tuple(path for path in every_bad if path not in bad),
    )


def laid_out(split: Split, room: Path) -> tuple[Path, Path]:
    """Folders good and bad with copies of what a person brings."""
    for name, paths in (("good", split.good), ("bad", split.bad)):
        (room / name).mkdir()
        for path in paths:
            shutil.copyfile(path, room / name / f"{path.parent.name}_{path.name}")
    return room / "good", room / "bad"
