"""Requests to begin references anew: files beside the state, which its process takes and removes.

A command writes one and is done. A station that stands still carries it out at its next start. One
that root writes is of whoever owns the folder, as whom the process runs.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base import atomic_file, strict_json
from gonogo.base.appended_file import give_to_owner_of
from gonogo.base.errors import BundleManifestError, OutputError
from gonogo.base.log.logger import get_logger
from gonogo.base.section import Section

if TYPE_CHECKING:
    from pathlib import Path

log = get_logger(__name__)

_MAX_BYTES = 4096


class RestartRequest(Section):
    """All references of a view are void: who says so, and why."""

    version: Literal[1] = 1
    view: Annotated[str, Field(max_length=200)]
    who: Annotated[str, Field(max_length=200)]
    why: Annotated[str, Field(min_length=1, max_length=200)]
    wall_s: float


def ask(state: Path, request: RestartRequest) -> None:
    """Write one down beside the state; OutputError where it cannot be."""
    path = state.with_name(f"{state.stem}.restart-{uuid.uuid4().hex}.json")
    try:
        _put(path, request.model_dump_json().encode())
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror}; expected a folder that is there and "
            "takes files of this user"
        ) from error


def _put(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    atomic_file.fill(fresh, [data], atomic_file.SYSTEM)
    fd = os.open(fresh, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give_to_owner_of(path.parent, fd)
    finally:
        os.close(fd)
    atomic_file.move(fresh, path)


def take(state: Path, told: set[Path]) -> list[RestartRequest]:
    """Those that wait, the oldest first; each is removed, and one that is none is dropped.

    One that may not be read waits on. `told`: those of which it was said that they are no use.
    """
    found = []
    for path in sorted(state.parent.glob(f"{state.stem}.restart-*.json")):
        try:
            raw = path.read_bytes()[: _MAX_BYTES + 1]
            found.append(strict_json.read(raw, RestartRequest, str(path)))
        except (OSError, BundleManifestError) as error:
            _tell(path, error, told)
            if isinstance(error, PermissionError):
                continue
        with contextlib.suppress(OSError):
            path.unlink()
    return sorted(found, key=lambda each: each.wall_s)


def _tell(path: Path, error: Exception, told: set[Path]) -> None:
    if path in told:
        return
    told.add(path)
    log.warning(
        "drift_restart_unread",
        text="%(error)s; no reference begins anew by this request: ask again",
        error=error,
    )
