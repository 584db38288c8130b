"""A file onto a disk in large pieces."""

from __future__ import annotations

import io
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gonogo.build.flash.disk import ALIGN_BYTES, MIB
from gonogo.build.flash.writer import PIECE_BYTES, Written, erase, write
from gonogo.tests.build.flash.boxes import empty_disk
from gonogo.tests.build.flash.cut import Through

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("length", [0, 1, ALIGN_BYTES, PIECE_BYTES, PIECE_BYTES + 5_000])
def test_what_is_written_stands_there_and_a_block_is_filled_up(tmp_path: Path, length: int) -> None:
    """In pieces that begin and end with a block."""
    data = os.urandom(length)
    told: list[int] = []
    with closing(Through(empty_disk(tmp_path, 12))) as disk:
        done = write(disk, MIB, io.BytesIO(data), told.append)
        whole = length + -length % ALIGN_BYTES
        assert disk.fresh(MIB, whole) == data + bytes(whole - length)
        assert all(at % ALIGN_BYTES == size % ALIGN_BYTES == 0 for at, size in disk.wrote)
    assert done == Written(length, 0)
    assert told == sorted(told)
    assert told[-1:] == ([length] if length else [])


def test_only_what_differs_is_written_where_somebody_was_before(tmp_path: Path) -> None:
    """The disk itself is asked, piece by piece."""
    data = os.urandom(3 * PIECE_BYTES)
    path = empty_disk(tmp_path, 13)
    with closing(Through(path)) as disk:
        write(disk, 0, io.BytesIO(data), lambda _: None)
        disk.write(PIECE_BYTES + 7, b"other")
        disk.wrote.clear()
        done = write(disk, 0, io.BytesIO(data), lambda _: None, keep=True)
        assert disk.wrote == [(PIECE_BYTES, PIECE_BYTES)]
        assert disk.fresh(0, len(data)) == data
    assert done == Written(PIECE_BYTES, 2 * PIECE_BYTES)


def test_what_is_erased_is_zeros(tmp_path: Path) -> None:
    """And nothing beside it."""
    with closing(Through(empty_disk(tmp_path, 1))) as disk:
        disk.write(0, b"x" * 3000)
        erase(disk, 1000, 1000)
        assert disk.fresh(0, 3000) == b"x" * 1000 + bytes(1000) + b"x" * 1000
