"""The pictures of a station are copies beside it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gonogo.base.images import list_images
from gonogo.build.firstday.copied import copy_pictures
from gonogo.build.firstday.pictures import find
from gonogo.tests.build.firstday.plates import bad_plates, good_plates, plate, save
from gonogo.tests.build.parts import quiet

if TYPE_CHECKING:
    from pathlib import Path


def test_copies_lie_in_good_and_bad_in_the_order_in_which_they_are_listed(tmp_path: Path) -> None:
    """Whatever the folders were called; names are kept."""
    good = good_plates(tmp_path / "monday", 6)
    bad = bad_plates(tmp_path / "tuesday")
    (good / "text.png").write_text("no picture")
    copies = copy_pictures(find(good, bad, quiet), tmp_path / "parts", quiet)
    assert list(copies.good.found.paths) == list_images(tmp_path / "parts" / "good")
    assert len(list_images(tmp_path / "parts" / "bad")) == 4
    assert not (tmp_path / "parts" / "good" / "text.png").exists()


def test_pictures_of_one_name_in_two_folders_are_two_parts(tmp_path: Path) -> None:
    """scratch/p00.png and dent/p00.png, and one that would take the name of both."""
    good = good_plates(tmp_path / "good", 6)
    bad = tmp_path / "bad"
    save(bad / "dent", [plate(50)])
    save(bad / "scratch", [plate(51)])
    shutil.copy(good / "p00.png", tmp_path / "x.png")
    save(bad, [plate(52)], prefix="dent_p")
    copies = copy_pictures(find(good, bad, quiet), tmp_path / "parts", quiet)
    assert copies.bad is not None
    names = sorted(path.name for path in copies.bad.found.paths)
    assert names == ["_dent_p00.png", "dent_p00.png", "scratch_p00.png"]
