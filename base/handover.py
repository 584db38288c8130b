"""What one process tells another at its start, without anybody else reading it.

Arguments of a process are there for every user to see (proc(5), cmdline): keys, addresses
and limits do not belong there. The text goes into memory without a name (memfd_create(2)),
sealed so that nobody changes it, and its descriptor is inherited.
"""

from __future__ import annotations

import fcntl
import os

_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
_STEP = 1 << 16  # bytes a read


def sealed(name: str, content: bytes) -> int:
    """A descriptor of a file in memory that can be read and nothing else."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(fd, left) :]
        # last: from here on nobody can write it, and we neither
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd


def hand_over(text: str) -> int:
    """A descriptor that the text can be read from; not inherited unless it is passed on."""
    return sealed("gonogo-plan", text.encode())


def take_over(fd: int) -> str:
    """The text that was handed over; its descriptor is closed. Whoever shares it still has it."""
    pieces, at = [], 0
    # at a place: the position of a descriptor is shared by all who have inherited it (fork(2))
    while piece := os.pread(fd, _STEP, at):
        pieces.append(piece)
        at += len(piece)
    os.close(fd)
    return b"".join(pieces).decode()
