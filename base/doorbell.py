"""Doorbells between processes: named pipes beside the segments, so that anyone may attach again.

Not eventfds: those can only be inherited, and a supervisor or a line that is started
anew must find the bells that the living processes already listen to. `ring` and
`quiet` work on an eventfd as well (eight bytes are written).
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from gonogo.base.errors import SegmentError
from gonogo.base.runtime_dir import open_private, opened
from gonogo.base.shm import segment_path

if TYPE_CHECKING:
    from pathlib import Path

_ONCE = (1).to_bytes(8, "little")  # an eventfd takes eight bytes, no less (eventfd(2))
_ALL_BYTES = 4096  # of a bell that was rung that often; what is left wakes its listener once more


def bell_path(station: str, name: str) -> Path:
    """Where a bell of a station lies."""
    return segment_path(station, f"bell_{name}")


def make_bell(station: str, name: str) -> Path:
    """Make the pipe of a bell, readable and writable by this user only."""
    return make_pipe(bell_path(station, name))


def open_bell(station: str, name: str) -> int:
    """A descriptor of a bell, both to ring it and to wait for it; never blocks."""
    return open_pipe(bell_path(station, name))


def make_pipe(path: Path) -> Path:
    """Make a bell there, in a folder that is this user's alone."""
    try:
        with opened(path.parent) as directory:
            os.mkfifo(path.name, 0o600, dir_fd=directory)
    except SegmentError:
        raise
    except OSError as error:
        raise SegmentError(
            f"bell {path}: {error.strerror}; expected a name that is free in that folder"
        ) from error
    return path


def open_pipe(path: Path) -> int:
    """A descriptor of the bell there."""
    try:
        # both ways, though most only ring or only listen: opening waits for nobody then, and
        # the pipe lives on while the process at its other end is started anew (fifo(7))
        return open_private(path, os.O_RDWR | os.O_NONBLOCK, stat.S_IFIFO)
    except SegmentError:
        raise
    except OSError as error:
        raise SegmentError(
            f"bell {path}: {error.strerror}; start the station first, and as the same user"
        ) from error


def ring(fd: int) -> None:
    """Make `fd` readable; a bell that rings already goes on ringing."""
    with contextlib.suppress(BlockingIOError):
        os.write(fd, _ONCE)


def quiet(fd: int) -> None:
    """Make `fd` unreadable until it is rung again."""
    with contextlib.suppress(BlockingIOError):
        os.read(fd, _ALL_BYTES)
