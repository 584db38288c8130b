"""The box that is looked at: its files, and programs that are asked about it.

Everything that `gonogo board` finds comes through here, so that a test can be any box. Programs
run as children with a time limit: a vendor's library may crash, and a driver may hang.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.realtime import may_schedule
from gonogo.drivers.board.sysfs import Tree

if TYPE_CHECKING:
    from typing import IO

ENOUGH = 65536  # bytes of a file or an answer; what is longer is no answer
# where `make` puts it; a Python outside of one must never be told to make /usr into one
ENVIRONMENT = sys.prefix if sys.prefix != sys.base_prefix else ".venv"
LAST_S = 5.0  # how long a child that was killed may take to be gone


class Ran(NamedTuple):
    """What became of a child: its exit status, minus the signal that ended it.

    None: it is not there, may not be run, or did not end in its time; `why` says which.
    """

    status: int | None
    out: str = ""
    err: str = ""
    why: str = ""

    @property
    def ended_by(self) -> str:
        """The signal that ended it, in words; empty where none did."""
        if self.status is None or self.status >= 0:
            return ""
        with contextlib.suppress(ValueError):
            return signal.Signals(-self.status).name
        return f"signal {-self.status}"


Runner = Callable[[Sequence[str], float], Ran]


def run_child(argv: Sequence[str], limit_s: float) -> Ran:
    """Run a program, and end it with all that it started once its time is over."""
    # files, not pipes: what it leaves behind could hold a pipe open for ever
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            child = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env=os.environ | {"LC_ALL": "C.UTF-8"},  # words that a program can read
            )
        except OSError as error:
            return Ran(None, why=f"{argv[0]}: {error.strerror}")
        why = _wait(child, limit_s)
        return Ran(None if why else child.returncode, _text(out), _text(err), why)


def _wait(child: subprocess.Popen[bytes], limit_s: float) -> str:
    """Empty once it ended on its own; or why there is no status."""
    try:
        child.wait(limit_s)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        return ""
    try:
        child.wait(LAST_S)
    except subprocess.TimeoutExpired:  # nobody can end what waits within the kernel
        return f"did not end within {limit_s:g} s, and cannot be ended: its driver hangs"
    return f"did not end within {limit_s:g} s"


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(ENOUGH).decode("utf-8", errors="replace")


class Box(NamedTuple):
    """One box; left out, this one.

    `root`: where its files begin. `may`: whether this user may use a device file (access(2)).
    `libc` and `python` are versions, as "2.35" and "3.10.12"; `interpreter` is what runs children,
    `environment` the virtual environment that it is of.
    `cores`: how many this program may use. `realtime`: whether it may schedule in real time.
    """

    root: Path = Path("/")
    run: Runner = run_child
    architecture: str = os.uname().machine
    may: Callable[[Path], bool] = lambda path: os.access(path, os.R_OK | os.W_OK)
    python: str = platform.python_version()
    libc: str = platform.libc_ver()[1]
    interpreter: str = sys.executable
    environment: str = ENVIRONMENT
    cores: int = len(os.sched_getaffinity(0))
    superuser: bool = os.geteuid() == 0
    realtime: Callable[[], bool] = may_schedule

    def text(self, path: str) -> str | None:
        """The start of a file, stripped; None where it cannot be read."""
        return Tree(self.root).text(path, ENOUGH)

    def names(self, folder: str) -> list[str]:
        """What a folder holds, in order; empty where there is no such folder."""
        try:
            return sorted(os.listdir(self.root / folder))  # noqa: PTH208 - names only
        except OSError:
            return []

    def there(self, path: str) -> bool:
        """Whether a file is there."""
        return (self.root / path).exists()
