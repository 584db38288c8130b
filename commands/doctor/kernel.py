"""The kernel: what a station asks of it, each tried here for a moment."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from gonogo.base.errors import NoFence, SegmentError
from gonogo.base.fence import here
from gonogo.base.inotify import FolderWatch
from gonogo.commands.doctor.finding import Fine, Ill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gonogo.commands.doctor.finding import Looked, Scene

AREA = "kernel"
NONE_STARTS = "no station starts"
NEWER = "expected Linux 5.10 or newer, outside of a sandbox that forbids it"


def look(scene: Scene, calls: Mapping[str, Callable[[], None]] | None = None) -> Looked:
    """`calls` in place of the kernel's: each does what its name says, or raises OSError."""
    try:
        yield Fine(AREA, f"memory order: {here().said}")
    except NoFence as error:
        do = ("sudo apt install libatomic1",)
        yield Ill(AREA, NoFence, error.args[0], NONE_STARTS, do, stops=True)
    for name, call in (CALLS if calls is None else calls).items():
        yield _tried(name, call)
    yield from _watches(scene)


def _tried(name: str, call: Callable[[], None]) -> Ill | Fine:
    try:
        call()
    except (OSError, AttributeError) as error:
        refused = getattr(error, "strerror", None) or str(error)
        what = f"{name} is refused ({refused}), {NEWER}"
        return Ill(AREA, SegmentError, what, NONE_STARTS, ("uname -r",), stops=True)
    return Fine(AREA, name)


def _watches(scene: Scene) -> Looked:
    """Folders that one user may watch at a time (inotify(7))."""
    try:
        FolderWatch(Path(gettempdir())).close()
    except OSError as error:
        limit = scene.box.text("proc/sys/fs/inotify/max_user_instances") or "unknown"
        what = f"no folder can be watched ({error.strerror}); max_user_instances is {limit}"
        means = "a camera of files does not open, and every part is rejected"
        do = "sudo sysctl -w fs.inotify.max_user_instances=1024"
        yield Ill(AREA, SegmentError, what, means, (do,))
    else:
        yield Fine(AREA, "inotify")


def _memory() -> None:
    fd = os.memfd_create("gonogo-doctor", os.MFD_CLOEXEC)
    try:
        os.ftruncate(fd, mmap.PAGESIZE)
        mmap.mmap(fd, mmap.PAGESIZE).close()
    finally:
        os.close(fd)


def _bell() -> None:
    os.close(os.eventfd(0, os.EFD_CLOEXEC))


def _process() -> None:
    os.close(os.pidfd_open(os.getpid()))


CALLS = {
    "memory that processes share (memfd_create)": _memory,
    "waking a process (eventfd)": _bell,
    "watching a process (pidfd_open)": _process,
}
