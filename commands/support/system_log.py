"""What the system's journal has of a station, where there is one and this user may read it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from gonogo.commands.support.source import Absent

if TYPE_CHECKING:
    from gonogo.commands.support.source import Source

LINES = 5000
WAIT_S = 15.0
COMMAND = ("journalctl", "--no-pager", "--quiet", "--no-hostname", "--output=short-iso-precise")


def system_log(its: Source, command: tuple[str, ...] = COMMAND) -> str:
    """The newest lines of its service; Absent says why there are none."""
    unit = f"gonogo-{its.name}.service"
    asked = [*command, f"--lines={LINES}", f"--unit={unit}", "--unit=gonogo.service"]
    try:
        found = subprocess.run(
            asked, check=False, capture_output=True, timeout=WAIT_S, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise Absent(f"no {command[0]} on this box") from None
    except subprocess.TimeoutExpired:
        raise Absent(f"{command[0]} did not answer within {WAIT_S:g} s") from None
    text = found.stdout.decode(errors="replace")
    if not text.strip():
        said = found.stderr.decode(errors="replace").strip().replace("\n", "; ")
        raise Absent(f"{command[0]} has no line of {unit}{f': {said}' if said else ''}")
    return text
