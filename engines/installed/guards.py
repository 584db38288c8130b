"""What stands around every change of the folder: one at a time, and failures in our own words."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.base.atomic_folder import Folders
    from gonogo.engines.installed.layout import Layout


@contextlib.contextmanager
def locked(at: Layout, files: Folders) -> Iterator[None]:
    """One change at a time on this box; RegistryError where another program is at one.

    The kernel lets go of the lock of a process that dies, so none is ever left behind.
    """
    fd = files.open(at.lock, os.O_RDONLY | os.O_CREAT)
    try:
        _lock(fd, at.root)
        yield
    finally:
        files.close(fd)


@contextlib.contextmanager
def told(root: Path) -> Iterator[None]:
    """A failed system call as a RegistryError, with the very path where the system names one."""
    try:
        yield
    except GonogoError:  # before OSError: some of ours are that, too
        raise
    except OSError as error:
        what = error.filename or root
        raise RegistryError(
            f"{what}: {error.strerror}; check the folder {root}, its owner and its disk"
        ) from error


def _lock(fd: int, root: Path) -> None:
    try:
        # no waiting: a copy from a slow stick takes minutes, and who comes second is told so
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RegistryError(
            f"{root}: another program changes it now; wait and try again"
        ) from error
