"""What a start waits for, told to whoever asks: a small file in the runtime directory.

There is no memory of the station yet, and nobody who could answer: the file bears the process that
wrote it, and is believed while that lives.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.runtime_dir import open_private, runtime_dir
from gonogo.base.shm import file_safe
from gonogo.ipc.process_table import start_time

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".waiting"


class Waiting(NamedTuple):
    """Which station waits, for what, since when (CLOCK_MONOTONIC ns), in which process.

    `began`: when that was started, in ticks of the boot, for its number may come again.
    """

    station: str
    what: str
    since_ns: int
    pid: int
    began: int


def tell(station: str, what: str, since_ns: int) -> None:
    """Say what this process waits for; OSError where the directory takes no file."""
    pid = os.getpid()
    said = json.dumps(Waiting(station, what, since_ns, pid, start_time(pid))._asdict())
    path = _path(station)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fd = open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        os.write(fd, said.encode())
    finally:
        os.close(fd)
    fresh.replace(path)


def told(station: str) -> None:
    """It waits no more."""
    with contextlib.suppress(OSError):
        _path(station).unlink(missing_ok=True)


def waiting(station: str | None = None) -> list[Waiting]:
    """Stations of this user that wait now; of that name alone where one is given."""
    found = (_read(path) for path in sorted(runtime_dir().glob(f"*{_SUFFIX}")))
    return [each for each in found if each and station in {None, each.station}]


def _read(path: Path) -> Waiting | None:
    try:
        fd = open_private(path, os.O_RDONLY)
        try:
            said = Waiting(**json.loads(os.read(fd, 1 << 16)))
        finally:
            os.close(fd)
    except (OSError, ValueError, TypeError):  # it went meanwhile, or is of another gonogo
        return None
    # one that was killed leaves its file
    return said if 0 < said.began == start_time(said.pid) else None


def _path(station: str) -> Path:
    return runtime_dir() / f"{file_safe(station)}{_SUFFIX}"
