"""What a target holds."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DiskFailed
from gonogo.build.flash.contents import Kind, contents, program_of, version_of
from gonogo.build.flash.counters import unfinished
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.write_slot import change
from gonogo.tests.build.flash.boxes import (
    COMPATIBLE,
    MIB,
    Shelf,
    empty_disk,
    needs_tools,
    part,
    run,
    station_disk,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_tools


def test_a_station_says_its_slots_and_versions(shelf: Shelf) -> None:
    """And which images it takes."""
    found = contents(shelf.station)
    assert found.kind is Kind.STATION
    assert found.versions == {"A": "0.2.0", "B": "0.1.0"}
    assert (found.active, found.compatible, found.has_data) == ("A", COMPATIBLE, True)


def test_counters_that_a_cut_damaged_are_read_from_their_copy(shelf: Shelf, tmp_path: Path) -> None:
    """As GRUB does; what is changed then is whole again, and where GRUB looks first."""
    disk = station_disk(shelf, tmp_path)
    at, _ = part(disk, "gonogo-boot")
    copy = tmp_path / "copy"
    run("grub-editenv", copy, "create")
    run("grub-editenv", copy, "set", "ORDER=B A", "A_OK=1", "A_TRY=0", "B_OK=1", "B_TRY=1")
    run("debugfs", "-w", "-R", f"write {copy} /grub/grubenv.good", f"{disk}?offset={at}")
    found = contents(disk)
    assert found.active == "A"
    with disk.open("r+b") as opened:
        opened.seek(found.env_at)
        opened.write(bytes(1024))
    damaged = contents(disk)
    assert (damaged.kind, damaged.active, damaged.env_at) == (Kind.STATION, "B", found.env_at)
    with closing(RawDisk(disk, writes=True)) as held:
        change(held, damaged.env_at, damaged.env, unfinished("A"))
    mended = contents(disk)
    assert mended.counters is not None
    assert (mended.active, mended.counters.ok["A"]) == ("B", False)


def test_something_else_is_said(tmp_path: Path) -> None:
    """By what wipefs calls it."""
    disk = empty_disk(tmp_path)
    run("mke2fs", "-q", "-F", disk)
    found = contents(disk)
    assert (found.kind, found.says) == (Kind.FOREIGN, "ext2")


def test_a_foreign_table_is_not_empty_without_its_first_sector_either(tmp_path: Path) -> None:
    """Only a table of ours that was not finished is; its partitions are not taken for ours."""
    disk = empty_disk(tmp_path)
    run("sgdisk", "--new=1:2048:4096", "--change-name=1:our holidays", disk)
    found = contents(disk)
    assert (found.kind, found.says, found.parts) == (Kind.FOREIGN, "PMBR, gpt", {})
    with disk.open("r+b") as opened:
        opened.write(bytes(512))
    assert contents(disk).kind is Kind.FOREIGN


@pytest.mark.parametrize("name", ["gonogo-boot", "gonogo-data"])
def test_a_station_that_lost_something_is_not_empty(
    shelf: Shelf, tmp_path: Path, name: str
) -> None:
    """Without its counters it is damaged; without its data it is a station."""
    disk = station_disk(shelf, tmp_path)
    with disk.open("r+b") as opened:
        opened.seek(part(disk, name)[0])
        opened.write(bytes(MIB))
    found = contents(disk)
    assert found.kind is (Kind.DAMAGED if name == "gonogo-boot" else Kind.STATION)
    assert found.has_data is (name == "gonogo-boot")


def test_a_version_is_read_where_the_image_has_it(shelf: Shelf, tmp_path: Path) -> None:
    """From its own words, the program's, os-release; broken words are none."""
    disk = station_disk(shelf, tmp_path)
    at = part(disk, "gonogo-a")[0]
    assert version_of(disk, at) == "0.2.0"
    run("debugfs", "-w", "-R", "rm /usr/lib/gonogo-box/image.json", f"{disk}?offset={at}")
    assert version_of(disk, at) == "0.2.0+program"
    file = tmp_path / "file"
    for said, version in ((json.dumps({"version": "7"}), "7"), ("{", None), ("[]", None)):
        file.write_text(said)
        run("debugfs", "-w", "-R", "rm /usr/lib/gonogo/release.json", f"{disk}?offset={at}")
        run("debugfs", "-w", "-R", f"write {file} /usr/lib/gonogo/release.json",
            f"{disk}?offset={at}")  # fmt: skip
        assert version_of(disk, at) == version
    run("debugfs", "-w", "-R", "rm /usr/lib/gonogo/release.json", f"{disk}?offset={at}")
    assert version_of(disk, at) is None
    file.write_text('NAME=x\nIMAGE_VERSION="0.9.1"\n')
    run("debugfs", "-w", "-R", f"write {file} /etc/os-release", f"{disk}?offset={at}")
    assert version_of(disk, at) == "0.9.1"


def test_the_version_of_the_program_is_what_its_console_will_say(
    shelf: Shelf, tmp_path: Path
) -> None:
    """It may be another one than the image's: of the release, else of what is installed."""
    disk = station_disk(shelf, tmp_path)
    at = part(disk, "gonogo-a")[0]
    assert program_of(disk, at) == "0.2.0+program"
    run("debugfs", "-w", "-R", "rm /usr/lib/gonogo/release.json", f"{disk}?offset={at}")
    assert program_of(disk, at) == "0.2.0+installed"
    assert program_of(disk, part(disk, "gonogo-data")[0]) is None


def test_a_disk_that_cannot_be_read_is_no_empty_one(tmp_path: Path) -> None:
    """It would be written over."""
    with pytest.raises(DiskFailed, match="cannot be read"):
        contents(tmp_path / "no")
