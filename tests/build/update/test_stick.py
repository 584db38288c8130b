"""A stick with images: which one is taken, and that nothing is written on it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import StickGone
from gonogo.build.update.kept import Phase
from gonogo.build.update.plugged import plugged, said
from gonogo.build.update.stick import images_on, newest
from gonogo.tests.build.flash.boxes import bundle

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.tests.build.update.onbox import Images, OnBox


@pytest.fixture
def stick(stock: Images, tmp_path: Path) -> Path:
    """With every image there is, one that was cut off, and what else lies on sticks."""
    made = tmp_path / "stick"
    made.mkdir()
    for path in stock[1:]:
        shutil.copy(path, made)
    (made / "cut.raucb").write_bytes(stock.newer.read_bytes()[:5000])
    (made / "folder.raucb").mkdir()
    (made / "link.raucb").symlink_to(stock.newer)
    (made / "holiday.jpg").write_bytes(b"jpg")
    return made


def test_the_newest_image_that_the_box_takes_is_written(
    box: OnBox, stock: Images, stick: Path
) -> None:
    """The others are told with their numbers; the stick is as it was."""
    shutil.copy(bundle(stick.parent, stock.signer, "0.2.9", for_empty=False), stick)
    before = {path.name: path.stat().st_mtime_ns for path in stick.iterdir()}
    plugged(stick, box.places, box.lines.append)
    found = box.updater.last()
    assert found is not None
    assert (found.phase, found.version, found.source) == (Phase.WAITING, "0.3.0", "stick")
    assert [each.split()[1] for each in box.asked] == [stock.newer.name]
    told = "\n".join(said(box.places))
    for number in ("GN743", "GN742", "GN699", "GN701"):
        assert number in told
    assert "waiting: 0.3.0 from a stick, slot B" in told
    assert {path.name: path.stat().st_mtime_ns for path in stick.iterdir()} == before


def test_links_and_folders_are_no_images(stick: Path) -> None:
    """What they lead to is not of the stick."""
    assert not {"link.raucb", "folder.raucb"} & {path.name for path in images_on(stick)}


def test_a_stick_without_an_image_for_this_box_changes_nothing(
    box: OnBox, stock: Images, tmp_path: Path
) -> None:
    """One of another product, say."""
    shutil.copy(stock.other, tmp_path)
    assert newest(tmp_path, box.places, box.lines.append) is None
    plugged(tmp_path, box.places, box.lines.append)
    assert box.updater.last() is None
    assert "no image that this box takes" in said(box.places)[-1]


def test_a_stick_that_was_pulled_is_told_by_its_number(box: OnBox, tmp_path: Path) -> None:
    """Before its names were read, and while it is written."""
    with pytest.raises(StickGone):
        images_on(tmp_path / "gone")
    plugged(tmp_path / "gone", box.places, box.lines.append)
    assert said(box.places)[-1].startswith("GN728:")


def test_a_stick_that_is_pulled_while_it_is_written_leaves_the_box_as_it_was(
    box: OnBox, stick: Path
) -> None:
    """Told by its number; nothing is switched to."""
    (box.folder / "pulled").touch()
    plugged(stick, box.places, box.lines.append)
    assert said(box.places)[-1].startswith("GN728:")
    assert "mark-active other" not in box.asked


def test_a_second_stick_waits_for_nobody(box: OnBox, stick: Path) -> None:
    """The first one's update is under way."""
    plugged(stick, box.places, box.lines.append)
    plugged(stick, box.places, box.lines.append)
    assert said(box.places)[-1].startswith("GN744:")
