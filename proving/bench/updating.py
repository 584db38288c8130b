"""A box that writes an update beside its station, in the idle class of processor and disk.

As RAUC's service and the updater have it on a box. It stands in for RAUC where no slot is: as many
fresh bytes as a slot takes, brought to the disk, let go of, read back and hashed; then all over
again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.proving.bench.program import program

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOT_BYTES = 512 << 20  # a root file system, without what is empty of it
_PIECE = 1 << 20
_MAIN = "from gonogo.proving.bench.updating import main; main()"


@contextmanager
def an_update(folder: Path) -> Iterator[None]:
    """Written again and again in `folder` for as long; IdleDisturbance."""
    path = folder / "slot.img"
    try:
        with program("an update", [_MAIN, str(path)], []):
            yield
    finally:
        path.unlink(missing_ok=True)


def write(path: Path, size_bytes: int = SLOT_BYTES) -> bool:
    """A slot's worth; whether it was read back as it was written, past the cache."""
    wrote, found = hashlib.sha256(), hashlib.sha256()
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for at in range(0, size_bytes, _PIECE):
            piece = secrets.token_bytes(min(_PIECE, size_bytes - at))
            wrote.update(piece)
            os.pwrite(fd, piece, at)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        for at in range(0, size_bytes, _PIECE):
            found.update(os.pread(fd, min(_PIECE, size_bytes - at), at))
    finally:
        os.close(fd)
    return wrote.digest() == found.digest()


def main() -> None:
    """Until it is ended, or the disk gives back something else."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    subprocess.run(["ionice", "--class", "idle", "--pid", str(os.getpid())], check=True)
    print("writes", flush=True)  # noqa: T201 - what `program` waits for
    while write(Path(sys.argv[1])):
        pass
