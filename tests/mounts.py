"""The view of the files that systemd gives a unit, made in a mount namespace of one's own.

Needs root. Import as `gonogo.tests.mounts`.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_NAMESPACE = 0x00020000
_READ_ONLY, _BIND, _RECURSIVE, _PRIVATE = 0x1, 0x1000, 0x4000, 0x40000
_SETATTR = 442  # mount_setattr(2), the same number everywhere
_AT_CWD, _AT_RECURSIVE, _ATTR_READ_ONLY = -100, 0x8000, 0x1
_HOMES = ("/home", "/root", "/run/user")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - mount points
_NOBODYS = 65534
_PSEUDO = ("null", "zero", "full", "random", "urandom", "tty")
_SHARED = ("shm", "pts")


def permitted() -> bool:
    """Whether this process may have a view of its own; tried in a child."""
    child = os.fork()
    if child == 0:
        try:
            leave_the_others()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def leave_the_others() -> None:
    """From now on, what this process mounts nobody else sees."""
    _check(_LIBC.unshare(_NEW_NAMESPACE), "mount namespace")
    _mount(None, Path("/"), None, _RECURSIVE | _PRIVATE)


def arrange(settings: Mapping[str, Sequence[str]], writable: Iterable[Path]) -> None:
    """The switches of a unit that say what is seen; `writable` beside its ReadWritePaths=."""
    named = (Path(value.lstrip("-")) for value in settings.get("ReadWritePaths", ()))
    kept = [path for path in (*named, *writable) if path.is_dir()]
    for path in kept:
        _mount(path, path, None, _BIND | _RECURSIVE)
    _switch(Path("/"), read_only=True)
    for path in (Path("/dev"), Path("/proc"), *kept):
        _switch(path, read_only=False)
    _mount(Path("/proc/sys"), Path("/proc/sys"), None, _BIND)
    _switch(Path("/proc/sys"), read_only=True)
    _hide(settings)
    if settings.get("ProtectProc") == ["invisible"]:
        # root's group would see all of them, which the user of a unit is not in
        _mount(None, Path("/proc"), "proc", 0, b"hidepid=invisible,gid=%d" % _NOBODYS)


def _hide(settings: Mapping[str, Sequence[str]]) -> None:
    """Homes, other programs' temporary files, devices."""
    if settings.get("ProtectHome") == ["yes"]:
        for home in _HOMES:
            _empty(Path(home), b"mode=0")
    if settings.get("PrivateTmp") == ["yes"]:
        for folder in _TEMPORARY:
            _empty(Path(folder), b"mode=1777")
    if settings.get("PrivateDevices") == ["yes"]:
        _few_devices()


def _few_devices() -> None:
    """/dev with what is no device at all, and the shared folders of memory."""
    old = os.open("/dev", os.O_PATH)
    _empty(Path("/dev"), b"mode=0755")
    for name in _PSEUDO:
        Path("/dev", name).touch()
        _mount(Path(f"/proc/self/fd/{old}/{name}"), Path("/dev", name), None, _BIND)
    for name in _SHARED:
        Path("/dev", name).mkdir()
        _mount(Path(f"/proc/self/fd/{old}/{name}"), Path("/dev", name), None, _BIND)
    Path("/dev/ptmx").symlink_to("pts/ptmx")
    os.close(old)


def _empty(folder: Path, options: bytes) -> None:
    """An empty folder in memory instead of what is there; nothing where nothing is."""
    if folder.is_dir():
        _mount(None, folder, "tmpfs", 0, options)


def memory(folder: Path) -> None:
    """A file system in memory there, for this user alone."""
    folder.mkdir()
    _mount(None, folder, "tmpfs", 0, b"mode=0700")


def read_only(folder: Path) -> None:
    """Nothing can be written there any more."""
    _switch(folder, read_only=True)


def writable(folder: Path) -> None:
    """It can again."""
    _switch(folder, read_only=False)


def _mount(
    source: Path | None, target: Path, kind: str | None, flags: int, data: bytes | None = None
) -> None:
    words = (os.fsencode(source or kind or "none"), os.fsencode(target), kind and kind.encode())
    _check(_LIBC.mount(*words, ctypes.c_ulong(flags), data), f"mount {target}")


def _switch(target: Path, *, read_only: bool) -> None:
    """A mount and all below it, read-only or no longer so (struct mount_attr)."""
    wanted = (0, _ATTR_READ_ONLY)[:: -1 if read_only else 1]
    attributes = (ctypes.c_uint64 * 4)(*wanted, 0, 0)
    done = _LIBC.syscall(
        ctypes.c_long(_SETATTR),
        _AT_CWD,
        os.fsencode(target),
        _AT_RECURSIVE,
        attributes,
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(done, f"mount_setattr {target}")


def _check(done: int, what: str) -> None:
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
