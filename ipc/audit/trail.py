"""Appending to an audit trail: one row at a time, of any number of processes.

Each row is on the disk before `append` returns. The lock is flock(2) on the file that is written;
who finds that it was put away meanwhile takes the new one. On a full disk the room of the reserve
is given up, so that what a station needs then (going back to the former engine, say) is in the
trail as well; when that is used up, too, the caller is told, and goes on without a row.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from gonogo.base.appended_file import give_to_owner_of
from gonogo.base.atomic_file import SYSTEM, settle, write_all
from gonogo.base.errors import AuditError, AuditNotWritten
from gonogo.base.file_lock import wait_until
from gonogo.base.plain_text import harmless
from gonogo.base.shm import boot_tag
from gonogo.ipc.audit.files import (
    Content,
    content_of,
    full_ones,
    head_of,
    head_text,
    next_full,
    read,
    read_head,
    reserve_of,
    rows_backwards,
    torn,
)
from gonogo.ipc.audit.row import NOTHING, Entry, Head, Row, bounded, line_of, sealed
from gonogo.ipc.audit.who import who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gonogo.base.atomic_file import Files

ROTATE_BYTES = 4 * 1024 * 1024  # some thousands of rows
RESERVE_BYTES = 32 * 1024  # some dozens of rows on a full disk
PATIENCE_S = 5.0  # for another process that writes a row, which takes milliseconds
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Limits(NamedTuple):
    """When a file is full, what is kept for a full disk, and how long a lock is waited for."""

    rotate_bytes: int = ROTATE_BYTES
    reserve_bytes: int = RESERVE_BYTES
    patience_s: float = PATIENCE_S


LIMITS = Limits()


class Trail:
    """The audit trail in `path` (gonogo.ipc.audit.files says where which one lies)."""

    def __init__(
        self,
        path: Path,
        files: Files = SYSTEM,
        limits: Limits = LIMITS,
        author: Callable[[], dict[str, Any]] = who,
    ) -> None:
        self.path = path
        self._files = files
        self._limits = limits
        self._author = author

    def append(self, entry: Entry) -> Row:
        """Write a row, to the disk; AuditNotWritten where that cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            row = None
            while row is None:
                with self._locked() as fd:
                    row = self._taken(fd, entry)
        except OSError as error:
            raise AuditNotWritten(
                f"{self.path}: {error.strerror or error}: '{harmless(entry.what)}' goes on and is "
                "not in the audit trail; expected a file that this user may write, and free space"
            ) from error
        return row

    def last(self, what: str, *, but: str = "") -> Row | None:
        """The newest row of that kind; AuditError where the trail cannot be read.

        `but`: a state that is passed over.
        """
        try:
            rows = (row for row in rows_backwards(self.path) if row.what == what)
            return next((row for row in rows if row.state != but), None)
        except OSError as error:
            raise AuditError(f"{error.filename or self.path}: {error.strerror}") from error

    def _taken(self, fd: int, entry: Entry) -> Row | None:
        """The row that was written; None where the file was full and has been put away."""
        raw = read(self.path)
        content = content_of(raw)
        if len(raw) >= self._limits.rotate_bytes and content.last and not content.rest:
            self._files.rename(self.path, next_full(self.path))
            settle(self.path.parent, self._files)
            return None
        row = self._row(entry, content)
        # what a power cut has left of a line stays there, on a line of its own
        begin = b"" if raw[-1:] in {b"", b"\n"} else b"\n"
        self._write(fd, begin + line_of(row) + b"\n")
        self._keep(row.head)
        return row

    def _row(self, entry: Entry, content: Content) -> Row:
        last, known = content.last or self._last_full(), read_head(self.path)
        number = last.number if last is not None else 0
        before = last.hash if last is not None else NOTHING
        # the second place knows a row that is not there: told in this one, for good
        lost = known if known is not None and _is_lost(known, Head(number, before)) else None
        now = datetime.now(timezone.utc)
        row = Row(
            number=max(number, lost.number if lost else 0) + 1,
            at=now.isoformat(timespec="milliseconds"),
            boot=boot_tag(),
            monotonic_ns=time.monotonic_ns(),
            who=self._author(),
            what=harmless(entry.what),
            state=entry.state,
            old=bounded(entry.old),
            new=bounded(entry.new),
            why=harmless(entry.why),
            asked=entry.asked,
            torn=torn(content.rest),
            lost=lost,
            before=before,
            hash="",
        )
        return sealed(row)

    def _last_full(self) -> Row | None:
        there = full_ones(self.path)
        return content_of(read(there[-1])).last if there else None

    def _write(self, fd: int, data: bytes) -> None:
        try:
            self._put(fd, data)
        except OSError as error:
            if error.errno not in _FULL or not _is_given_up(reserve_of(self.path)):
                raise
            self._put(fd, data)
        else:
            self._keep_reserve()

    def _put(self, fd: int, data: bytes) -> None:
        """The whole of it, or nothing."""
        size = os.fstat(fd).st_size
        try:
            write_all(fd, data, self._files)
            self._files.fsync(fd)
        except OSError:
            with contextlib.suppress(OSError):  # the next row tells of what is left then
                os.ftruncate(fd, size)
            raise

    def _keep(self, head: Head) -> None:
        """In the second place, written over where it stands; it may lag, the row is what counts."""
        with contextlib.suppress(OSError):
            fd = self._open(head_of(self.path))
            try:
                write_all(fd, head_text(head), self._files)
                self._files.fsync(fd)
            finally:
                self._files.close(fd)

    def _keep_reserve(self) -> None:
        path = reserve_of(self.path)
        if path.exists():
            return
        with contextlib.suppress(OSError):
            fd = self._open(path)
            try:
                os.posix_fallocate(fd, 0, self._limits.reserve_bytes)
            except OSError:
                path.unlink()
            finally:
                self._files.close(fd)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        end_s = time.monotonic() + self._limits.patience_s
        while True:
            fd = self._open(self.path, os.O_APPEND)
            try:
                wait_until(fd, end_s)
                # put away by another process while we waited: the new one is ours to write
                if _is_at(fd, self.path):
                    yield fd
                    return
            finally:
                self._files.close(fd)

    def _open(self, path: Path, flags: int = 0) -> int:
        fd = self._files.open(path, flags | os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK)
        give_to_owner_of(path.parent, fd)
        return fd


def _is_given_up(reserve: Path) -> bool:
    """Whether there was room to give up."""
    try:
        reserve.unlink()
    except OSError:
        return False
    return True


def _is_lost(known: Head, last: Head) -> bool:
    """Whether the second place knows a newer row, or another one of that number."""
    return known.number > last.number or (known.number == last.number and known != last)


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
