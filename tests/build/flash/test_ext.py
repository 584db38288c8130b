"""Files inside a disk, and an empty file system, by e2fsprogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DiskFailed
from gonogo.build.flash import ext
from gonogo.tests.build.flash.boxes import MIB, Shelf, empty_disk, needs_tools, part, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_tools


def test_a_file_is_read_where_its_file_system_lies(shelf: Shelf) -> None:
    """One that is not there, and a place without a file system, give none."""
    at = part(shelf.station, "gonogo-a")[0]
    assert (
        ext.cat(shelf.station, at, "/usr/lib/gonogo/release.json")
        == b'{"version": "0.2.0+program"}'
    )
    assert ext.cat(shelf.station, at, "/no") is None
    assert ext.cat(shelf.station, 3 * MIB, "/no") is None


def test_the_place_of_a_file_is_where_its_bytes_stand(shelf: Shelf) -> None:
    """As an offset of the whole disk."""
    boot = part(shelf.station, "gonogo-boot")[0]
    at = ext.place(shelf.station, boot, "/grub/grubenv")
    with shelf.station.open("rb") as opened:
        opened.seek(at)
        assert opened.read(1024) == ext.cat(shelf.station, boot, "/grub/grubenv")
    with pytest.raises(DiskFailed, match="the file system is damaged"):
        ext.place(shelf.station, boot, "/grub/no")


def test_an_empty_file_system_is_whole_and_of_the_same_kind_everywhere(tmp_path: Path) -> None:
    """Judged by e2fsck; its features are ours, not those of this machine's mke2fs."""
    disk = empty_disk(tmp_path)
    ext.make_empty(disk, 5 * MIB, 20 * MIB, "gonogo-data", tmp_path / "mke2fs.conf")
    assert ext.is_whole(disk, 5 * MIB) == ""
    run("e2fsck", "-fn", f"{disk}?offset={5 * MIB}")
    said = run("dumpe2fs", "-h", f"{disk}?offset={5 * MIB}")
    assert "gonogo-data" in said
    assert "Block count:              5120" in said
    assert "orphan_file" not in said
    with disk.open("rb") as opened:
        assert not any(opened.read(5 * MIB))
        assert ext.begins(opened.read(4096))


def test_what_is_wrong_with_a_file_system_is_said(tmp_path: Path) -> None:
    """And one that cannot be made is an error."""
    disk = empty_disk(tmp_path)
    assert ext.is_whole(disk, 0)
    assert not ext.begins(disk.read_bytes()[:4096])
    with pytest.raises(DiskFailed, match="mke2fs"):
        ext.make_empty(tmp_path / "no" / "disk", 0, MIB, "x", tmp_path / "mke2fs.conf")
