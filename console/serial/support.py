"""`support usb` and `support cable`: what `gonogo support` makes, on a stick or by YMODEM.

It is made by a process of its own, the same command, which stays behind all others: neither this
console nor a part waits for it. One that is given up leaves nothing behind.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from gonogo.base.errors import NotTakenAlong
from gonogo.base.runtime_dir import runtime_dir
from gonogo.base.shm import file_safe
from gonogo.config.started_by import started_by
from gonogo.console.serial.changes import Lasting, author
from gonogo.console.serial.making import Making
from gonogo.console.serial.reads import records_of
from gonogo.console.serial.sending import HOW, Sending
from gonogo.console.serial.sticks import Disks, chosen
from gonogo.console.serial.table import Answer
from gonogo.ipc.audit.files import beside_records as trail_of
from gonogo.ipc.audit.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gonogo.console.serial.table import At

# as `gonogo` does it; -I: neither folder nor environment change what is imported
COMMAND = (sys.executable, "-I", "-c", "from gonogo.commands.cli import main; main()", "support")
_WHAT = "support bundle"  # in the trail
_TAKES = "it takes up to three minutes; Ctrl-C gives up"


def support_usb(
    at: At, given: Sequence[str], disks: Disks | None = None, command: Sequence[str] = COMMAND
) -> Answer:
    """All of it onto the stick that is mounted, or the one that is named."""
    disks, records = disks or Disks(), records_of(at)
    trail = Trail(trail_of(records), author=lambda: author(at))
    file = started_by(at.station, trail)
    stick = chosen(disks.sticks(records), given[0] if given else "")
    out = stick.folder / _name(at.station)
    goal = _OnStick(
        Lasting(at, _WHAT, {"to": str(out)}), out, lambda: stick in disks.sticks(records)
    )
    making = Making((*command, str(file), "--out", str(out)), goal)
    return Answer([f"{out} is being made: {_TAKES}"], errand=making)


def support_cable(at: At, _: Sequence[str], command: Sequence[str] = COMMAND) -> Answer:
    """Its small form by YMODEM to whoever sits at the other end."""
    trail = Trail(trail_of(records_of(at)), author=lambda: author(at))
    file = started_by(at.station, trail)
    folder = Path(mkdtemp(dir=runtime_dir(), prefix="support-"))
    out = folder / _name(at.station)
    goal = _ByCable(Lasting(at, _WHAT, {"to": at.port, "file": out.name}), out)
    making = Making((*command, str(file), "--small", "--out", str(out)), goal)
    return Answer([f"the small form of {out.name} is being made: {_TAKES}"], errand=making)


class _OnStick:
    """A goal of Making."""

    def __init__(self, row: Lasting, out: Path, mounted: Callable[[], bool]) -> None:
        self._row, self._out, self._mounted = row, out, mounted

    def made(self, said: str) -> Answer:
        """NotTakenAlong where the stick is not there any more."""
        try:
            # the folder that it was mounted on may be there all the same, on the system's disk
            there = self._mounted()
            size = self._out.stat().st_size
        except OSError:
            there = False
        if not there:
            self.failed("the stick was pulled out")
            raise NotTakenAlong(f"{self._out.parent}: the stick was pulled out meanwhile")
        self._row.ended("")
        lines = [*said.split("\n"), "it is on the stick; unmount it, then pull it out"]
        return Answer(lines, {"file": str(self._out), "bytes": size})

    def failed(self, problem: str) -> None:
        """Half of it is no bundle."""
        _remove(self._out)
        self._row.ended(problem)


class _ByCable:
    """A goal of Making."""

    def __init__(self, row: Lasting, out: Path) -> None:
        self._row, self._out = row, out

    def made(self, said: str) -> Answer:  # noqa: ARG002 - what is missing stands in its manifest
        """What was made is sent from memory."""
        try:
            data = self._out.read_bytes()
        finally:
            shutil.rmtree(self._out.parent, ignore_errors=True)
        sending = Sending(self._out.name, data, time.monotonic(), self._row.ended)
        return Answer([f"{self._out.name}, {len(data)} bytes: {HOW}"], errand=sending)

    def failed(self, problem: str) -> None:
        """Nothing is left in memory."""
        shutil.rmtree(self._out.parent, ignore_errors=True)
        self._row.ended(problem)


def _remove(out: Path) -> None:
    for each in (out, out.with_name(f"{out.name}.new")):  # as gonogo.base.atomic_file calls it
        with suppress(OSError):
            each.unlink(missing_ok=True)


def _name(station: str) -> str:
    made = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return f"gonogo-{file_safe(station)}-{made}.zip"
