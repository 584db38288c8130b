"""The lock of a station: one owner on a box, and nothing left of a dead one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import SegmentError, StationRunning
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import Segment, segment_path
from gonogo.ipc.station_lock import StationLock, holder
from gonogo.tests.programs import launch, told

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lock(station: str) -> Iterator[StationLock]:
    """The station's lock, taken by this process."""
    taken = StationLock(station)
    yield taken
    taken.close()


def test_lock_refuses_a_second_instance_and_names_the_first(
    lock: StationLock, station: str
) -> None:
    """One box, one station of a name: the message has the process id and a way out."""
    want = rf"GN501: station '{station}' already runs .*process {os.getpid()} holds.*name"
    with pytest.raises(StationRunning, match=want):
        StationLock(station)
    assert lock.held[0].path.read_text(encoding="ascii") == str(os.getpid())


def test_holder_is_told_and_the_lock_stays_as_it_is(station: str) -> None:
    """This process while it holds it, nobody before and after; a killed one is nobody."""
    assert holder(station) is None
    lock = StationLock(station)
    assert holder(station) == os.getpid()
    path = lock.held[0].path
    lock.close()
    assert holder(station) is None
    path.touch(mode=0o600)
    for told_pid in ("", "not a pid", "999999999"):
        path.write_text(told_pid)
        assert holder(station) is None
    path.unlink()


def test_lock_is_free_after_close(station: str) -> None:
    """Closing releases the station and removes the file; twice does no harm."""
    first = StationLock(station)
    path = first.held[0].path
    first.close()
    first.close()
    assert not path.exists()
    second = StationLock(station)
    first.close()
    with pytest.raises(StationRunning):
        StationLock(station)
    second.close()


def test_lock_of_a_killed_owner_is_taken_over_and_its_segments_removed(station: str) -> None:
    """While it lives it holds; killed, it leaves nothing that is mistaken for ours."""
    owner = launch("hold", station=station)
    with owner:
        told(owner)
        with pytest.raises(StationRunning, match=f"process {owner.pid}"):
            StationLock(station)
        assert segment_path(station, "left").exists()
        owner.kill()
    lock = StationLock(station)
    assert lock.leftovers == (segment_path(station, "left").name,)
    assert not segment_path(station, "left").exists()
    lock.close()


def test_lock_removes_leftovers_of_an_earlier_boot(station: str) -> None:
    """A segment with another boot's tag goes as well."""
    old = runtime_dir() / f"{station}-00000000-journal"
    old.touch()
    lock = StationLock(station)
    assert lock.leftovers == (old.name,)
    lock.close()


@pytest.mark.parametrize("tail", ["-b", "b", ".b", "-b-c", "_b"])
def test_lock_spares_a_station_whose_name_begins_alike(station: str, tail: str) -> None:
    """Station `a` starting does not remove the memory of the running station `a-b`."""
    other = Segment.create(segment_path(station + tail, "x"), 1)
    lock = StationLock(station)
    assert lock.leftovers == ()
    assert other.path.exists()
    other.unlink()
    lock.close()


def test_lock_that_cannot_be_opened_is_a_segment_error(station: str) -> None:
    """What stands in the lock's place is named, and no bare OSError escapes."""
    path = runtime_dir() / f"{station}.lock"
    path.mkdir()
    try:
        with pytest.raises(SegmentError, match=r"GN500: .*\.lock: Is a directory"):
            StationLock(station)
    finally:
        path.rmdir()


def test_lock_survives_the_removal_of_the_shared_memory(station: str, tmp_path: Path) -> None:
    """What tidies the memory away does not let a second copy on to the same PLC."""
    lock = StationLock(station, tmp_path)
    lock.held[0].path.unlink()
    with pytest.raises(StationRunning, match=f"holds {tmp_path}"):
        StationLock(station, tmp_path)
    lock.close()
    again = StationLock(station, tmp_path)
    again.close()
    assert list(tmp_path.iterdir()) == []


def test_lock_of_a_refused_copy_leaves_that_of_the_first_alone(
    station: str, tmp_path: Path
) -> None:
    """The second copy takes nothing with it when it goes."""
    lock = StationLock(station, tmp_path)
    lock.held[0].path.unlink()
    for _ in range(2):
        with pytest.raises(StationRunning):
            StationLock(station, tmp_path)
    assert not (runtime_dir() / f"{station}.lock").exists()
    assert lock.held[1].path.read_text(encoding="ascii") == str(os.getpid())
    lock.close()


def test_lock_of_records_in_the_runtime_directory_is_one_file(station: str) -> None:
    """It does not refuse itself; another one is refused, and the file goes with its owner."""
    lock = StationLock(station, runtime_dir())
    (held,) = lock.held
    with pytest.raises(StationRunning, match=f"process {os.getpid()} holds"):
        StationLock(station, runtime_dir())
    lock.close()
    assert not held.path.exists()


def test_lock_without_a_disk_to_lie_on_costs_no_verdict(
    station: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A read-only disk is told; the station runs."""
    lock = StationLock(station, Path("/proc/no/disk"))
    assert len(lock.held) == 1
    assert "no lock beside the records" in caplog.text
    lock.close()


def test_lock_does_not_follow_a_link_beside_the_records(station: str, tmp_path: Path) -> None:
    """What somebody put there is neither written nor taken for a lock."""
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / f"{station}.lock").symlink_to(target)
    with pytest.raises(SegmentError, match="symbolic links"):
        StationLock(station, tmp_path)
    assert target.read_text() == "mine"
    assert not (runtime_dir() / f"{station}.lock").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make files of another user")
def test_lock_held_by_another_user_is_seen(station: str, tmp_path: Path) -> None:
    """Root starting by hand what the service's user runs already is refused."""
    lock = StationLock(station, tmp_path)
    lock.held[0].path.unlink()
    os.chown(lock.held[1].path, 12345, -1)
    with pytest.raises(StationRunning):
        StationLock(station, tmp_path)
    lock.close()


def test_lock_is_not_held_on_a_file_whose_owner_was_just_leaving(
    station: str, tmp_path: Path
) -> None:
    """Opened before the owner removed it, locked after: nobody else would meet that lock."""
    path = tmp_path / "x.lock"
    opened: list[int] = []

    def open_late(file: Path, flags: int) -> int:
        fd = os.open(file, flags, 0o600)
        if not opened:
            file.unlink()  # the owner goes
        opened.append(fd)
        return fd

    lock = StationLock(station)
    lock._take(path, open_late)
    assert len(opened) == 2
    assert os.fstat(lock.held[-1].fd).st_ino == path.stat().st_ino
    lock.close()
