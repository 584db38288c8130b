"""Folders of good and of bad parts: what speaks against both before a picture is read."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import PicturesUnfit
from gonogo.base.good_and_bad import BAD, GOOD, apart, listed, named_otherwise, one_kind

if TYPE_CHECKING:
    from pathlib import Path


def folder(path: Path, *names: str) -> Path:
    """A folder of files that differ."""
    path.mkdir(parents=True)
    for name in names:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(f"{path} {name}")
    return path


def test_pictures_are_listed_once_by_option(tmp_path: Path) -> None:
    """A folder without any is told with the option that named it."""
    good = folder(tmp_path / "good", "a.png", "b.png")
    shutil.copy(good / "a.png", good / "c.png")
    assert [path.name for path in listed(GOOD, good, 9).paths] == ["a.png", "b.png"]
    with pytest.raises(PicturesUnfit, match=r"--bad: folder .* no such folder"):
        listed(BAD, tmp_path / "bad", 9)


def test_a_pipe_among_pictures_is_listed_and_waited_for_by_nobody(tmp_path: Path) -> None:
    """Whoever reads it says that it is no plain file."""
    good = folder(tmp_path / "good", "a.png")
    os.mkfifo(good / "b.png")
    assert len(listed(GOOD, good, 9).paths) == 2


def test_a_set_with_bad_parts_in_it_is_no_folder_of_good_ones(tmp_path: Path) -> None:
    """Whoever gives it means the folder good in it."""
    whole = folder(tmp_path / "set", "good/a.png", "scratch/b.png")
    with pytest.raises(PicturesUnfit, match=r"give --good .*good --bad .*scratch"):
        one_kind(listed(GOOD, whole, 9))
    one_kind(listed(GOOD, whole / "good", 9))


def test_a_picture_in_both_is_told_also_of_those_that_are_not_looked_at(tmp_path: Path) -> None:
    """By what is in the files, whatever their names."""
    good = folder(tmp_path / "good", "a.png", "b.png")
    bad = folder(tmp_path / "bad", "c.png")
    found = listed(GOOD, good, 9), listed(BAD, bad, 9)
    apart(*found)
    copy = shutil.copy(bad / "c.png", tmp_path / "d.png")
    with pytest.raises(PicturesUnfit, match=r"1 pictures are both in --good and in --bad"):
        apart(*found, [tmp_path / "d.png"])
    shutil.move(copy, good)
    with pytest.raises(PicturesUnfit, match="take it out of the wrong one"):
        apart(listed(GOOD, good, 9), found[1])


def test_folders_whose_names_say_the_reverse_are_told(tmp_path: Path) -> None:
    """And no others."""
    assert named_otherwise(tmp_path / "NG", None)
    assert named_otherwise(tmp_path / "parts", tmp_path / "ok")
    assert not named_otherwise(tmp_path / "good", tmp_path / "bad")
