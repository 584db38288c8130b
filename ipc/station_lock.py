"""Who may have a station: one owner at a time, wherever its memory lies.

The owner holds an exclusive flock(2) for its life on two files: one in the runtime
directory, beside the memory of every station of that user, and one beside the station's
records. The second survives what removes the first (systemd's RemoveIPC when a user logs
out, a tidy technician), and is the same one for every user. A second instance is refused;
whatever a dead one left is removed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ForeignMemory, SegmentError, StationRunning
from gonogo.base.log.logger import get_logger
from gonogo.base.runtime_dir import open_private, runtime_dir
from gonogo.base.shm import file_safe, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = get_logger(__name__)

_NO_FILES = frozenset(
    {
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EACCES,
        errno.EPERM,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EEXIST,
    }
)  # a folder that takes none; its records have their own messages


class Held(NamedTuple):
    """One file that is locked through a descriptor."""

    fd: int
    path: Path


class StationLock:
    """Held by whoever runs a station.

    `records`: the folder of the station's records. Taking it removes what a dead owner left
    behind, unless `keep` says that there are living processes to be adopted.
    StationRunning names who has it; SegmentError where it cannot be had.
    """

    def __init__(
        self, station: str, records: Path | None = None, keep: Callable[[], bool] = lambda: False
    ) -> None:
        self.station = station
        self.held: list[Held] = []
        name = f"{file_safe(station)}.lock"
        try:
            # this one first: who has it alone may look at what lies in the directory, and remove it
            self._take(runtime_dir() / name, open_private)
            if records is not None:
                self._take_beside(records, name)
            self.leftovers = () if keep() else sweep(station)
        except BaseException:
            self.close()
            raise

    def _take_beside(self, records: Path, name: str) -> None:
        """A disk that takes no file, full or read-only, costs no verdict."""
        try:
            records.mkdir(parents=True, exist_ok=True)
            self._take(records / name, _open_beside)
        except OSError as error:
            if isinstance(error, SegmentError) or error.errno not in _NO_FILES:
                raise
            log.warning(
                "records_lock_missing",
                text=(
                    "no lock beside the records (%(error)s): a second copy of this station that "
                    "does not find the memory of this one would not be noticed on this box"
                ),
                error=error,
            )

    def _take(self, path: Path, open_it: Callable[[Path, int], int]) -> None:
        while True:
            try:
                fd = open_it(path, os.O_RDWR | os.O_CREAT)
            except OSError as error:
                if isinstance(error, SegmentError) or error.errno in _NO_FILES:
                    raise
                raise SegmentError(
                    f"lock {path}: {error.strerror}; expected a file of this user, or none"
                ) from error
            if self._has(fd):  # records are kept in the runtime directory itself
                os.close(fd)
                return
            self._lock(fd, path)
            # An owner that was just leaving may have unlinked the file we locked.
            with contextlib.suppress(FileNotFoundError):
                if os.fstat(fd).st_ino == path.stat().st_ino:
                    break
            os.close(fd)
        self.held.append(Held(fd, path))
        with contextlib.suppress(OSError):  # another user's, who is gone; or no space
            # for the message of whoever is refused next
            os.ftruncate(fd, 0)
            os.write(fd, str(os.getpid()).encode())

    def _has(self, fd: int) -> bool:
        """Whether that very file is locked by us: by another descriptor it would be refused."""
        return any(os.path.sameopenfile(fd, one.fd) for one in self.held)

    def _lock(self, fd: int, path: Path) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # its pid; written a moment after the lock was taken, so it may be missing
            holder = os.read(fd, 32).decode(errors="replace") or "unknown"
            os.close(fd)
            raise StationRunning(
                f"station '{self.station}' already runs on this box (process {holder} holds "
                f"{path}); stop it first, or give this one another [station] name"
            ) from error

    def close(self) -> None:
        """Release the station; idempotent."""
        release(self.held)
        self.held = []


def release(held: list[Held]) -> None:
    """Let go of locks that are this process's, by inheritance or its own."""
    for one in held:
        with contextlib.suppress(OSError):
            # before it is unlocked: whoever opens the name next makes a file of its own (`_take`)
            one.path.unlink(missing_ok=True)
        os.close(one.fd)


def holder(station: str) -> int | None:
    """The process that runs a station of this user; None where none does.

    Looks only: to ask for the lock could refuse one that is just starting.
    """
    try:
        fd = open_private(runtime_dir() / f"{file_safe(station)}.lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    return _living(fd)


def holder_beside(station: str, records: Path) -> int | None:
    """The same of any user, by the lock in the folder of its records; None where none is read."""
    path = records / f"{file_safe(station)}.lock"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    return _living(fd)


def _living(fd: int) -> int | None:
    """The process that an open lock names, if it lives; the descriptor is closed."""
    try:
        told = os.read(fd, 32).decode(errors="replace")
    finally:
        os.close(fd)
    # one that was killed leaves its file
    alive = told.isdecimal() and os.path.lexists(f"/proc/{told}")
    return int(told) if alive else None


def _open_beside(path: Path, flags: int) -> int:
    """Others may read it: a lock of another user that is held must be seen as held."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        fd = os.open(path, flags, 0o644)
    except PermissionError:
        # to read is enough to ask for the lock (flock(2))
        fd = os.open(path, flags & ~(os.O_RDWR | os.O_CREAT))
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ForeignMemory(f"{path}: expected a file, or nothing, where a station locks itself")
    return fd
