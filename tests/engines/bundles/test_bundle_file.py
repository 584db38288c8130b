"""The file of a bundle as bytes: opened once, bounded, and read no further than it goes."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import BundleDamaged, BundleError, BundleTooLarge
from gonogo.engines.bundles.bundle_file import CHUNK_BYTES, BundleFile, about
from gonogo.tests.descriptors import nothing_left_open

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 10 * CHUNK_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of 26 bytes."""
    made = tmp_path / "bolt.gng"
    made.write_bytes(b"abcdefghijklmnopqrstuvwxyz")
    return made


def test_file_reads_so_many_bytes_and_none_that_are_not_there(path: Path) -> None:
    """To its very end; one more is refused, with what there is."""
    file = BundleFile(path, LIMIT)
    assert (file.size_bytes, file.read(3, 4), file.read(25, 1)) == (26, b"defg", b"z")
    assert file.read(26, 0) == b""
    with pytest.raises(BundleDamaged, match="cut off: expected at least 27 bytes, got 26"):
        file.read(25, 2)
    file.close()


def test_file_allocates_nothing_for_bytes_that_are_only_claimed(path: Path) -> None:
    """A header may claim a gigabyte."""
    file = BundleFile(path, LIMIT)
    tracemalloc.start()
    try:
        with pytest.raises(BundleDamaged):
            file.read(0, 1 << 30)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < CHUNK_BYTES
    file.close()


def test_file_that_shrinks_under_the_reader_is_refused(path: Path) -> None:
    """By an error: a mapped one would have killed the process."""
    file = BundleFile(path, LIMIT)
    os.truncate(path, 10)
    with pytest.raises(BundleDamaged, match="cut off while it was read"):
        file.read(5, 10)
    file.close()


def test_file_is_the_one_that_was_opened(path: Path) -> None:
    """Another one under its path is not seen."""
    file = BundleFile(path, LIMIT)
    (path.parent / "other").write_bytes(b"other")
    (path.parent / "other").replace(path)
    assert file.read(0, 3) == b"abc"
    file.close()


def test_file_comes_in_chunks(tmp_path: Path) -> None:
    """As large as they may be, the last one what is left; none of nothing."""
    path = tmp_path / "large"
    path.write_bytes(bytes(CHUNK_BYTES) + b"abc")
    file = BundleFile(path, LIMIT)
    assert [len(each) for each in file.chunks(0, file.size_bytes)] == [CHUNK_BYTES, 3]
    assert list(file.chunks(CHUNK_BYTES, CHUNK_BYTES + 2)) == [b"ab"]
    assert list(file.chunks(5, 5)) == []
    file.close()


def test_file_may_be_as_large_as_the_limit(path: Path) -> None:
    """And not larger; nothing stays open."""
    with nothing_left_open():
        BundleFile(path, 26).close()
        with pytest.raises(BundleTooLarge, match="26 bytes, expected at most 25"):
            BundleFile(path, 25)


def test_file_is_closed_once(path: Path) -> None:
    """By then its number may be that of another file."""
    file = BundleFile(path, LIMIT)
    assert os.fstat(file.fileno()).st_size == 26
    file.close()
    assert file.fileno() < 0
    other = os.open(path, os.O_RDONLY)
    file.close()
    os.fstat(other)
    os.close(other)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_file_is_a_file(tmp_path: Path, kind: str) -> None:
    """A pipe without another end does not keep anybody waiting."""
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(BundleError, match="expected a bundle file, got a folder or a device"):
        BundleFile(path, LIMIT)


def test_about_names_the_path_in_every_refusal(path: Path) -> None:
    """The kind of error stays; what the system says becomes a refusal, too."""
    with pytest.raises(BundleTooLarge, match=f"^GN326.*{path}: too much"), about(path):
        raise BundleTooLarge("too much")
    unread = f"{path}: expected a bundle that this user may read"
    with pytest.raises(BundleError, match=unread), about(path):
        raise PermissionError(13, "no")
    with pytest.raises(KeyError), about(path):
        raise KeyError("a fault of ours stays one")
