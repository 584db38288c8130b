"""Lines out of a pipe, each waited for so long and no longer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gonogo.console.why.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """What is read, and what is written."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        os.close(fd)


def test_lines_come_one_by_one_also_of_one_piece(pipe: tuple[int, int]) -> None:
    """The second is in the buffer, where no select would see it."""
    read, write = pipe
    os.write(write, b"one\ntwo\nthr")
    lines = Lines(read, 100)
    assert [lines.next(0.0), lines.next(0.0), lines.next(0.0)] == ["one", "two", None]
    assert not lines.ended
    os.write(write, b"ee\n")
    assert lines.next(0.0) == "three"


def test_lines_end_with_the_pipe() -> None:
    """What is half of one is none."""
    read, write = os.pipe()
    os.write(write, b"half")
    os.close(write)
    lines = Lines(read, 100)
    assert (lines.next(60.0), lines.ended) == (None, True)
    os.close(read)


def test_line_without_an_end_is_refused(pipe: tuple[int, int]) -> None:
    """Memory has one."""
    read, write = pipe
    os.write(write, b"x" * 200)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        Lines(read, 100).next(0.0)
