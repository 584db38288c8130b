"""Writing bundles: large files in chunks, and the folders they lie in.

The system calls stand in one class, so that tests can let each of them fail.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import Files, fill, move

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Folders(Files):
    """The system calls of files that hold no secret, and of folders."""

    def open(self, path: Path, flags: int) -> int:
        """The system call; a new file may be read by the user whom the station runs as."""
        return os.open(path, flags | os.O_CLOEXEC, 0o644)

    def mkdir(self, path: Path) -> None:
        """The system call."""
        path.mkdir()

    def unlink(self, path: Path) -> None:
        """The system call."""
        path.unlink()

    def rmdir(self, path: Path) -> None:
        """The system call."""
        path.rmdir()


FOLDERS = Folders()


def store(path: Path, chunks: Iterable[bytes], files: Folders = FOLDERS) -> None:
    """Write or replace a file; OSError leaves the old one whole."""
    fresh = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        files.unlink(fresh)  # of an earlier attempt
    try:
        fill(fresh, chunks, files)
        move(fresh, path, files)
    except BaseException:
        with contextlib.suppress(OSError):
            files.unlink(fresh)
        raise


def clear(folder: Path, files: Folders) -> None:
    """Remove a folder and the files in it, if it is there."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        files.unlink(path)
    files.rmdir(folder)
