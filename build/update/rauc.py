"""RAUC writes a slot and says which one starts; asked as its command line asks its service.

The service itself does the writing, in the idle class by its own unit; what asks it is idle, too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from gonogo.base.errors import StickGone, UpdateNotWritten
from gonogo.build.flash.tools import Ran, run

_IDLE = ("--idle", "0", "ionice", "--class", "idle")


def install(path: str) -> None:
    """Write an image into the slot that does not run; UpdateNotWritten, StickGone.

    RAUC marks that slot bad before its first byte, and with activate-installed=false it stays so.
    """
    ran = _asked("install", path)
    if not ran.code:
        return
    try:
        with Path(path).open("rb") as file:
            file.seek(-1, 2)
            file.read(1)
    except OSError as error:
        raise StickGone(
            f"{path}: {error.strerror}, while it was written; the slot that was half written does "
            "not start; plug the stick in again"
        ) from error
    raise UpdateNotWritten(
        f"{path}: RAUC did not write it: {_why(ran)}; the slot that was half written does not "
        "start; copy the image again"
    )


def switch_to_other() -> None:
    """The slot that does not run starts next, on trial; UpdateNotWritten."""
    ran = _asked("status", "mark-active", "other")
    if ran.code:
        raise UpdateNotWritten(f"RAUC did not switch to the other slot: {_why(ran)}")


def give_up_other() -> None:
    """The slot that does not run is not to be started; UpdateNotWritten."""
    ran = _asked("status", "mark-bad", "other")
    if ran.code:
        raise UpdateNotWritten(f"RAUC did not mark the other slot: {_why(ran)}")


def reboot() -> None:
    """Asked for; it comes in its own time. UpdateNotWritten."""
    ran = run("systemctl", "--no-block", "reboot")
    if ran.code:
        raise UpdateNotWritten(f"the box does not restart: {_why(ran)}; switch it off and on")


def _asked(*words: str) -> Ran:
    try:
        return run("chrt", *_IDLE, "rauc", *words)
    except subprocess.TimeoutExpired:
        return Ran(124, b"", "it did not end within an hour")


def _why(ran: Ran) -> str:
    """RAUC's reason: of an install the line LastError, else its last words."""
    said = [*ran.out.decode(errors="replace").splitlines(), *ran.err.splitlines()]
    named = [line for line in said if line.startswith("LastError:")]
    return (named or [line for line in said if line.strip()] or ["it said nothing"])[-1].strip()
