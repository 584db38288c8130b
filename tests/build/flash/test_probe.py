"""Disks that say more than they have."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import DiskLies
from gonogo.build.flash.disk import RawDisk
from gonogo.build.flash.probe import probe_empty, probe_station
from gonogo.tests.build.flash.boxes import (
    MIB,
    Shelf,
    empty_disk,
    needs_tools,
    sha256,
    station_disk,
)
from gonogo.tests.build.flash.cut import ShortDisk, Through, WrappingDisk

if TYPE_CHECKING:
    from pathlib import Path


def test_an_honest_disk_passes_and_is_empty_afterwards(tmp_path: Path) -> None:
    """The marks go again."""
    path = empty_disk(tmp_path)
    before = sha256(path)
    with closing(Through(path)) as disk:
        probe_empty(disk)
        assert disk.wrote
    assert sha256(path) == before


@pytest.mark.parametrize("real_mib", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize("kind", [ShortDisk, WrappingDisk])
def test_a_disk_that_lies_is_found_out(
    tmp_path: Path, kind: type[ShortDisk | WrappingDisk], real_mib: int
) -> None:
    """Short, or wrapping at a power of two, as chips have it."""
    with (
        closing(kind(empty_disk(tmp_path), real_mib * MIB)) as disk,
        pytest.raises(DiskLies, match="less room than it says"),
    ):
        probe_empty(disk)


@needs_tools
def test_a_station_is_only_read(shelf: Shelf, tmp_path: Path) -> None:
    """Its second table is there; cut short, it is not, and neither is anything written."""
    path = station_disk(shelf, tmp_path)
    with closing(RawDisk(path, writes=False)) as disk:
        probe_station(disk)
    with path.open("r+b") as opened:
        opened.truncate(path.stat().st_size - 512)
    with closing(RawDisk(path, writes=False)) as disk, pytest.raises(DiskLies):
        probe_station(disk)


@needs_tools
def test_a_station_on_a_larger_disk_than_its_own_passes(shelf: Shelf, tmp_path: Path) -> None:
    """Copied by dd, as people do: the second table lies where the first one says."""
    path = station_disk(shelf, tmp_path)
    with path.open("r+b") as opened:
        opened.truncate(path.stat().st_size + 5 * MIB)
    with closing(RawDisk(path, writes=False)) as disk:
        probe_station(disk)
