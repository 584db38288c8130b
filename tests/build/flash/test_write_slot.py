"""A station whose other slot is written: a cut at every write, and what is on the disk then."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import VerifyFailed
from gonogo.build.flash import counters
from gonogo.build.flash.contents import contents
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.write_slot import change
from gonogo.tests.build.flash.boxes import (
    Shelf,
    bytes_of,
    counters_of,
    needs_tools,
    part,
    run,
    station_disk,
)
from gonogo.tests.build.flash.cut import Cut, CutDisk, ShortDisk, Through
from gonogo.tests.build.flash.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_tools
GOOD = {"ORDER": "B A", "A_OK": "1", "A_TRY": "0", "B_OK": "1", "B_TRY": "0"}
SHARES = (0.0, 0.3, 1.0)  # of the write at which the power goes


@pytest.fixture(scope="module")
def prepared(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The newer image, unpacked."""
    found = Prepared(shelf, shelf.newer, tmp_path_factory.mktemp("prepared"))
    yield found
    found.close()


def writes_of(prepared: Prepared, disk: Path) -> list[tuple[int, int]]:
    """Where a whole update writes, and how many bytes."""
    through = Through(disk)
    prepared.write(through, disk)
    return through.wrote


def starts(disk: Path) -> str | None:
    """The slot that GRUB starts next, by the block as grub-editenv reads it."""
    return counters.counters(counters_of(disk)).active


def test_the_counters_are_the_first_and_the_last_of_what_is_written(
    shelf: Shelf, tmp_path: Path, prepared: Prepared
) -> None:
    """Between them nothing but the slot; each of them changes one sector."""
    disk = station_disk(shelf, tmp_path)
    before = contents(disk)
    wrote = writes_of(prepared, disk)
    assert wrote[0] == wrote[-1] == (before.env_at, 1024)
    slot, length = part(disk, "gonogo-b")
    assert all(slot <= at < slot + length for at, _ in wrote[1:-1])
    assert contents(disk).env[512:] == before.env[512:]
    assert counters_of(disk) == GOOD


def test_a_cut_at_every_write_leaves_a_station_that_starts(
    shelf: Shelf, memory: Path, prepared: Prepared
) -> None:
    """The old slot as it was; B only after its last write; the same again ends well."""
    whole = station_disk(shelf, memory, "whole.img")
    wrote = writes_of(prepared, whole)
    old = bytes_of(shelf.station, "gonogo-a")
    for at in range(len(wrote)):
        for share in SHARES:
            disk = station_disk(shelf, memory)
            with pytest.raises(Cut):
                prepared.write(CutDisk(disk, at, share), disk)
            is_switched = at == len(wrote) - 1 and share == 1.0
            assert starts(disk) == ("B" if is_switched else "A"), (at, share)
            assert bytes_of(disk, "gonogo-a") == old
            if not is_switched:
                prepared.write(RawDisk(disk, writes=True), disk, resumes=bool(at % 2))
            assert bytes_of(disk, "gonogo-b") == bytes_of(whole, "gonogo-b")
            assert counters_of(disk) == GOOD


def test_a_cut_within_the_slot_keeps_it_from_being_started(
    shelf: Shelf, tmp_path: Path, prepared: Prepared
) -> None:
    """It was good before, and is half of each now: not even when slot A fails is it begun."""
    disk = station_disk(shelf, tmp_path)
    assert counters_of(disk)["B_OK"] == "1"
    with pytest.raises(Cut):
        prepared.write(CutDisk(disk, 1, 0.5), disk)
    assert counters_of(disk)["B_OK"] == "0"


def test_what_stands_there_is_not_written_again(
    shelf: Shelf, tmp_path: Path, prepared: Prepared
) -> None:
    """After a cut behind the first of two pieces only the second one is."""
    disk = station_disk(shelf, tmp_path)
    with pytest.raises(Cut):
        prepared.write(CutDisk(disk, 1, 1.0), disk)
    slot, second = part(disk, "gonogo-b")[0], 4 << 20
    with disk.open("r+b") as opened:
        opened.seek(slot + second)
        opened.write(b"what stood there before")
    through = Through(disk)
    prepared.write(through, disk, resumes=True)
    assert [at - slot for at, _ in through.wrote[:-1]] == [second]


def test_the_file_system_of_the_counters_is_whole_afterwards(
    shelf: Shelf, tmp_path: Path, prepared: Prepared
) -> None:
    """The block is written where it lies, past the file system."""
    disk = station_disk(shelf, tmp_path)
    prepared.write(RawDisk(disk, writes=True), disk)
    run("e2fsck", "-fn", f"{disk}?offset={part(disk, 'gonogo-boot')[0]}")


def test_counters_that_are_not_kept_are_an_error(shelf: Shelf, tmp_path: Path) -> None:
    """Of a disk that takes them, and has others."""
    disk = station_disk(shelf, tmp_path)
    found = contents(disk)
    held = ShortDisk(disk, 0)
    with closing(held), pytest.raises(VerifyFailed, match="boot counters"):
        change(held, found.env_at, found.env, counters.on_trial("B"))
