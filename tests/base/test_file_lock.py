"""A lock that is waited for with an end."""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

import pytest

from gonogo.base.file_lock import wait_for, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The same file, opened twice: as two processes have it."""
    fds = [os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2)]
    yield fds[0], fds[1]
    for fd in fds:
        os.close(fd)


def test_wait_for_gives_up_while_another_one_has_it(two: tuple[int, int]) -> None:
    """And has it at once when nobody does."""
    held, other = two
    wait_for(held, 0.0)
    with pytest.raises(BlockingIOError):
        wait_for(other, 0.01)
    with pytest.raises(BlockingIOError):
        wait_until(other, 0.0)
    fcntl.flock(held, fcntl.LOCK_UN)
    wait_until(other, 0.0)
    with pytest.raises(BlockingIOError):
        wait_for(held, 0.0)


def test_wait_for_has_it_when_the_other_one_lets_it_go(two: tuple[int, int]) -> None:
    """Long before its patience ends."""
    held, other = two
    wait_for(held, 0.0)
    letting_go = threading.Timer(0.05, fcntl.flock, (held, fcntl.LOCK_UN))
    letting_go.start()
    wait_for(other, 60.0)
    letting_go.join()
    with pytest.raises(BlockingIOError):
        wait_for(held, 0.0)
