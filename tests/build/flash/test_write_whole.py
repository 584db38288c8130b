"""An empty disk that becomes a station: a cut at every write, and what is on the disk then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DiskLies, VerifyFailed
from gonogo.build.flash.contents import Kind, contents
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.write_whole import verify_data
from gonogo.tests.build.flash.boxes import (
    DISK_MIB,
    MIB,
    Shelf,
    bytes_of,
    empty_disk,
    needs_tools,
    part,
    run,
)
from gonogo.tests.build.flash.cut import Cut, CutDisk, ShortDisk, Through
from gonogo.tests.build.flash.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_tools
FIRST_SECTOR = 0


@pytest.fixture(scope="module")
def prepared(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The image for empty disks, unpacked."""
    found = Prepared(shelf, shelf.new, tmp_path_factory.mktemp("prepared"))
    yield found
    found.close()


def test_the_first_sector_is_the_last_that_is_written(tmp_path: Path, prepared: Prepared) -> None:
    """And it is one sector, which a disk writes whole or not at all."""
    disk = empty_disk(tmp_path)
    through = Through(disk)
    prepared.write(through, disk)
    assert through.wrote[-1] == (FIRST_SECTOR, 512)


def test_a_cut_at_every_write_leaves_an_empty_disk(
    shelf: Shelf, memory: Path, prepared: Prepared
) -> None:
    """For wipefs too; the same command again makes a station of it, with the image's bytes."""
    count = Through(empty_disk(memory))
    prepared.write(count, memory / "disk.img")
    root = bytes_of(shelf.fresh, "gonogo-a")
    for at in range(len(count.wrote)):
        disk = empty_disk(memory)
        with pytest.raises(Cut):
            prepared.write(CutDisk(disk, at, 0.5), disk)
        found = contents(disk)
        assert found.kind is Kind.EMPTY, (at, found.says)
        prepared.write(RawDisk(disk, writes=True), disk, resumes=bool(at % 2))
        assert contents(disk).kind is Kind.STATION
        assert bytes_of(disk, "gonogo-a") == root
        assert "No problems found" in run("sgdisk", "-v", disk)


def test_a_disk_with_less_room_than_it_says_gets_nothing(
    tmp_path: Path, prepared: Prepared
) -> None:
    """Found by the marks, before a slot is written."""
    disk = empty_disk(tmp_path)
    short = ShortDisk(disk, (DISK_MIB - 2) * MIB)
    with pytest.raises(DiskLies, match="has less room than it says"):
        prepared.write(short, disk)
    assert max(length for _, length in short.wrote) <= MIB


def test_a_data_file_system_that_is_not_whole_is_found(
    shelf: Shelf, tmp_path: Path, prepared: Prepared
) -> None:
    """By e2fsck, which changes nothing."""
    disk = empty_disk(tmp_path)
    run("cp", "--sparse=always", shelf.fresh, disk)
    held = RawDisk(disk, writes=True)
    try:
        ready = prepared.ready(held, disk)
        verify_data(ready)
        held.write(part(disk, "gonogo-data")[0] + 4096, bytes(8192))
        with pytest.raises(VerifyFailed, match="gonogo-data"):
            verify_data(ready)
    finally:
        held.close()
