"""Segments and the lock of a station: one owner, and nothing left of a dead one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.runtime.errors import SegmentError, StationRunning
from gonogo.runtime.shm import PAGE, SHM_DIR, Segment, StationLock, boot_tag, page_up, segment_path
from gonogo.tests.programs import launch, told

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lock(station: str) -> Iterator[StationLock]:
    """The station's lock, taken by this process."""
    taken = StationLock(station)
    yield taken
    taken.close()


@given(st.integers(0, 1 << 40))
def test_page_up_is_the_next_whole_page(size: int) -> None:
    """The smallest multiple of a page that holds the bytes."""
    assert page_up(size) % PAGE == 0
    assert size <= page_up(size) < size + PAGE


def test_segment_is_made_zeroed_private_and_in_whole_pages(station: str) -> None:
    """A new segment holds zeros only, and nobody else may read it."""
    segment = Segment.create(segment_path(station, "x"), 10)
    assert segment.size == PAGE
    assert bytes(segment.map) == bytes(PAGE)
    assert segment.path.stat().st_mode & 0o777 == 0o600


def test_segment_attached_is_the_same_memory(station: str) -> None:
    """A word and a real number written at one end stand at the other."""
    made = Segment.create(segment_path(station, "x"), 64)
    attached = Segment.attach(made.path)
    made.words(8, 2)[1] = -(1 << 63)
    attached.reals(24, 1)[0] = -0.5
    assert attached.words(8, 2).tolist() == [0, -(1 << 63)]
    assert made.reals(24, 1)[0] == -0.5


def test_segment_outlives_its_name_and_its_maker(station: str) -> None:
    """Who has it mapped keeps it, when the name and the other mapping are gone."""
    made = Segment.create(segment_path(station, "x"), 64)
    attached = Segment.attach(made.path)
    made.words(0, 1)[0] = 7
    made.unlink()
    made.unlink()
    made.close()
    made.close()
    assert attached.words(0, 1)[0] == 7
    assert not made.path.exists()


def test_segment_close_spares_memory_that_is_still_in_use(station: str) -> None:
    """Words that somebody still holds stay readable after close."""
    segment = Segment.create(segment_path(station, "x"), 64)
    words = segment.words(0, 1)
    segment.close()
    words[0] = 5
    assert words[0] == 5


def test_segment_larger_than_the_memory_there_is_is_refused_at_once(station: str) -> None:
    """Too large is an error with a number and a name at start, not a SIGBUS in the cycle."""
    room = os.statvfs(SHM_DIR)
    if room.f_blocks == 0:
        pytest.skip("shared memory has no size limit on this machine")
    path = segment_path(station, "x")
    with pytest.raises(SegmentError, match=r"GN500: shared memory .*-x of \d+ bytes: .*df -h"):
        Segment.create(path, room.f_blocks * room.f_frsize + PAGE)
    assert not path.exists()


def test_segment_of_another_is_neither_taken_nor_removed(station: str) -> None:
    """Making a segment that is there already fails and leaves it as it was."""
    made = Segment.create(segment_path(station, "x"), 64)
    made.words(0, 1)[0] = 7
    with pytest.raises(SegmentError, match="no other station made it"):
        Segment.create(made.path, 64)
    assert Segment.attach(made.path).words(0, 1)[0] == 7


def test_segment_that_is_missing_or_empty_is_refused(station: str) -> None:
    """Attaching before the supervisor made it says what to do."""
    path = segment_path(station, "x")
    with pytest.raises(SegmentError, match="start the station first"):
        Segment.attach(path)
    path.touch()
    with pytest.raises(SegmentError, match="start the station first"):
        Segment.attach(path)
    assert path.exists()


@given(st.text(max_size=60))
def test_segment_path_is_file_safe(station: str) -> None:
    """Whatever a station is called, its segments are plain files of one folder."""
    path = segment_path(station, "x")
    assert path.parent == SHM_DIR
    assert re.fullmatch(rf"gonogo-[A-Za-z0-9_.]*-{boot_tag()}-x", path.name)


def test_lock_refuses_a_second_instance_and_names_the_first(
    lock: StationLock, station: str
) -> None:
    """One box, one station of a name: the message has the process id and a way out."""
    want = rf"GN501: station '{station}' already runs .*process {os.getpid()}\).*name"
    with pytest.raises(StationRunning, match=want):
        StationLock(station)
    assert lock.path.read_text(encoding="ascii") == str(os.getpid())


def test_lock_is_free_after_close(station: str) -> None:
    """Closing releases the station and removes the file; twice does no harm."""
    first = StationLock(station)
    first.close()
    first.close()
    assert not first.path.exists()
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
    old = SHM_DIR / f"gonogo-{station}-00000000-journal"
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
    path = SHM_DIR / f"gonogo-{station}.lock"
    path.mkdir()
    try:
        with pytest.raises(SegmentError, match=r"GN500: .*\.lock: Is a directory"):
            StationLock(station)
    finally:
        path.rmdir()
