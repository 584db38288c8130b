"""The file of a bundle as bytes: opened once, bounded, read and never mapped.

It is never looked up by its path again, so replacing it on the disk changes nothing. A mapped
file that somebody cuts off would kill its reader (SIGBUS), one that is read does not.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from gonogo.base.errors import BundleDamaged, BundleError, BundleTooLarge
from gonogo.engines.bundles.manifest import MB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK_BYTES = MB  # in memory at a time, however large the file


class BundleFile:
    """One open regular file of at most `limit_bytes`; BundleError or OSError, without its path."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._fd = _open(path)
        try:
            self.size_bytes = _regular_size(self._fd, limit_bytes)
        except BaseException:
            self.close()
            raise

    def fileno(self) -> int:
        """Its descriptor; below 0 once it is closed."""
        return self._fd

    def close(self) -> None:
        """Let the file go; idempotent."""
        # only once: by then its number may be that of somebody else's file
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def read(self, at: int, length: int) -> bytes:
        """So many bytes; nothing is allocated for what is not there."""
        # a header may claim any length: held against the real size before it is believed
        if at + length > self.size_bytes:
            raise BundleDamaged(
                f"cut off: expected at least {at + length} bytes, got {self.size_bytes}; "
                "copy it again"
            )
        parts = []
        while length:
            part = os.pread(self._fd, length, at)
            if not part:  # shorter now than when it was opened
                raise BundleDamaged("it was cut off while it was read; copy it again")
            parts.append(part)
            at, length = at + len(part), length - len(part)
        return b"".join(parts)

    def chunks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end`, at most CHUNK_BYTES at a time."""
        for at in range(start, end, CHUNK_BYTES):
            yield self.read(at, min(CHUNK_BYTES, end - at))


@contextlib.contextmanager
def about(path: Path) -> Iterator[None]:
    """Every refusal begins with the path."""
    try:
        yield
    except BundleError as error:
        raise type(error)(f"{path}: {error.args[0]}") from error
    except OSError as error:
        raise BundleError(
            f"{path}: expected a bundle that this user may read, got: {error.strerror}"
        ) from error


def _open(path: Path) -> int:
    """Without waiting for the other end of a pipe."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # a zero byte in the path
        raise BundleError(f"expected a path, got one that cannot be: {error}") from error


def _regular_size(fd: int, limit_bytes: int) -> int:
    found = os.fstat(fd)  # of what was opened, whatever stands under the path by now
    if not stat.S_ISREG(found.st_mode):
        raise BundleError("expected a bundle file, got a folder or a device; check the path")
    if found.st_size > limit_bytes:
        raise BundleTooLarge(
            f"{found.st_size} bytes, expected at most {limit_bytes}; is it a bundle?"
        )
    return found.st_size
