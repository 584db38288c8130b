"""A lock between processes: a file beside what is written, held by flock(2) while it is."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gonogo.base.appended_file import give_to_owner_of
from gonogo.base.file_lock import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
