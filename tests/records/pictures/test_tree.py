"""The folder of pictures: what is ours is found by its name, and nothing else is touched."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gonogo.records.pictures.tree import Tree
from gonogo.tests.fakes import watch_syncs
from gonogo.tests.records.pictures.made import HOUR, FullDisk, files_in

if TYPE_CHECKING:
    from pathlib import Path

NEXT = "2023/11/15/00"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Of a folder that is not there yet."""
    return Tree(tmp_path / "pictures")


def test_tree_names_a_picture_by_the_hash_of_its_file(tree: Tree) -> None:
    """As `sha256sum` has it, in the folder of its hour."""
    put = tree.put(HOUR, b"pixels", ".png")
    assert put == (f"{HOUR}/{hashlib.sha256(b'pixels').hexdigest()}.png", 6)
    said = subprocess.run(["sha256sum", tree.folder / put.path], check=True, capture_output=True)
    assert said.stdout.decode().split()[0] == put.path.rpartition("/")[2].partition(".")[0]


def test_tree_keeps_the_same_pixels_once_and_their_maps_apart(tree: Tree) -> None:
    """Of two parts that look alike, scored by two engines; two hours have one each."""
    first, again = tree.put(HOUR, b"pixels", ".png"), tree.put(HOUR, b"pixels", ".png")
    assert (again.path, again.nbytes) == (first.path, 0)
    maps = {tree.put_map(first.path, data).path for data in (b"a", b"bb", b"a")}
    assert len(maps) == 2
    assert tree.nbytes(HOUR) == 6 + 1 + 2
    assert tree.put(NEXT, b"pixels", ".png").nbytes == 6
    assert list(tree.hours()) == [HOUR, NEXT]


def test_tree_removes_a_picture_with_its_maps_and_empty_folders(tree: Tree) -> None:
    """The bytes that it took; the other one stays."""
    one, other = tree.put(HOUR, b"pixels", ".png"), tree.put(HOUR, b"others", ".jpg")
    tree.put_map(one.path, b"map")
    assert tree.remove(one.path) == 9
    assert files_in(tree.folder) == [other.path]
    assert tree.remove(other.path) == 6
    assert list(tree.folder.iterdir()) == []
    assert tree.remove(other.path) == 0  # somebody was there before


def test_tree_lists_pictures_in_the_order_in_which_they_were_written(tree: Tree) -> None:
    """Not by their names, which are chance."""
    puts = [tree.put(HOUR, bytes([k]), ".png") for k in range(5)]
    for k, put in enumerate(puts):
        os.utime(tree.folder / put.path, ns=(0, 10 - k))
    assert tree.pictures(HOUR) == puts[::-1]


def test_tree_neither_counts_nor_touches_what_is_not_its_own(tree: Tree) -> None:
    """Somebody's notes, a folder that is no hour, and a link out of it."""
    kept = tree.put(HOUR, b"pixels", ".png")
    outside = tree.folder.parent / "outside"
    (outside / "07").mkdir(parents=True)
    (tree.folder / HOUR / "notes.txt").write_text("mine")
    (tree.folder / "2023/11/14/7").mkdir()
    (tree.folder / "2023/11/15").symlink_to(outside)
    tree.tidy()
    assert tree.nbytes(HOUR) == 6
    assert list(tree.hours()) == [HOUR]
    tree.remove(kept.path)
    assert (tree.folder / HOUR / "notes.txt").read_text() == "mine"


def test_tree_tidies_up_after_a_process_that_was_killed(tree: Tree) -> None:
    """A half-written picture, and a map whose picture went before it did."""
    kept = tree.put(HOUR, b"pixels", ".png")
    beside = tree.put_map(kept.path, b"map")
    half = tree.folder / HOUR / f"{'0' * 64}.png.new"
    half.write_bytes(b"pix")
    tree.put_map(f"{NEXT}/{'1' * 64}.png", b"alone")
    tree.tidy()
    assert files_in(tree.folder) == sorted([kept.path, beside.path])
    assert list(tree.hours()) == [HOUR]


def test_tree_leaves_nothing_half_where_the_disk_is_full(tmp_path: Path) -> None:
    """The error is the system's, and the next attempt writes over what there is."""
    full = Tree(tmp_path, FullDisk())
    with pytest.raises(OSError, match="No space left"):
        full.put(HOUR, b"pixels", ".png")
    assert full.nbytes(HOUR) == 0
    assert full.pictures(HOUR) == []
    assert Tree(tmp_path).put(HOUR, b"pixels", ".png").nbytes == 6
    assert len(files_in(tmp_path)) == 1


def test_tree_brings_file_and_folders_to_the_disk(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before there is a row that says so: a power cut leaves no row without its picture."""
    synced = watch_syncs(monkeypatch)
    put = tree.put(HOUR, b"pixels", ".png")
    place = tree.folder / put.path
    wanted = [place.parents[5], *place.parents[4:0:-1], place.with_name(f"{place.name}.new")]
    assert synced == [*wanted, place.parent]


def test_tree_without_its_folder_has_no_hours_and_still_room(tree: Tree) -> None:
    """Somebody removed all of it: nothing to list, and the disk is the same."""
    assert list(tree.hours()) == []
    assert tree.free_bytes() > 0
    tree.make()
    assert tree.folder.is_dir()
