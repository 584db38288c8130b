"""The private directory of whoever runs stations: all that carries authority lies in it.

Segments, doorbells, sockets and locks decide which parts pass and which processes are
ended: whoever can make them beforehand is obeyed. They lie in one directory that nobody
but its owner can look into, on a file system in memory, and owner, mode and kind are
looked at again each time something in it is opened. No link is followed.

The first of these that there is, or can be made:

    $GONOGO_RUNTIME_DIR             as somebody has decided
    $RUNTIME_DIRECTORY              as systemd has made it (RuntimeDirectory= of the unit)
    /run/gonogo                     of root, or of the system user that the unit names
    $XDG_RUNTIME_DIR/gonogo         of a user who has logged in, else /run/user/<uid>/gonogo
    /dev/shm/gonogo-<uid>           anywhere else; refused where another user was there first

Commands look in the same places, and so find the station of the same user.
"""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import ForeignMemory, RuntimeDirError

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_MEMORY = frozenset({"tmpfs", "ramfs", "hugetlbfs"})  # as mountinfo names them
_OTHERS = 0o077  # rights of group and others
_NAMED = ("GONOGO_RUNTIME_DIR", "RUNTIME_DIRECTORY")


class Roots(NamedTuple):
    """Where the directory is looked for when nobody has named one, beside the user's login."""

    system: Path = Path("/run/gonogo")
    # its sub-directory is checked before anything is trusted
    shared: Path = Path("/dev/shm")  # noqa: S108


ROOTS = Roots()


class Whereabouts(NamedTuple):
    """Where the directory is or would be made, and the variable that says so; "" for none."""

    path: Path
    by: str


def runtime_dir(roots: Roots = ROOTS) -> Path:
    """The directory, made if need be, and looked at; RuntimeDirError where there is none."""
    return _made(*whereabouts(roots))


def whereabouts(roots: Roots = ROOTS) -> Whereabouts:
    """Where it is looked for; nothing is made."""
    for name in _NAMED:
        # systemd joins several by colons (systemd.exec(5)); ours is the first
        named = os.environ.get(name, "").partition(":")[0]
        if named:
            return Whereabouts(Path(named), f"${name}")
    for parent in (roots.system.parent, _of_the_login()):
        path = parent / roots.system.name
        if in_memory(parent) and (_is_ours(path) or _may_make(path)):
            return Whereabouts(path, "")
    return Whereabouts(roots.shared / f"gonogo-{os.geteuid()}", "")


def _of_the_login() -> Path:
    """Of this user's sessions, whether this process belongs to one or not."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")


def _is_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _may_make(path: Path) -> bool:
    """Whether it can be made where nobody else could have made it."""
    try:
        parent = path.parent.stat()
    except OSError:
        return False
    # where others may write, they could have put something there a moment ago
    free = not os.path.lexists(path)
    return free and parent.st_uid == os.geteuid() and not parent.st_mode & stat.S_IWOTH


def _made(path: Path, by: str) -> Path:
    """The directory, there and ours alone."""
    try:
        path.mkdir(mode=0o700)
    # looked at below, like one that we have made
    except FileExistsError:
        pass
    except OSError as error:
        raise RuntimeDirError(
            f"runtime directory {path}{_says(by)}: {error.strerror}; expected one that user "
            f"{user_name(os.geteuid())} can make, on a file system in memory (tmpfs)"
        ) from error
    with opened(path):
        pass
    if not in_memory(path):
        raise RuntimeDirError(
            f"runtime directory {path}{_says(by)}: expected a file system in memory (tmpfs): "
            f"on a disk, its writes would hold the line up; name another in ${_NAMED[0]}"
        )
    return path


def looked_at(path: Path) -> None:
    """RuntimeDirError where what stands there is not this user's alone; nothing is made."""
    if os.path.lexists(path):
        with opened(path):
            pass


def _says(by: str) -> str:
    return f" ({by})" if by else ""


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor of a directory that is its owner's alone, and this user's."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise RuntimeDirError(
            f"runtime directory {path}: {error.strerror}; expected a directory, no link, of user "
            f"{user_name(os.geteuid())}; remove what stands there: rm -r {path}"
        ) from error
    try:
        # by the descriptor: the path may lead elsewhere by the time it is used again
        _inspect(path, os.fstat(fd))
        yield fd
    finally:
        os.close(fd)


def _inspect(path: Path, found: os.stat_result) -> None:
    me = os.geteuid()
    if found.st_uid != me:
        raise RuntimeDirError(
            f"runtime directory {path}: it belongs to user {user_name(found.st_uid)}, expected "
            f"{user_name(me)}; nothing in it is trusted. Remove it as root: rm -r {path}"
        )
    if found.st_mode & _OTHERS:
        raise RuntimeDirError(
            f"runtime directory {path}: others may use it (mode {found.st_mode & 0o777:04o}), "
            f"expected 0700; nothing in it is trusted. With no station running: rm -r {path}"
        )


def open_private(path: Path, flags: int, kind: int = stat.S_IFREG) -> int:
    """A descriptor of a file in the directory: of this kind, this user's alone, and no link.

    `kind` as in stat(2): S_IFREG or S_IFIFO. OSError as open(2), RuntimeDirError for the
    directory, ForeignMemory for a file that somebody else made or may touch.
    """
    with opened(path.parent) as directory:
        # not waiting: a pipe that somebody put in the place of a file would hold us up (fifo(7))
        wanted = flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        # in the folder that was looked at, wherever its path leads by now
        fd = os.open(path.name, wanted, 0o600, dir_fd=directory)
    try:
        _check(path, os.fstat(fd), kind)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _check(path: Path, found: os.stat_result, kind: int) -> None:
    """One name, one owner: a second name would be a door that nobody watches."""
    right = (
        stat.S_IFMT(found.st_mode) == kind
        and found.st_uid == os.geteuid()
        and not found.st_mode & _OTHERS
        and found.st_nlink == 1
    )
    if not right:
        raise ForeignMemory(
            f"{path}: user {user_name(found.st_uid)}, {stat.filemode(found.st_mode)}, "
            f"{found.st_nlink} names; expected one that the station made: user "
            f"{user_name(os.geteuid())}, no rights of others, one name. With no station running, "
            f"remove it: rm {path}"
        )


def in_memory(path: Path) -> bool:
    """Whether a directory lies on a file system without a disk behind it (proc(5), mountinfo)."""
    try:
        device = path.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        # field 3 is major:minor, and the type follows the lone hyphen (proc(5))
        fields, _, kind = line.partition(" - ")
        if fields.split()[2] == wanted:
            return kind.split()[0] in IN_MEMORY
    return False


def elsewhere(roots: Roots = ROOTS) -> str:
    """Whose stations are in the system's directory, where they are not this user's; else ''."""
    try:
        owner = roots.system.stat().st_uid
    except OSError:
        return ""
    return "" if owner == os.geteuid() else user_name(owner)


def user_name(uid: int) -> str:
    """As people know the user; the number where there is no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
