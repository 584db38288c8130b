"""A lock of an open file between processes, flock(2), that nobody waits for without an end."""

from __future__ import annotations

import fcntl
import time

POLL_S = 0.002


def wait_for(fd: int, patience_s: float) -> None:
    """Lock what is open there; BlockingIOError after that time, OSError of a disk without locks."""
    wait_until(fd, time.monotonic() + patience_s)


def wait_until(fd: int, end_s: float) -> None:
    """The same, up to a time of the monotonic clock; tried once at least."""
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
