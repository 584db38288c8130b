"""One flash of a target at a time: flock(2), and whoever else says that the file is in use.

udev leaves a disk alone that is locked so, and a guest of QEMU locks its image by fcntl(2).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING

from gonogo.base.errors import TargetBusy

if TYPE_CHECKING:
    from pathlib import Path

_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)


def claim(fd: int, path: Path, *, writes: bool) -> None:
    """Lock what is open there until it is closed, alone or beside readers; TargetBusy."""
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if writes else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        if writes and stat.S_ISREG(os.fstat(fd).st_mode):
            # looked at alone: such a lock would go with the first descriptor that is closed
            fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(fd, fcntl.LOCK_UN)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        raise TargetBusy(
            f"{path}: another program holds it, a second flash or a virtual machine; "
            f"`fuser -v {path}` names it; end it and do the same again"
        ) from error
