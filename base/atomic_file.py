"""Files that survive a power cut: the old one or the new one, never half of either.

A temporary file, fsync, rename, fsync of the folder: fsync(2) of a file does not bring its
name to the disk, and a rename may get there before the bytes do.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Files:
    """The system calls of a write; a test lets each of them fail."""

    def open(self, path: Path, flags: int) -> int:
        """The system call; a new file is for this user only."""
        return os.open(path, flags | os.O_CLOEXEC, 0o600)

    def write(self, fd: int, data: bytes) -> int:
        """The system call."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """The system call."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """The system call."""
        os.close(fd)

    def rename(self, old: Path, new: Path) -> None:
        """The system call."""
        os.rename(old, new)  # noqa: PTH104 - the other makes a path anew (gonogo.base.procfs)


SYSTEM = Files()


def replace(path: Path, data: bytes, files: Files = SYSTEM) -> None:
    """Replace the file; OSError leaves the old one whole."""
    fresh = _beside(path)
    fill(fresh, (data,), files, os.O_TRUNC)  # what an earlier attempt left is written over
    move(fresh, path, files)


def fill(path: Path, chunks: Iterable[bytes], files: Files, where: int = os.O_EXCL) -> None:
    """Write a file, to the disk; OSError may leave a part of it.

    `where` as open(2) has it: only where nothing was, not even a link (O_EXCL), or over what
    is there (O_TRUNC). Its name is on the disk once its folder is settled.
    """
    fd = files.open(path, os.O_WRONLY | os.O_CREAT | where)
    try:
        for chunk in chunks:
            write_all(fd, chunk, files)
        files.fsync(fd)
    finally:
        files.close(fd)


def write_all(fd: int, data: bytes, files: Files) -> None:
    """Write from where the descriptor stands; write(2) may take less than it is given."""
    while data:
        data = data[files.write(fd, data) :]


def move(old: Path, new: Path, files: Files = SYSTEM) -> None:
    """Rename a file that is on the disk already, within its folder, for good."""
    files.rename(old, new)
    settle(new.parent, files)


def settle(folder: Path, files: Files = SYSTEM) -> None:
    """Bring the names in a folder to the disk."""
    fd = files.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        files.fsync(fd)
    finally:
        files.close(fd)


@lru_cache(maxsize=16)
def _beside(path: Path) -> Path:
    """Where it is written first; remembered, as some files are written every second."""
    return path.with_name(path.name + ".new")
