"""Files of lines that are only ever appended: by any number of processes, each line whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import SYSTEM, write_all
from gonogo.base.file_lock import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files


PATIENCE_S = 0.5


def append(path: Path, lines: bytes, files: Files = SYSTEM) -> None:
    """Add lines, each with its line feed, to the disk; the file is made. OSError.

    What a power cut or a full disk has left of a line before stays on a line of its own.
    """
    fd = files.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW)
    try:
        give_to_owner_of(path.parent, fd)
        # of a line that reaches over a page half is seen first. Without the lock, as where a
        # process was stopped that has it, an empty line is all that comes of it
        with contextlib.suppress(OSError):
            wait_for(fd, PATIENCE_S)
        size = os.fstat(fd).st_size
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        write_all(fd, b"\n" * torn + lines, files)
        fcntl.flock(fd, fcntl.LOCK_UN)  # nobody waits for our disk
        files.fsync(fd)
    finally:
        files.close(fd)


def give_to_owner_of(folder: Path, fd: int) -> None:
    """What root has made on behalf of a station's user, who has to go on with it."""
    owner = folder.stat()
    if os.geteuid() == 0 and os.fstat(fd).st_uid != owner.st_uid:
        with contextlib.suppress(OSError):
            os.fchown(fd, owner.st_uid, owner.st_gid)
