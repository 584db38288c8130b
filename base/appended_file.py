"""Files of lines that are only ever appended: by any number of processes, each line whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import SYSTEM, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files


PATIENCE_S, TRY_AGAIN_S = 0.5, 0.001


def append(path: Path, lines: bytes, files: Files = SYSTEM) -> None:
    """Add lines, each with its line feed, to the disk; the file is made. OSError.

    What a power cut or a full disk has left of a line before stays on a line of its own.
    """
    fd = files.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW)
    try:
        give_to_owner_of(path.parent, fd)
        _wait_for_others(fd)
        size = os.fstat(fd).st_size
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        write_all(fd, b"\n" * torn + lines, files)
        fcntl.flock(fd, fcntl.LOCK_UN)  # nobody waits for our disk
        files.fsync(fd)
    finally:
        files.close(fd)


def _wait_for_others(fd: int) -> None:
    """Until no other process writes a line: of one that reaches over a page half is seen first.

    No longer than PATIENCE_S, so that a process that was stopped meanwhile holds nobody up: an
    empty line is all that comes of it.
    """
    end_s = time.monotonic() + PATIENCE_S
    while not _is_ours(fd) and time.monotonic() < end_s:
        time.sleep(TRY_AGAIN_S)


def _is_ours(fd: int) -> bool:
    """Whether it is ours to write into now."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk that knows no locks
        return True
    return True


def give_to_owner_of(folder: Path, fd: int) -> None:
    """What root has made on behalf of a station's user, who has to go on with it."""
    owner = folder.stat()
    if os.geteuid() == 0 and os.fstat(fd).st_uid != owner.st_uid:
        with contextlib.suppress(OSError):
            os.fchown(fd, owner.st_uid, owner.st_gid)
