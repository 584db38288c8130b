"""System calls that break: by an error, by the end of the process, by the end of the current.

Import as `gonogo.tests.engines.bundles.breaking`.
"""

from __future__ import annotations

import errno
import os
import shutil
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.atomic_folder import Folders

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_BYTES = 1500  # a few writes a bundle
KILLED = 9


class BrokenFolders(Folders):
    """Real system calls, of which the N-th breaks; writes are short, as they may be."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.failed = ""

    def count(self, call: str, half: Callable[[], object] | None = None) -> None:
        """One call more; at the N-th it breaks."""
        self.left -= 1
        if self.left == 0:
            self.failed = call
            self.snap(half)

    def snap(self, half: Callable[[], object] | None) -> None:
        """Break; `half` does a half of the call."""
        raise NotImplementedError

    def open(self, path: Path, flags: int) -> int:
        """Or not."""
        self.count("open")
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        """Or a half of it."""
        short = data[:CHUNK_BYTES]
        self.count("write", lambda: super(BrokenFolders, self).write(fd, short[: len(short) // 2]))
        return super().write(fd, short)

    def fsync(self, fd: int) -> None:
        """Or not."""
        self.count("fsync")
        super().fsync(fd)

    def close(self, fd: int) -> None:
        """Closed in any case: a descriptor is gone after a failed close, too."""
        super().close(fd)
        self.count("close")

    def rename(self, old: Path, new: Path) -> None:
        """Or not."""
        self.count("rename")
        super().rename(old, new)

    def mkdir(self, path: Path) -> None:
        """Or not."""
        self.count("mkdir")
        super().mkdir(path)

    def unlink(self, path: Path) -> None:
        """Or not."""
        self.count("unlink")
        super().unlink(path)

    def rmdir(self, path: Path) -> None:
        """Or not."""
        self.count("rmdir")
        super().rmdir(path)


class FailingFolders(BrokenFolders):
    """The N-th call fails, as on a full disk."""

    def snap(self, half: Callable[[], object] | None) -> None:
        """OSError, perhaps after a half of it."""
        if half is not None:
            half()
        raise OSError(errno.ENOSPC, "no space left on device")


class KillingFolders(BrokenFolders):
    """The N-th call is the last that the process does."""

    def snap(self, half: Callable[[], object] | None) -> None:
        """No handler runs after this."""
        if half is not None:
            half()
        os._exit(KILLED)


class WatchedFolders(Folders):
    """Real system calls; `synced` is what was brought to the disk, in that order."""

    def __init__(self) -> None:
        self.synced: list[Path] = []

    def fsync(self, fd: int) -> None:
        """By the name that it has at this moment."""
        self.synced.append(Path(f"/proc/self/fd/{fd}").readlink())
        super().fsync(fd)


class PowerCut(BaseException):
    """No `except Exception` sees the current fail."""


class PowerCutFolders(BrokenFolders):
    """At the N-th call the current fails: what was not brought to the disk is lost.

    Bytes that were not fsynced are gone; of names that were not (creations, renames,
    removals since their folder's last fsync) either all are gone, or none. Not modelled:
    some of the names gone and others not, and disks that lie about fsync.
    """

    def __init__(self, nth: int, spare: Path, *, lose_names: bool) -> None:
        super().__init__(nth)
        self._spare = spare
        self._lose_names = lose_names
        self._open: dict[int, Path] = {}
        self._dirty: set[Path] = set()
        self._undo: list[tuple[Path, Callable[[], object]]] = []
        self._saved = 0
        self._cut = False

    def count(self, call: str, half: Callable[[], object] | None = None) -> None:
        """After the cut nothing is done any more, no clean-up either."""
        if self._cut:
            raise PowerCut
        super().count(call, half)

    def snap(self, half: Callable[[], object] | None) -> None:
        """The current fails."""
        if half is not None:
            half()
        self.cut()
        raise PowerCut

    def cut(self) -> None:
        """Bring the disk to what it would be after it."""
        self._cut = True
        for path in self._dirty:
            os.truncate(path, 0)
        if self._lose_names:
            for _, undo in reversed(self._undo):
                undo()

    def open(self, path: Path, flags: int) -> int:
        """Remember what it opens, and whether that is new."""
        new = bool(flags & os.O_CREAT) and not path.exists()
        fd = super().open(path, flags)
        self._open[fd] = path
        if new:
            self._undo.append((path.parent, lambda: path.unlink(missing_ok=True)))
        return fd

    def write(self, fd: int, data: bytes) -> int:
        """Not on the disk yet."""
        self._dirty.add(self._open[fd])
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        """On the disk: bytes of a file, or names of a folder."""
        super().fsync(fd)
        path = self._open[fd]
        self._dirty.discard(path)
        self._undo = [each for each in self._undo if each[0] != path]

    def rename(self, old: Path, new: Path) -> None:
        """Remember what it replaces."""
        if any(folder == old for folder, _ in self._undo):
            raise AssertionError(f"{old} gets its place before the names in it are on the disk")
        kept = self._keep(new) if new.is_file() else None
        super().rename(old, new)
        self._dirty = {new if path == old else path for path in self._dirty}

        def undo() -> None:
            new.rename(old)
            if kept is not None:
                kept.rename(new)

        self._undo.append((new.parent, undo))

    def mkdir(self, path: Path) -> None:
        """Remember it."""
        super().mkdir(path)
        self._undo.append((path.parent, lambda: shutil.rmtree(path)))

    def unlink(self, path: Path) -> None:
        """Remember what it was."""
        kept = self._keep(path) if path.is_file() else None
        super().unlink(path)

        def undo() -> None:
            if kept is not None and path.parent.is_dir():  # else its folder is gone for good
                kept.rename(path)

        self._undo.append((path.parent, undo))

    def rmdir(self, path: Path) -> None:
        """Remember it."""
        super().rmdir(path)
        self._undo.append((path.parent, path.mkdir))

    def _keep(self, path: Path) -> Path:
        self._saved += 1
        kept = self._spare / str(self._saved)
        os.link(path, kept)
        return kept


def end_of(change: Callable[[Path, Folders], object], root: Path, nth: int) -> int:
    """Do `change` in a process of its own that is killed at its N-th call; its exit code.

    To be called where no thread runs.
    """
    child = os.fork()
    if child == 0:
        try:
            change(root, KillingFolders(nth))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - no exception may leave this process
            traceback.print_exc()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
