"""Requests to begin references anew: files beside the state, which its process takes and removes.

A command writes one and is done. A station that stands still carries it out at its next start.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from gonogo.base import atomic_file, strict_json
from gonogo.base.errors import BundleManifestError, OutputError
from gonogo.base.section import Section

if TYPE_CHECKING:
    from pathlib import Path

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
        atomic_file.replace(path, request.model_dump_json().encode())
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror}; expected a folder that is there and "
            "takes files of this user"
        ) from error


def take(state: Path) -> list[RestartRequest]:
    """Those that wait, the oldest first; each is removed, and one that is none is dropped."""
    found = []
    for path in sorted(state.parent.glob(f"{state.stem}.restart-*.json")):
        with contextlib.suppress(OSError, BundleManifestError):
            raw = path.read_bytes()[: _MAX_BYTES + 1]
            found.append(strict_json.read(raw, RestartRequest, str(path)))
        with contextlib.suppress(OSError):
            path.unlink()
    return sorted(found, key=lambda each: each.wall_s)
