"""The folder of pictures: yyyy/mm/dd/hh/<hash of the content>.png, and maps beside them.

A picture's name is the SHA-256 of its file, so `sha256sum` says whether it is still what was
written. Maps have the name of their picture, and the hash of the map after it. What has another
name is somebody else's: it is neither counted nor touched.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, Files, replace, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PICTURE = re.compile(r"[0-9a-f]{64}\.(png|jpg)")
_MAP = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}\.map\.png")
_HALF = re.compile(r"[0-9a-f]{64}\.[.0-9a-fmpnjg]+\.new")  # of a process that was killed
_HOUR = re.compile(r"\d{4}/\d{2}/\d{2}/\d{2}")
HOUR_DEPTH = 4
MAP_HASH = 16  # digits


class Put(NamedTuple):
    """Where something lies, from the folder on, and what it takes; 0 where it lay there before."""

    path: str
    nbytes: int


class Tree:
    """All calls may raise OSError."""

    def __init__(self, folder: Path, files: Files = SYSTEM) -> None:
        self.folder, self._files = folder, files

    def put(self, hour: str, data: bytes, ending: str) -> Put:
        """A picture of that hour (`2026/11/30/07`); the same pixels lie there once."""
        return self._put(f"{hour}/{hashlib.sha256(data).hexdigest()}{ending}", data)

    def put_map(self, picture: str, data: bytes) -> Put:
        """Beside its picture."""
        digest = hashlib.sha256(data).hexdigest()[:MAP_HASH]
        return self._put(f"{picture.rpartition('.')[0]}.{digest}.map.png", data)

    def hours(self) -> Iterator[str]:
        """Those that have a folder, the oldest first."""
        return _below(self.folder, "", HOUR_DEPTH)

    def pictures(self, hour: str) -> list[Put]:
        """The pictures of an hour without their maps, in the order in which they were written."""
        found = []
        for each in _entries(self.folder / hour):
            if _PICTURE.fullmatch(each.name):
                known = each.stat()
                found.append((known.st_mtime_ns, Put(f"{hour}/{each.name}", known.st_size)))
        return [put for _, put in sorted(found)]

    def nbytes(self, hour: str) -> int:
        """What an hour takes, with its maps."""
        return sum(
            each.stat().st_size for each in _entries(self.folder / hour) if _is_ours(each.name)
        )

    def remove(self, picture: str) -> int:
        """A picture with its maps, and folders that are empty then; the bytes that it took."""
        hour, _, name = picture.rpartition("/")
        stem, freed = name.partition(".")[0], 0
        for each in _entries(self.folder / hour):
            if each.name == name or (_MAP.fullmatch(each.name) and each.name.startswith(stem)):
                freed += each.stat().st_size
                os.unlink(each.path)  # noqa: PTH108 - an entry of scandir has its path as text
        _prune(self.folder, hour)
        return freed

    def check_writable(self, hour: str) -> None:
        """OSError where nothing can be removed: a disk that has become read-only, say."""
        if not os.access(self.folder / hour, os.W_OK):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self.folder / hour))

    def tidy(self) -> None:
        """Remove what a process that was killed left half written, and maps without a picture."""
        for hour in list(self.hours()):
            there = {each.path[len(hour) + 1 :].partition(".")[0] for each in self.pictures(hour)}
            for each in _entries(self.folder / hour):
                stem = each.name.partition(".")[0]
                alone = _MAP.fullmatch(each.name) and stem not in there
                if alone or _HALF.fullmatch(each.name):
                    os.unlink(each.path)  # noqa: PTH108
            _prune(self.folder, hour)

    def free_bytes(self) -> int:
        """What this user may still take on its disk, also where somebody removed the folder."""
        there = next(each for each in (self.folder, *self.folder.parents) if each.exists())
        found = os.statvfs(there)
        return found.f_bavail * found.f_frsize

    def make(self) -> None:
        """The folder itself."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def _put(self, path: str, data: bytes) -> Put:
        place = self.folder / path
        if place.exists():
            return Put(path, 0)
        _make_folder(place, self._files)
        replace(place, data, self._files)
        return Put(path, len(data))


def _below(folder: Path, at: str, depth: int) -> Iterator[str]:
    """Folders of hours below a place in the tree, the oldest first."""
    if not depth:
        if _HOUR.fullmatch(at):
            yield at
        return
    for each in sorted(_entries(folder / at), key=lambda entry: entry.name):
        if each.name.isdigit() and each.is_dir(follow_symlinks=False):
            yield from _below(folder, f"{at}/{each.name}".lstrip("/"), depth - 1)


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except FileNotFoundError:  # somebody tidied up
        return []


def _make_folder(place: Path, files: Files) -> None:
    """The folder of a file, its name on the disk before there is a file in it."""
    missing = [each for each in place.parents if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        settle(each.parent, files)


def _prune(folder: Path, hour: str) -> None:
    """Remove folders that are empty, from an hour upwards."""
    at = hour
    while at:
        try:
            (folder / at).rmdir()
        except OSError:  # not empty, or gone
            return
        at = at.rpartition("/")[0]


def _is_ours(name: str) -> bool:
    return bool(_PICTURE.fullmatch(name) or _MAP.fullmatch(name))
