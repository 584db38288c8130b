"""What a station was when it last judged: a small file that survives a power cut.

Written whole or not at all (gonogo.base.atomic_file). It says how the last run that judged a part
ended, when the next one begins: a start that failed says nothing of parts, and leaves it.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.atomic_file import SYSTEM, Files, replace

if TYPE_CHECKING:
    from pathlib import Path


class LastState(NamedTuple):
    """Mode, identity and end of a run; `boot_id` is the kernel's of that run.

    `audit_row`, `audit_hash`: the newest row of the audit trail, kept here a second time. `judged`
    is False until a run of the station has judged a part.
    """

    mode: str
    last_part_id: int
    session: int
    reset_reason: str  # "running" until it is known better
    boot_id: str
    wall_time: str
    audit_row: int = 0
    audit_hash: str = ""
    judged: bool = True


def write(path: Path, state: LastState, files: Files = SYSTEM) -> None:
    """Replace the file; OSError leaves the old one whole."""
    body = json.dumps(state._asdict(), sort_keys=True)
    text = json.dumps({"crc32": zlib.crc32(body.encode()), "state": json.loads(body)})
    replace(path, text.encode(), files)


def read(path: Path) -> LastState | None:
    """The state of the last run; None without one. A damaged file is kept aside."""
    found = look(path)
    # a first start; anything else that is wrong is a file that somebody may want to see
    if found is None and path.exists():
        with contextlib.suppress(OSError):
            path.replace(path.with_name(path.name + ".damaged"))
    return found


def look(path: Path) -> LastState | None:
    """The same, and a damaged file stays where it is."""
    try:
        content = json.loads(path.read_bytes())
        said = content["state"]
        # over the same text as it was written: sorted, so that the order of keys is no damage; keys
        # that an earlier version had not are not in it
        if content["crc32"] == zlib.crc32(json.dumps(said, sort_keys=True).encode()):
            return LastState(**said)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    return None


class Keeper:
    """Writes a station's state when it changes; a disk that is full is counted, no more."""

    def __init__(self, path: Path, files: Files = SYSTEM) -> None:
        self._path = path
        self._files = files
        self._written: LastState | None = None
        self.failures = 0

    def keep(self, state: LastState) -> None:
        """Write it, unless only its time differs from what stands there."""
        # a disk is not written once a second for the time alone
        former = self._written
        if former is not None and state == former._replace(wall_time=state.wall_time):
            return
        try:
            write(self._path, state, self._files)
        except OSError:
            self.failures += 1
        else:
            self._written = state


def reset_reason(last: LastState | None, boot_id: str) -> str:
    """Why a station begins, as far as the file of its last run tells."""
    if last is None:
        return "first start, or no state was kept"
    if last.reset_reason == "stopped":
        return "stopped in order"
    if last.boot_id != boot_id:
        return "the box was reset or lost power"
    return "its processes were killed"
