"""A private folder for what is unpacked. What a killed flash left there, the next one removes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import FlashNoRoom

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "gonogo-flash-"


@contextmanager
def scratch(root: Path | None = None) -> Iterator[Path]:
    """The folder, for as long as the block lasts. `root`: where; else TMPDIR, else /var/tmp.

    Not /tmp, which is memory on many systems. FlashNoRoom where it cannot be made.
    """
    where = root or Path(os.environ.get("TMPDIR", "/var/tmp"))  # noqa: S108 - a fresh folder in it
    _sweep(where)
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    except OSError as error:
        raise FlashNoRoom(
            f"{where}: {error.strerror}; expected a folder that takes the unpacked image; name "
            "another one by TMPDIR"
        ) from error
    with _locked(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def room_bytes(folder: Path) -> int:
    """What its file system still takes."""
    return shutil.disk_usage(folder).free


def _sweep(where: Path) -> None:
    """Remove folders that nobody holds any more."""
    for left in where.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _locked(left):
            if left.stat().st_uid == os.getuid():
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold it; BlockingIOError where another process does."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)
