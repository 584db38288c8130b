"""What happens in a folder, as the kernel tells it (inotify(7)): files that became whole there.

The C library's two calls, because Python has none; a folder, not a tree.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

CLOSE_WRITE, MOVED_TO = 0x8, 0x80
DELETE_SELF, MOVE_SELF, UNMOUNT, OVERFLOW = 0x400, 0x800, 0x2000, 0x4000
_IGNORED = 0x8000
_WATCHED = CLOSE_WRITE | MOVED_TO | DELETE_SELF | MOVE_SELF
_GONE = DELETE_SELF | MOVE_SELF | UNMOUNT | _IGNORED
_HEAD = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows
_BUFFER = 1 << 16
_ESCAPED = re.compile(r"\\([0-7]{3})")  # a space is \040 in mountinfo; all else stands as it is
# The kernel tells nobody here of what another computer has written there.
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs"})


class News(NamedTuple):
    """What has happened since the last time; `gone`: the folder itself is not there any more.

    `lost`: the kernel could not keep all of it.
    """

    names: tuple[str, ...]
    gone: bool = False
    lost: bool = False


class FolderWatch:
    """Files that were closed after writing, or moved into a folder, from its making on.

    OSError when the folder cannot be watched. `fd` is readable when there is news.
    """

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise _error(folder)
        if libc.inotify_add_watch(self.fd, os.fsencode(folder), _WATCHED) < 0:
            error = _error(folder)
            self.close()
            raise error

    def news(self) -> News:
        """All that has happened, oldest first; never waits."""
        data = b""
        # one reading is as long as its buffer: what is left in the kernel would be news once more
        with contextlib.suppress(BlockingIOError):
            while True:
                data += os.read(self.fd, _BUFFER)
        return parse(data)

    def close(self) -> None:
        """End the watch; idempotent."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


def _error(folder: Path) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), str(folder))


def parse(data: bytes) -> News:
    """The events of one reading."""
    names, masks, at = [], 0, 0
    while at < len(data):
        _, mask, _, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        name = data[at : at + length].rstrip(b"\0")
        at += length
        masks |= mask
        if mask & (CLOSE_WRITE | MOVED_TO):
            names.append(os.fsdecode(name))
    return News(tuple(names), gone=bool(masks & _GONE), lost=bool(masks & OVERFLOW))


def filesystem_of(folder: Path, mounts: str) -> str:
    """The type of the file system that a folder lies on, from the text of /proc/self/mountinfo."""
    best, found = "", ""
    for line in mounts.splitlines():
        fields, _, after = line.partition(" - ")
        where = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields.split()[4])
        inside = folder == type(folder)(where) or type(folder)(where) in folder.parents
        if inside and len(where) >= len(best):  # of two at one place the later one is seen
            best, found = where, after.split()[0]
    return found
