"""A station file on trial: it lies beside the old one, which counts until the new one is confirmed.

    .cell.trying-1f2e3d4c.toml

Whoever moves that file first decides, by one system call: `keep` renames it to the station file,
the supervisor removes it when its time is over (gonogo.watchdog.trials), and so does the next
start of the station (`sweep`). Of both together only one succeeds, and a power cut between two
writes leaves the old file, or the new one.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from gonogo.base.atomic_file import SYSTEM, fill, move, settle
from gonogo.base.errors import ChangeNotWritten, ChangeTakenBack
from gonogo.config.limits_applying import as_owned
from gonogo.config.reader import read
from gonogo.ipc.last_good_file import digest

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.base.atomic_file import Files

_ID_BYTES = 4


def put(path: Path, raw: bytes, files: Files = SYSTEM) -> Path:
    """Write a file for a trial, on the disk when this returns; ChangeNotWritten leaves none.

    It has the rights of the station file `path`, of which no link is followed any more.
    """
    fresh = path.with_name(f".{path.stem}.trying-{secrets.token_hex(_ID_BYTES)}{path.suffix}")
    try:
        fill(fresh, (raw,), files)
        as_owned(fresh, path, files)
        settle(path.parent, files)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise ChangeNotWritten(
            f"{path.parent}: {error.strerror or error}; expected a folder that the station's user "
            f"may write, with free space (of a service: ReadWritePaths=); {path} is as it was"
        ) from error
    return fresh


def keep(path: Path, fresh: Path, sha256: str, files: Files = SYSTEM) -> None:
    """Make it the station file; ChangeTakenBack, or ChangeNotWritten: the old file stays.

    `sha256`: of the station file that it was made of.
    """
    now = digest(read(path))
    if now != sha256:
        raise ChangeNotWritten(
            f"{path}: it was edited meanwhile (its sha256 is {now[:12]}, expected "
            f"{sha256[:12]}); it is as it was left; `commit take-back`, then `configure` anew"
        )
    try:
        move(fresh, path, files)
    except FileNotFoundError:
        raise ChangeTakenBack(f"{path}: the change was taken back; the old values hold") from None
    except OSError as error:
        if not fresh.exists():  # it was renamed; that the name is on the disk is not known
            return
        raise ChangeNotWritten(
            f"{path}: {error.strerror or error}; it is as it was, and so it stays"
        ) from error


def sweep(path: Path) -> list[Path]:
    """Remove what was on trial when a station ended; which files these were."""
    path = path.resolve()
    gone = []
    for left in sorted(path.parent.glob(f".{_globbed(path.stem)}.trying-*{path.suffix}")):
        with contextlib.suppress(OSError):
            left.unlink()
            gone.append(left)
    return gone


def _globbed(stem: str) -> str:
    """A name as a pattern of itself alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)
