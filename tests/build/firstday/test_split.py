"""A set of photographs as a first day has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BuildError
from gonogo.build.firstday.split import BAD_MOST, GOOD_MOST, laid_out, split_of

if TYPE_CHECKING:
    from pathlib import Path


def whole(folder: Path) -> Path:
    """40 good ones to teach, 5 and 12 to judge; their contents do not matter here."""
    for kind, count in (("train/good", 40), ("test/good", 5), ("test/dent", 3), ("test/ink", 9)):
        (folder / kind).mkdir(parents=True)
        for k in range(count):
            (folder / kind / f"{k:02}.png").touch()
    return folder


def test_a_few_are_shown_and_no_picture_is_shown_and_judged(tmp_path: Path) -> None:
    """Bad ones of every defect."""
    split = split_of(whole(tmp_path))
    assert (len(split.good), len(split.bad)) == (GOOD_MOST, BAD_MOST)
    assert (len(split.rest_good), len(split.rest_bad)) == (5, 2)
    assert not set(split.bad) & set(split.rest_bad)
    assert {path.parent.name for path in split.bad} == {"dent", "ink"}


def test_they_are_laid_out_in_two_folders(tmp_path: Path) -> None:
    """Pictures of one name stay two."""
    split = split_of(whole(tmp_path / "set"))
    (tmp_path / "room").mkdir()
    good, bad = laid_out(split, tmp_path / "room")
    assert (len(list(good.iterdir())), len(list(bad.iterdir()))) == (30, 10)


def test_what_is_no_set_says_so(tmp_path: Path) -> None:
    """With what makes one."""
    with pytest.raises(BuildError, match="expected a set with train/good and test"):
        split_of(tmp_path)
