"""A disk under SQLite: it is watched, it fails when told to, and its current can be cut.

A VFS of its own (sqlite.org/vfs.html) in the very libsqlite3 that `sqlite3` uses, through
ctypes. It lets the system's VFS open the files and exchanges three of their methods. Not
modelled: names that are not on the disk yet (a file that is removed is gone at once), and
disks that lie about a sync.

Import as `gonogo.tests.records.disk`.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import sqlite3
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL, IO_ERROR_SYNC = 13, 10 | (4 << 8)  # SQLITE_FULL, SQLITE_IOERR_FSYNC
_ALIVE: list[Disk] = []  # a connection that nobody closed still calls us
_COUNT = itertools.count(1)
_METHODS = 19  # words of sqlite3_io_methods up to its version 3
_WRITE, _TRUNCATE, _SYNC = 3, 4, 5  # of them; the version is word 0
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_WRITES = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATES = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNCS = CFUNCTYPE(c_int, c_void_p, c_int)


class Vfs(ctypes.Structure):
    """sqlite3_vfs as far as its version 3 goes."""

    _fields_ = (
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p),
        ("zName", c_char_p), ("pAppData", c_void_p), ("xOpen", _OPEN), ("xDelete", _DELETE),
        *((f"other{k}", c_void_p) for k in range(14)),
    )  # fmt: skip


class Call(NamedTuple):
    """One call that changes a file, or brings it to the disk."""

    what: str  # write, truncate, sync
    file: str  # its name


def library() -> ctypes.CDLL:
    """The SQLite that the module `sqlite3` uses; skips by name where it shows no functions."""
    sqlite3.connect(":memory:").close()
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    mapped = {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) > 5}
    names: list[str | None] = [*sorted(name for name in mapped if "sqlite3" in name), None]
    for path in names:
        found = ctypes.CDLL(path)
        with contextlib.suppress(AttributeError):
            found.sqlite3_vfs_find.restype = POINTER(Vfs)
            found.sqlite3_vfs_find.argtypes = (c_char_p,)
            found.sqlite3_vfs_register.argtypes = (POINTER(Vfs), c_int)
            return found
    pytest.skip("this Python's SQLite shows no sqlite3_vfs_find")


class Disk:
    """`calls` is what was done since the last order."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self.calls: list[Call] = []
        self._fail_at = 0
        self._failed: Call | None = None
        self._synced: dict[Path, bytes] = {}
        self._lib = lib
        self._system = lib.sqlite3_vfs_find(None).contents
        self._tables: dict[int, Any] = {}  # the exchanged methods, by those of the system
        self._paths: dict[int, Path] = {}
        self.name = f"watched{next(_COUNT)}"
        self._vfs = Vfs.from_buffer_copy(self._system)
        self._vfs.zName = self.name.encode()
        self._vfs.pNext = None
        self._kept: list[Any] = [_OPEN(self._open), _DELETE(self._delete)]
        self._vfs.xOpen, self._vfs.xDelete = self._kept
        _ALIVE.append(self)
        lib.sqlite3_vfs_register(self._vfs, 0)

    def connect(self, path: Path, **keys: Any) -> sqlite3.Connection:  # noqa: ANN401 - of sqlite3
        """A database on this disk, of a library whose default is not to sync at all."""
        db: sqlite3.Connection = sqlite3.connect(f"file:{path}?vfs={self.name}", uri=True, **keys)
        try:
            db.execute("PRAGMA synchronous=OFF")
        except sqlite3.Error:  # a disk that was told to fail at once
            db.close()
            raise
        return db

    def fail_at(self, nth: int) -> None:
        """From the N-th call on the disk takes nothing."""
        self.calls.clear()
        self._fail_at, self._failed = nth, None

    def mend(self) -> Call | None:
        """It takes everything again; the call that failed first."""
        failed, self._fail_at, self._failed = self._failed, 0, None
        return failed

    def cut(self, folder: Path) -> None:
        """What is on the disk when the current fails now: in `folder`, which is made."""
        folder.mkdir()
        for path, content in self._synced.items():
            (folder / path.name).write_bytes(content)

    def close(self) -> None:
        """No database is opened here any more."""
        self._lib.sqlite3_vfs_unregister(ctypes.byref(self._vfs))

    # -- called by SQLite ----------------------------------------------------------------

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        code: int = self._system.xOpen(ctypes.addressof(self._system), name, file, flags, out)
        methods = c_void_p.from_address(file)
        if code == 0 and name and methods.value:
            self._paths[file] = Path(ctypes.string_at(name).decode())
            methods.value = ctypes.addressof(self._exchanged(methods.value))
        return code

    def _delete(self, _: int, name: bytes, sync_folder: int) -> int:
        self._synced.pop(Path(name.decode()), None)
        code: int = self._system.xDelete(ctypes.addressof(self._system), name, sync_folder)
        return code

    def _exchanged(self, address: int) -> Any:  # noqa: ANN401 - an array of words
        if address in self._tables:
            return self._tables[address]
        table = (c_void_p * _METHODS).from_buffer_copy((c_void_p * _METHODS).from_address(address))
        writes, truncates = _WRITES(table[_WRITE] or 0), _TRUNCATES(table[_TRUNCATE] or 0)
        syncs = _SYNCS(table[_SYNC] or 0)

        def write(file: int, data: int, size: int, at: int) -> int:
            refused = self._count("write", file)
            return FULL if refused else writes(file, data, size, at)

        def truncate(file: int, size: int) -> int:
            refused = self._count("truncate", file)
            return FULL if refused else truncates(file, size)

        def sync(file: int, flags: int) -> int:
            if self._count("sync", file):
                return IO_ERROR_SYNC
            path = self._paths[file]
            self._synced[path] = path.read_bytes()
            return int(syncs(file, flags))

        kept = [_WRITES(write), _TRUNCATES(truncate), _SYNCS(sync)]
        self._kept += kept
        for at, method in zip((_WRITE, _TRUNCATE, _SYNC), kept, strict=True):
            table[at] = ctypes.cast(method, c_void_p).value
        self._tables[address] = table
        return table

    def _count(self, what: str, file: int) -> bool:
        """Note a call; whether it fails."""
        call = Call(what, self._paths[file].name)
        self.calls.append(call)
        if self._failed is None and len(self.calls) == self._fail_at:
            self._failed = call
        return self._failed is not None


@contextlib.contextmanager
def watched_disk() -> Iterator[Disk]:
    """A disk for one test."""
    disk = Disk(library())
    try:
        yield disk
    finally:
        disk.close()
