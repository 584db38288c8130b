"""Tries what a station never does, and says what became of it, as one JSON line.

    python -I -m gonogo.tests.trespass FOLDER

`calls`: the error number of each, null where it was let. `files`: the same for making a
file in each place. `status`: what the kernel says of this process. FOLDER is one that a
station may write.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USERS = 0x10000000
_STATUS = ("CapBnd", "NoNewPrivs", "Seccomp")


class _Span(ctypes.Structure):
    """A stretch of memory (struct iovec)."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _read_memory() -> None:
    """As one process reads another's; here its own, which needs no right."""
    there, here = ctypes.c_int(7), ctypes.c_int()
    spans = [_Span(ctypes.addressof(each), 4) for each in (here, there)]
    refs = [ctypes.byref(span) for span in spans]
    _called(_LIBC.process_vm_readv(os.getpid(), refs[0], 1, refs[1], 1, 0))


def _lend_rights(folder: Path) -> None:
    file = folder / "lends"
    file.touch()
    file.chmod(0o4755)


def _make(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder):
        pass


def _error_of(attempt: Callable[[], object]) -> int | None:
    try:
        attempt()
    except OSError as error:
        return error.errno
    return None


def found(folder: Path) -> dict[str, Any]:
    """All of it."""
    calls = {
        "ptrace": lambda: _called(_LIBC.ptrace(0, 0, None, None)),
        "setuid": lambda: os.setuid(os.getuid()),
        "process_vm_readv": _read_memory,
        "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "set-user-id": lambda: _lend_rights(folder),
        "write and execute": lambda: mmap.mmap(
            -1, mmap.PAGESIZE, prot=mmap.PROT_WRITE | mmap.PROT_EXEC
        ).close(),
        "namespace": lambda: _called(_LIBC.unshare(_NEW_USERS)),
    }
    places = {"own": folder, "program": Path(__file__).parent, "temporary": Path("/tmp")}  # noqa: S108 - tried
    status = Path("/proc/self/status").read_text(encoding="ascii")
    lines = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    return {
        "calls": {name: _error_of(attempt) for name, attempt in calls.items()},
        "files": {name: _error_of(partial(_make, at)) for name, at in places.items()},
        "status": {name: lines[name] for name in _STATUS},
        "umask": os.umask(0),
        "devices": sorted(entry.name for entry in Path("/dev").iterdir()),
        "sees the first process": Path("/proc/1").exists(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found(Path(sys.argv[1]))) + "\n")
