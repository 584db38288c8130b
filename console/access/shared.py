"""A small table that processes of a station share until the box starts again.

In the private directory, in memory: a process that is killed and started anew finds it as it was,
and nothing of it outlives the boot whose CLOCK_MONOTONIC its times are of. It is written in place
under flock(2); one that a kill has torn is no table, and is begun anew by whoever writes next.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import SegmentError
from gonogo.base.file_lock import wait_for
from gonogo.base.runtime_dir import open_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 256 * 1024
PATIENCE_S = 0.5  # for another process, which holds it for less than a millisecond

Table = dict[str, Any]


class SharedTable:
    """The table in the file `path`; `seen` is what this process saw of it last."""

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self.seen: Table = {}
        self._patience_s = patience_s

    @contextlib.contextmanager
    def changing(self) -> Iterator[Table]:
        """The table, to be changed in place: written when that ends. OSError where it cannot be.

        `seen` has the change either way, so that this process at least goes on by it.
        """
        with self._locked() as fd:
            found = _read(fd)
            table = self.seen if found is None else found
            self.seen = table
            yield table
            _write(fd, table)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            fd = open_private(self.path, os.O_RDWR | os.O_CREAT)
        except SegmentError as error:
            raise OSError(str(error)) from error
        try:
            wait_for(fd, self._patience_s)
            yield fd
        finally:
            os.close(fd)


def _read(fd: int) -> Table | None:
    raw = os.pread(fd, MAX_BYTES + 1, 0)
    if len(raw) > MAX_BYTES:
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _write(fd: int, table: Table) -> None:
    data = json.dumps(table).encode()
    os.ftruncate(fd, len(os.pread(fd, 0, 0)) or 0)
    if os.pwrite(fd, data, 0) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.ftruncate(fd, len(data))
