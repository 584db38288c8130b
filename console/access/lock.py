"""A lock between processes: a file beside what is written, held by flock(2) while it is."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.base.appended_file import give_to_owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLL_S = 0.005


@contextmanager
def locked(path: Path, patience_s: float) -> Iterator[None]:
    """Hold it; OSError where it cannot be made, or another process has it for longer than that."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        give_to_owner_of(path.parent, fd)
        wait_for(fd, patience_s)
        yield
    finally:
        os.close(fd)


def wait_for(fd: int, patience_s: float) -> None:
    """Lock what is open there; BlockingIOError after that time."""
    end_s = time.monotonic() + patience_s
    while not _is_locked(fd, last=time.monotonic() > end_s):
        time.sleep(POLL_S)


def _is_locked(fd: int, *, last: bool) -> bool:
    """Whether it could be had; BlockingIOError where that was the last attempt."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if last:
            raise
        return False
    return True
