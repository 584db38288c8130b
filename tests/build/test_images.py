"""Sets of images: each its own, read or named, and enough of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from gonogo.base.errors import BuildError
from gonogo.base.picture_folder import spread
from gonogo.build.images import Folders, find_files, read_images
from gonogo.engines.backends.fit import Fit
from gonogo.tests.build.parts import good_part, quiet, save_good, save_parts

SIZE_PX = (32, 32)


def test_find_files_keeps_every_third_good_part_to_validate(tmp_path: Path) -> None:
    """Without a holdout, a part either calibrates or validates."""
    good, bad = save_parts(tmp_path, good=12, bad=3)
    files = find_files(Folders(good, (bad,)))
    assert (len(files.calibrate), len(files.validate), len(files.bad)) == (8, 4, 3)
    assert not set(files.calibrate) & set(files.validate)
    assert not files.held_out


def test_read_images_makes_variants_and_defects_of_what_validates(tmp_path: Path) -> None:
    """And calibrates on good parts and defaced ones; limits follow from all good parts."""
    good, bad = save_parts(tmp_path, good=12, bad=3)
    images = read_images(find_files(Folders(good, (bad,))), SIZE_PX, quiet)
    assert [len(kind) for kind in images.proof] == [4, 60, 60, 3]
    assert len(images.calibrate) == 16
    assert len(images.good) == 12
    assert all(frame.shape == (32, 32, 3) for kind in images.proof for frame in kind)
    assert images.notes == ()


def test_read_images_with_a_holdout_takes_limits_from_it(tmp_path: Path) -> None:
    """Held-out parts validate, and all of --good calibrate."""
    good = save_good(tmp_path / "good", 6)
    held = tmp_path / "held"
    held.mkdir()
    for k in range(5):
        cv2.imwrite(str(held / f"{k}.png"), good_part(900 + k))
    files = find_files(Folders(good, holdout=held))
    images = read_images(files, SIZE_PX, quiet)
    assert files.held_out
    assert (len(files.calibrate), len(images.good), len(images.proof.good)) == (6, 5, 5)


def test_find_files_refuses_a_part_in_two_sets(tmp_path: Path) -> None:
    """By its path, and by its content under another name."""
    good, bad = save_parts(tmp_path, good=9, bad=2)
    with pytest.raises(BuildError, match=r"is in --good as well, and 8 more are.*--bad test/"):
        find_files(Folders(good, (good,)))
    shutil.copy(good / "good_003.png", bad / "other.png")
    with pytest.raises(BuildError, match=r"other\.png \(the same image as good_003\.png\)"):
        find_files(Folders(good, (bad,)))
    with pytest.raises(BuildError, match=r"--holdout .* is in --good as well"):
        find_files(Folders(good, holdout=good))


def test_find_files_names_the_option_of_a_folder_without_images(tmp_path: Path) -> None:
    """A folder that is empty or not there, for each option."""
    good, bad = save_parts(tmp_path, good=9, bad=2)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BuildError, match=r"--good: .*nowhere.*no such folder"):
        find_files(Folders(tmp_path / "nowhere"))
    with pytest.raises(BuildError, match=r"--bad: .*empty.*no file that ends in"):
        find_files(Folders(good, (bad, empty)))
    with pytest.raises(BuildError, match=r"--holdout: .*empty"):
        find_files(Folders(good, (bad,), empty))


def test_find_files_wants_enough_to_split(tmp_path: Path) -> None:
    """Five good parts cannot both calibrate and validate."""
    with pytest.raises(BuildError, match=r"5 images, expected at least 8.*--holdout DIR"):
        find_files(Folders(save_good(tmp_path / "good", 5)))


def test_read_images_names_what_it_cannot_read(tmp_path: Path) -> None:
    """One broken file is skipped and named; too many are an error."""
    good, bad = save_parts(tmp_path, good=12, bad=2)
    (good / "good_001.png").write_bytes(b"no image")
    images = read_images(find_files(Folders(good, (bad,))), SIZE_PX, quiet)
    (note,) = images.notes
    assert note.startswith("1 images cannot be read and were skipped: good_001.png is no PNG, JPEG")
    for path in bad.iterdir():
        path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(BuildError, match="--bad: 0 images can be read, expected at least 1"):
        read_images(find_files(Folders(good, (bad,))), SIZE_PX, quiet)


def test_read_images_tells_of_files_that_are_no_pictures_and_of_those_that_are_too_many(
    tmp_path: Path,
) -> None:
    """Nothing is left out in silence."""
    good = save_good(tmp_path / "good", 12)
    (good / "notes.txt").write_text("x")
    files = find_files(Folders(good))
    many = files._replace(left_out=(*files.left_out, *spread([good] * 30, 10)[1]))
    first, second = read_images(many, SIZE_PX, quiet).notes
    assert first.startswith("left out: notes.txt ends in none of")
    assert second.startswith("left out: 20 pictures because 30 are more than the 10")


def test_read_images_takes_different_sizes_and_says_so(tmp_path: Path) -> None:
    """Each is resized by itself; a station's camera has one size."""
    good = save_good(tmp_path / "good", 12)
    cv2.imwrite(str(good / "wide.png"), np.full((60, 90, 3), 80, np.uint8))
    images = read_images(find_files(Folders(good)), SIZE_PX, quiet)
    assert "2 sizes (12 of 120x120, 1 of 90x60 px)" in images.notes[0]


def test_read_images_refuses_copies_of_one_image(tmp_path: Path) -> None:
    """From twenty copies nothing can be proven."""
    good = tmp_path / "good"
    good.mkdir()
    for k in range(10):
        cv2.imwrite(str(good / f"{k}.png"), good_part(1))
    with pytest.raises(BuildError, match="all images are the same"):
        read_images(find_files(Folders(good)), SIZE_PX, quiet)


def test_read_images_says_what_the_engine_will_not_see(tmp_path: Path) -> None:
    """Of the commonest size, with its share; nothing where all of it is seen."""
    folder = tmp_path / "good"
    folder.mkdir()
    for k in range(12):
        wide = cv2.copyMakeBorder(good_part(k, 60), 0, 0, 10, 10, cv2.BORDER_REPLICATE)
        cv2.imwrite(str(folder / f"{k:02d}.png"), wide)
    files = find_files(Folders(folder))
    (note,) = read_images(files, (48, 48), quiet, Fit("centre-crop")).notes
    assert "does not see the outer 12.5 % at the left, 12.5 % at the right: 25 %" in note
    assert read_images(files, (48, 48), quiet).notes == ()


def test_find_files_leaves_out_what_was_dropped(tmp_path: Path) -> None:
    """From whichever set it is in; the names of those that tell limits are kept in their order."""
    good, held = save_good(tmp_path / "good", 10), tmp_path / "held"
    held.mkdir()
    for k in (7, 8, 9):
        shutil.move(good / f"good_{k:03}.png", held)
    drop = (good / "good_001.png",)
    files = find_files(Folders(good, holdout=held, drop=drop))
    assert drop[0] not in files.calibrate
    assert len(files.calibrate) == 6
    images = read_images(files, SIZE_PX, quiet)
    assert images.names == ("good_007.png", "good_008.png", "good_009.png")
    with pytest.raises(BuildError, match=r"--drop good_01\.png"):
        find_files(Folders(good, holdout=held, drop=(Path("good_01.png"),)))
