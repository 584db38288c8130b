"""The station file that last came up, as a file beside it: kept, proposed, and taken for good."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from gonogo.base import atomic_file
from gonogo.base.errors import StationFileError

_MARK = b"\n# as the station was started with it, sha256 "


def marked(raw: bytes) -> bytes:
    """A station file with the line that proves it whole."""
    return raw + _MARK + digest(raw).encode() + b"\n"


def unmarked(path: Path, kept: bytes) -> bytes:
    """The station file in a kept one; StationFileError when it is not as it was kept."""
    # from the end: the file itself may hold such a line as a comment
    raw, mark, _ = kept.rpartition(_MARK)
    if not mark or kept != marked(raw):
        raise StationFileError(
            f"{path}: not as it was kept (its last line says so): damaged, or edited by hand; "
            "expected the file with which the station last came up: mend the station file itself"
        )
    return raw


def digest(raw: bytes) -> str:
    """SHA-256 of a station file, by which it is named in the log and by `gonogo check`."""
    return hashlib.sha256(raw).hexdigest()


def accept(proposed: Path, sha256: str) -> None:
    """The station came up with the file of this SHA-256: its candidate is the last good one now.

    One that is damaged, or that another start has left, has proven nothing and stays where it is.
    """
    # the station runs: that it cannot be kept is no reason to disturb it
    with contextlib.suppress(OSError, StationFileError):
        if digest(unmarked(proposed, proposed.read_bytes())) == sha256:
            atomic_file.move(proposed, proposed.with_suffix(""))


def last_good(path: Path) -> Path:
    """Where the last good version of a station file lies."""
    # of a service, which may not write beside its station file; systemd joins several by colons
    folder = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return (Path(folder) if folder else path.absolute().parent) / f".{path.name}.last-good"


def candidate(path: Path) -> Path:
    """Where the version lies that has not proven itself yet."""
    good = last_good(path)
    return good.with_name(good.name + ".candidate")
