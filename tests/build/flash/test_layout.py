"""Partitions of a station: planned, written by sgdisk, read by partx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from gonogo.base.errors import FlashNoRoom, TargetUnfit
from gonogo.build.flash import layout
from gonogo.build.flash.layout import Part, Wanted
from gonogo.tests.build.flash.boxes import MIB, Shelf, empty_disk, needs_tools, run

if TYPE_CHECKING:
    from pathlib import Path

WANTED = Wanted(
    slot_mib=8, boot_mib=4, data_min_mib=6, rootfs_sha256="0" * 64, rootfs_bytes=1, version="1",
    target="x",
)  # fmt: skip
LEAST_MIB = 1 + 1 + 4 + 8 + 8 + 6 + 1


@pytest.mark.parametrize("size", [LEAST_MIB * MIB, LEAST_MIB * MIB + 512, 500 * MIB + 12_345])
def test_partitions_follow_each_other_and_end_before_the_second_table(size: int) -> None:
    """Each begins at a whole MiB; the data gets what is left."""
    parts = layout.planned(size, WANTED)
    assert tuple(parts) == layout.NAMES
    at = MIB
    for part in parts.values():
        assert part.at == at
        at += part.length
    assert size - 2 * MIB < at <= size - MIB
    assert parts["gonogo-a"].length == parts["gonogo-b"].length == 8 * MIB


def test_a_disk_with_less_says_how_much_is_wanted() -> None:
    """In MiB."""
    with pytest.raises(TargetUnfit, match=f"expected at least {LEAST_MIB} MiB"):
        layout.planned(LEAST_MIB * MIB - 1, WANTED)


@needs_tools
def test_the_table_is_one_that_sgdisk_finds_whole(tmp_path: Path) -> None:
    """Head and tail put onto another disk, whose size need not be a whole number of anything."""
    disk = empty_disk(tmp_path, LEAST_MIB)
    size = disk.stat().st_size + 700
    parts = layout.planned(size, WANTED)
    made = layout.table(size, parts, tmp_path)
    with disk.open("r+b") as opened:
        opened.truncate(size)
        opened.write(made.head)
        opened.seek(size // 512 * 512 - len(made.tail))
        opened.write(made.tail)
    assert "No problems found" in run("sgdisk", "-v", disk)
    assert layout.read(disk) == parts
    assert "EF02" in run("sgdisk", "-p", disk)
    assert [each.name for each in tmp_path.iterdir()] == ["disk.img"]


@needs_tools
def test_a_disk_without_a_table_has_no_partitions_of_ours(shelf: Shelf, tmp_path: Path) -> None:
    """Nor has a file system that has the whole of it."""
    disk = empty_disk(tmp_path)
    assert layout.read(disk) == {}
    run("mke2fs", "-q", "-F", disk)
    assert layout.read(disk) == {}
    assert layout.read(shelf.station)["gonogo-bios"] == Part(MIB, MIB)


@needs_tools
def test_a_folder_that_takes_no_large_file_is_said(tmp_path: Path) -> None:
    """A disk larger than any file there may be."""
    with pytest.raises(FlashNoRoom, match="name another folder by TMPDIR"):
        layout.table(1 << 62, layout.planned(1 << 62, WANTED), tmp_path)


@pytest.mark.parametrize("key", ["slot_mib", "boot_mib", "data_min_mib", "rootfs_bytes"])
def test_sizes_of_an_image_are_numbers_that_can_be(key: str) -> None:
    """Not none, and not less."""
    for wrong in (0, -1, "many"):
        with pytest.raises(ValidationError):
            Wanted.model_validate({**WANTED.model_dump(), key: wrong})
