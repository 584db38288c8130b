"""Whether the user of a service comes as far as the files that it needs, by owner and mode.

What an access list (acl(5)) lets beside that is not seen: then a note too many is told.
"""

from __future__ import annotations

import os
import pwd
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

READ, WRITE, ENTER = 4, 2, 1  # bits of one of the three classes of a mode (inode(7))
_NOBODY = -1


class Who(NamedTuple):
    """A user and its groups, by number."""

    uid: int
    groups: frozenset[int]

    def may(self, found: os.stat_result, wanted: int) -> bool:
        """Whether a file lets it do all of that."""
        if self.uid == 0:
            return True
        # the first class that applies decides, also where a later one would let more
        of_group = 3 if found.st_gid in self.groups else 0
        shift = 6 if found.st_uid == self.uid else of_group
        return found.st_mode >> shift & wanted == wanted


def who_is(user: str) -> Who:
    """That user of this box; one that is not there yet is as anybody else."""
    try:
        known = pwd.getpwnam(user)
    except KeyError:
        return Who(_NOBODY, frozenset())
    return Who(known.pw_uid, frozenset(os.getgrouplist(user, known.pw_gid)))


def out_of_reach(who: Who, paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Each place that lets it not pass, once, with the first path that lies there."""
    told: set[Path] = set()
    for path in paths:
        barrier = _barrier(who, path)
        if barrier is not None and barrier not in told:
            told.add(barrier)
            yield path, barrier


def _barrier(who: Who, path: Path) -> Path | None:
    """The first folder on the way that cannot be entered, or the path itself, not to be read."""
    for folder in (*reversed(path.parents), path):
        try:
            found = folder.stat()
        except PermissionError:  # nor by whoever asks
            return folder
        except OSError:  # not there yet: what is below it has no owner either
            return None
        is_folder = stat.S_ISDIR(found.st_mode)
        last = folder == path
        wanted = (READ if last else 0) | (ENTER if is_folder else 0)
        if not who.may(found, wanted):
            return folder
    return None


def not_writable(who: Who, folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Folders that are there and in which it can make no file, with the reason."""
    for folder in folders:
        try:
            found, system = folder.stat(), os.statvfs(folder)
        except OSError:
            continue
        if system.f_flag & os.ST_RDONLY:
            yield folder, "it lies on a disk that is mounted read-only"
        elif not who.may(found, WRITE | ENTER):
            yield folder, "its owner does not let it"
