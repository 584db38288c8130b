"""What a run leaves to the next start: whole or not at all, and on a full disk as well."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.records.labels import Clock
from gonogo.records.leftover import (
    MAGIC,
    RESERVE_BYTES,
    Damaged,
    Disk,
    Leftover,
    pack,
    pending,
    remove,
    reserve,
    reserve_path,
    save,
    unpack,
)
from gonogo.tests.engines.bundles.breaking import PowerCut, PowerCutFolders
from gonogo.tests.records.doubles import FullDisk, Synced

if TYPE_CHECKING:
    from pathlib import Path

LEFT = Leftover(
    run="20260101T000000.000-01234567-0123456789ab",
    first=7,
    raws=(b"one entry", b"", b"another" * 50),
    lost=3,
    about='{"path": "/var/records.db", "views": ["top"]}',
    clock=Clock(1_700_000_000_000_000_000, 12345),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that is not there; what is left lies beside it."""
    return tmp_path / "records.db"


def only(path: Path) -> Leftover:
    """The one leftover there is."""
    (file,) = pending(path)
    return unpack(file.read_bytes())


@given(st.lists(st.binary(max_size=2048), max_size=20), st.integers(0, 1 << 40), st.integers(0, 99))
@settings(max_examples=50)
def test_unpack_gives_what_was_packed(raws: list[bytes], first: int, lost: int) -> None:
    """Every entry, byte by byte, whatever follows in the file."""
    left = LEFT._replace(raws=tuple(raws), first=first, lost=lost)
    assert unpack(pack(left)) == left
    assert unpack(pack(left) + b"\0" * 1000) == left


@given(st.data())
@settings(max_examples=200)
def test_unpack_believes_nothing_that_was_changed(data: st.DataObject) -> None:
    """Cut off or a bit flipped, anywhere: Damaged, and how many it held where that can be read."""
    content = bytearray(pack(LEFT))
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Damaged) as caught:
        unpack(bytes(content))
    assert isinstance(caught.value.entries, int | None)


def test_unpack_of_a_cut_file_tells_how_many_it_held() -> None:
    """Its first line is enough."""
    with pytest.raises(Damaged) as caught:
        unpack(pack(LEFT)[:-5])
    assert caught.value.entries == 3
    with pytest.raises(Damaged) as caught:
        unpack(b"something else")
    assert caught.value.entries is None


def test_save_keeps_it_beside_the_database(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Under the name of its run; one line says where, with the error's number."""
    assert save(path, LEFT) == LEFT
    assert only(path) == LEFT
    (file,) = pending(path)
    assert file.name == f"records.db.leftover-{LEFT.run}-000000000007"
    assert caplog.messages[0].startswith(f"GN604: run {LEFT.run}: 3 entries")
    assert str(file) in caplog.messages[0]
    remove(file)
    assert pending(path) == []


def test_save_syncs_the_file_and_its_folder(path: Path) -> None:
    """A power cut right after it leaves the file."""
    disk = Synced()
    save(path, LEFT, disk)
    (file,) = pending(path)
    assert disk.synced == [file.with_name(f"{file.name}.new"), path.parent]
    disk.synced.clear()
    remove(file, disk)
    assert disk.synced == [path.parent]


def test_reserve_holds_its_space_and_syncs_it(path: Path) -> None:
    """Blocks of the disk, not only a size; once it is there it is left alone."""
    disk = Synced()
    assert reserve(path, disk)
    assert disk.synced == [reserve_path(path), path.parent]
    found = reserve_path(path).stat()
    assert found.st_size == RESERVE_BYTES
    assert found.st_blocks * 512 >= RESERVE_BYTES
    assert pending(path) == []
    assert reserve(path, disk)
    assert len(disk.synced) == 2


def test_reserve_on_a_full_disk_is_none(path: Path) -> None:
    """Nothing raised."""
    assert not reserve(path, FullDisk())


def test_save_on_a_full_disk_takes_the_reserved_space(path: Path) -> None:
    """Nothing is lost, and it is on the disk; the next one has its own space again."""
    reserve(path)
    disk = FullDisk()
    assert save(path, LEFT, disk) == LEFT
    assert disk.synced == [reserve_path(path), path.parent]
    assert only(path) == LEFT
    assert pending(path)[0].stat().st_size == len(pack(LEFT))
    assert not reserve_path(path).exists()
    assert reserve(path)
    assert only(path) == LEFT


def test_save_on_a_full_disk_is_found_under_the_name_of_the_reserve_as_well(path: Path) -> None:
    """Where there is no room for another name; and nothing is written over it, or in its place."""
    reserve(path)
    save(path, LEFT, FullDisk(rename=False))
    assert pending(path) == [reserve_path(path)]
    assert only(path) == LEFT
    assert reserve(path)
    with pytest.raises(OSError, match="holds another leftover"):
        save(path, LEFT._replace(first=99), FullDisk())
    assert only(path) == LEFT


def test_save_of_more_than_fits_keeps_the_youngest_and_counts_the_others(path: Path) -> None:
    """The count stands in the file, which the next start reads."""
    raws = tuple(os.urandom(RESERVE_BYTES // 5) for _ in range(12))
    reserve(path)
    kept = save(path, LEFT._replace(raws=raws), FullDisk())
    assert only(path) == kept
    assert kept.raws == raws[-3:]
    assert kept.lost == LEFT.lost + 9
    assert kept.first == LEFT.first + 9


@pytest.mark.parametrize("reserved", [False, True])
def test_save_that_cannot_even_be_counted_says_so(
    path: Path,
    reserved: bool,  # noqa: FBT001 - a parameter
) -> None:
    """OSError, and nothing that could be taken for a leftover."""
    if reserved:
        reserve(path)
    with pytest.raises(OSError, match=r"space|No such file"):
        save(path, LEFT, FullDisk(in_place=False))
    assert pending(path) == []


def test_save_broken_off_in_the_reserved_space_has_no_name_yet(path: Path) -> None:
    """Its first line is written last."""
    reserve(path)

    class Ends(FullDisk):
        def write(self, fd: int, data: bytes) -> int:
            if data.startswith(MAGIC[:1]) and len(data) == len(MAGIC):
                raise KeyboardInterrupt
            return super().write(fd, data)

    with pytest.raises(KeyboardInterrupt):
        save(path, LEFT, Ends())
    assert pending(path) == []


class CutDisk(PowerCutFolders, Disk):
    """The current fails at the N-th call (gonogo.tests.engines.bundles.breaking)."""

    def allocate(self, fd: int, size: int) -> None:
        """Counted as any other."""
        self.count("allocate")
        Disk.allocate(self, fd, size)

    def truncate(self, fd: int, size: int) -> None:
        """Counted as any other."""
        self.count("truncate")
        Disk.truncate(self, fd, size)


class FullCutDisk(CutDisk):
    """The same on a disk on which no new file can be made."""

    def open(self, path: Path, flags: int) -> int:
        """No new one."""
        if flags & os.O_CREAT and not path.exists():
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().open(path, flags)


@pytest.mark.parametrize("lose_names", [False, True])
@pytest.mark.parametrize("kind", [CutDisk, FullCutDisk])
def test_save_that_was_done_is_there_after_a_power_cut(
    tmp_path: Path,
    kind: type[CutDisk],
    lose_names: bool,  # noqa: FBT001 - a parameter
) -> None:
    """At the N-th call, for N = 1, 2, 3 ...: whole, or none; once it was reported: whole."""
    found, done, nth = [], False, 0
    while not done:
        nth += 1
        path, spare = tmp_path / f"{nth}" / "records.db", tmp_path / f"spare{nth}"
        path.parent.mkdir()
        spare.mkdir()
        reserve(path)
        disk = kind(nth, spare, lose_names=lose_names)
        try:
            save(path, LEFT, disk)
            disk.cut()
            done = True
        except PowerCut:
            pass
        found.append([unpack(file.read_bytes()) for file in pending(path)])
    assert found[-1] == [LEFT]
    assert [] in found
    assert all(each in ([], [LEFT]) for each in found)


def test_pending_lists_the_oldest_run_first_and_nothing_else(path: Path) -> None:
    """Half-written ones, those set aside, and those of another database are not among them."""
    runs = ["20260102T000000.000-a-b", "20260101T000000.000-z-b", "19700101T000000.000-a-b"]
    for run in runs:
        save(path, LEFT._replace(run=run))
        save(path, LEFT._replace(run=run, first=100))
    save(path.with_name("other.db"), LEFT)
    (first, *_) = pending(path)
    for end in (".new", ".damaged-1"):
        first.with_name(first.name + end).write_bytes(b"")
    found = [unpack(file.read_bytes()) for file in pending(path)]
    assert [left.run for left in found] == [run for run in sorted(runs) for _ in range(2)]
    assert [left.first for left in found] == [7, 100] * 3
    assert pending(path.with_name("nowhere") / "records.db") == []
