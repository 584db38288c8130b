"""Segments: private, whole, and never somebody else's."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import ForeignMemory, RuntimeDirError, SegmentError
from gonogo.base.fence import here
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import PAGE, Segment, boot_tag, page_up, segment_path

if TYPE_CHECKING:
    from pathlib import Path


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


def test_segment_read_only_sees_all_and_stores_nothing(station: str) -> None:
    """What others store is seen; a store of ours is refused by the memory itself."""
    made = Segment.create(segment_path(station, "x"), 64)
    reader = Segment.attach(made.path, read_only=True)
    made.words(0, 1)[0] = 7
    assert reader.words(0, 1)[0] == 7
    with pytest.raises(TypeError, match="read-only"):
        reader.words(0, 1)[0] = 8
    with pytest.raises(TypeError, match="readonly memory map"):
        reader.map[0] = 1


def test_segment_bytes_and_numbers_lie_where_words_do(station: str) -> None:
    """The same memory, whatever it is read as."""
    segment = Segment.create(segment_path(station, "x"), 64)
    segment.put(8, b"\1\0\0\0\0\0\0\0\2")
    assert segment.words(0, 3).tolist() == [0, 1, 2]
    assert segment.get(15, 3) == b"\0\2\0"
    numbers = segment.array(np.float64, 24, 2)
    numbers[:] = 0.5, -2.0
    assert segment.reals(24, 2).tolist() == [0.5, -2.0]
    assert numbers.dtype == np.float64


def test_segment_has_the_fence_of_its_process(station: str) -> None:
    """Chosen once: every view over it takes it from here."""
    made = Segment.create(segment_path(station, "x"), 64)
    assert made.fence is Segment.attach(made.path).fence is here().call


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
    room = os.statvfs(runtime_dir())
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
    path.touch(mode=0o600)
    with pytest.raises(SegmentError, match="start the station first"):
        Segment.attach(path)
    assert path.exists()


@given(st.text(max_size=60))
def test_segment_path_is_file_safe(station: str) -> None:
    """Whatever a station is called, its segments are plain files of one folder."""
    path = segment_path(station, "x")
    assert path.parent == runtime_dir()
    assert re.fullmatch(rf"[A-Za-z0-9_.]*-{boot_tag()}-x", path.name)


def test_segment_tells_whether_its_name_still_leads_to_it(station: str) -> None:
    """Removed, or replaced by another file of the same name: nobody would find it any more."""
    made = Segment.create(segment_path(station, "x"), 64)
    attached = Segment.attach(made.path)
    told = [made.named, attached.named]
    made.unlink()
    told.append(attached.named)
    other = Segment.create(segment_path(station, "x"), 64)
    told += [other.named, attached.named]
    assert told == [True, True, False, True, False]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606, 0o601])
def test_segment_that_others_may_touch_is_not_mapped(station: str, mode: int) -> None:
    """Whoever may write it decides what is judged; whoever may read it sees every part."""
    made = Segment.create(segment_path(station, "x"), 64)
    made.path.chmod(mode)
    with pytest.raises(ForeignMemory, match=r"GN503: .*expected one that the station made.*rm "):
        Segment.attach(made.path)


def test_segment_behind_a_link_is_not_mapped(station: str) -> None:
    """Neither by a symbolic link nor by a second name of the same file."""
    made = Segment.create(segment_path(station, "x"), 64)
    second = segment_path(station, "y")
    second.symlink_to(made.path)
    with pytest.raises(SegmentError, match="Too many levels of symbolic links"):
        Segment.attach(second)
    second.unlink()
    second.hardlink_to(made.path)
    with pytest.raises(ForeignMemory, match="2 names"):
        Segment.attach(made.path)


def test_segment_that_is_no_file_is_not_mapped(station: str) -> None:
    """A pipe in its place neither blocks the start nor is taken."""
    path = segment_path(station, "x")
    os.mkfifo(path, 0o600)
    with pytest.raises(ForeignMemory, match="prw"):
        Segment.attach(path)


def test_segment_in_a_directory_that_others_may_enter_is_not_mapped(tmp_path: Path) -> None:
    """Neither made there nor attached."""
    folder = tmp_path / "open"
    folder.mkdir(mode=0o700)
    made = Segment.create(folder / "x", 64)
    folder.chmod(0o711)
    with pytest.raises(RuntimeDirError, match=r"GN502: .*mode 0711.*expected 0700"):
        Segment.attach(made.path)
    with pytest.raises(RuntimeDirError, match="mode 0711"):
        Segment.create(folder / "y", 64)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make files of another user")
def test_segment_of_another_user_is_not_mapped(station: str) -> None:
    """Whatever its rights."""
    made = Segment.create(segment_path(station, "x"), 64)
    os.chown(made.path, 12345, -1)
    with pytest.raises(ForeignMemory, match="user 12345"):
        Segment.attach(made.path)
