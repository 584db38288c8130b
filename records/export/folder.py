"""The folder of an export: empty, begun, whole, or somebody else's."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from gonogo.base.errors import ExportChanged, ExportTaken
from gonogo.records.export.plan import Plan, call_of, of_text
from gonogo.records.export.tables import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gonogo.records.export.wanted import Wanted

MANIFEST = "MANIFEST.sha256"
PLAN = ".export.json"  # there as long as the export is not whole
_HALF = f"{PLAN}.new"  # of a call that was killed before it had written anything


def begun(out: Path, wanted: Wanted, records: str) -> Plan | None:
    """The plan of the same call that was broken off there; None of an empty folder.

    ExportTaken where something else lies there.
    """
    names = _names(out)
    if PLAN not in names:
        if names - {_HALF}:
            raise ExportTaken(f"{out}: {_what(out)}; expected an empty folder, or none")
        return None
    try:
        made = of_text((out / PLAN).read_bytes())
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ExportTaken(f"{out / PLAN}: no plan of an export; remove that folder") from error
    if made.call != call_of(wanted, records):
        raise ExportTaken(
            f"{out}: another export was begun there ({_asked(made.call)}); the same call goes on "
            "with it, this one needs a folder of its own"
        )
    return made


def whole(out: Path, wanted: Wanted, records: str) -> bool:
    """Whether the same call was finished there; ExportChanged where a file is not as written."""
    if PLAN in _names(out) or MANIFEST not in _names(out):
        return False
    try:
        about = json.loads((out / ABOUT).read_bytes())["asked"]
    except (OSError, ValueError, TypeError, KeyError):
        return False
    if about != call_of(wanted, records):
        return False
    changed = list(_changed(out))
    if changed:
        raise ExportChanged(
            f"{out}: {len(changed)} files are not as they were written, the first is {changed[0]}; "
            "remove the folder and export anew"
        )
    return True


def _changed(out: Path) -> Iterator[str]:
    for line in (out / MANIFEST).read_text("ascii", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        try:
            if hashlib.sha256((out / name).read_bytes()).hexdigest() != digest:
                yield name
        except OSError:
            yield name


def _names(out: Path) -> set[str]:
    if out.exists() and not out.is_dir():
        raise ExportTaken(f"{out}: it is a file; expected an empty folder, or none")
    return {each.name for each in out.iterdir()} if out.is_dir() else set()


def _what(out: Path) -> str:
    """What lies there, in words."""
    try:
        return (
            f"another export lies there ({_asked(json.loads((out / ABOUT).read_bytes())['asked'])})"
        )
    except (OSError, ValueError, TypeError, KeyError):
        return "other files lie there"


def _asked(call: dict[str, Any]) -> str:
    """What differs from a call without words."""
    words = [
        f"{name} {value}" for name, value in sorted(call.items()) if value not in (None, [], False)
    ]
    return ", ".join(words)
