"""The files of a kept log: the newest under its name, those before it with .1, .2 and so on.

Lines are appended, and a file that is large enough is renamed; the oldest goes. Nothing is
forced to the disk: a power cut costs the last seconds, and may leave a line without an end.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from gonogo.base.errors import LogUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MODE = 0o640  # a group may read: people who look after the box


def names(path: Path, files: int) -> list[Path]:
    """All files that a log of so many can have, the newest first."""
    return [path, *(path.with_name(f"{path.name}.{k}") for k in range(1, files))]


class KeptFiles:
    """Appends whole lines; `lost` counts those that no disk took.

    `write` is for tests: one that refuses, or writes a part.
    """

    def __init__(
        self,
        path: Path,
        file_bytes: int,
        files: int,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        self._path, self._file_bytes, self._files, self._write = path, file_bytes, files, write
        self._fd = -1
        self._bytes = 0
        self.lost = 0

    def append(self, lines: bytes) -> None:
        """Lines with their line feeds; LogUnwritable: they are counted as lost."""
        try:
            if self._fd >= 0 and not self._in_place:
                self.close()  # somebody has renamed or removed it: nobody would see what follows
            if self._fd < 0:
                self._open()
            if self._bytes and self._bytes + len(lines) > self._file_bytes:
                self._rotate()
            self._put(lines)
        except OSError as error:
            self.close()  # opened anew next time: it may be mended, or moved away, by then
            self.lost += lines.count(b"\n")
            raise LogUnwritable(
                f"log {self._path}: {error.strerror}; expected a folder that this user may write "
                "to, with room on its disk; tried again by itself, lines are on stderr meanwhile"
            ) from error

    @property
    def _in_place(self) -> bool:
        """Whether what is open is still the file that lies under its name."""
        try:
            return os.path.samestat(os.fstat(self._fd), self._path.stat())
        except OSError:  # it is opened anew, which says why it cannot be
            return False

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, _MODE)
        self._bytes = os.fstat(self._fd).st_size
        # a line that a power cut or a full disk has torn ends here: the next one stands by itself
        if self._bytes and os.pread(self._fd, 1, self._bytes - 1) != b"\n":
            self._put(b"\n")

    def _put(self, lines: bytes) -> None:
        while lines:
            done = self._write(self._fd, lines)
            self._bytes += done
            lines = lines[done:]

    def _rotate(self) -> None:
        self.close()
        kept = names(self._path, self._files)
        for older, newer in zip(reversed(kept), reversed(kept[:-1]), strict=False):
            with suppress(FileNotFoundError):  # one that somebody has taken away
                newer.replace(older)
        self._open()

    def close(self) -> None:
        """Idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
