"""`reboot`: the box starts anew, while no part passes."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Protocol

from gonogo.base.errors import BoxRefused, PartsPass, SegmentError
from gonogo.console.serial.changes import audited
from gonogo.console.serial.reads_link import facts_of
from gonogo.console.serial.selftest import newest_part
from gonogo.console.serial.table import Answer
from gonogo.console.show.link import STALE_S
from gonogo.ipc.journal import JournalView
from gonogo.ipc.link_table import LinkFlag
from gonogo.plc.register_map import CtrlBit, unpack_plc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.console.serial.table import At

QUIET_S = 60.0  # without a part nothing flows, whatever the PLC says
_COMMAND = ("systemctl", "reboot")
_WAIT_S = 10.0
_NS_PER_S = 1e9


class Power(Protocol):
    """Whoever can start the box anew."""

    def reboot(self) -> None:
        """Begin it; BoxRefused."""
        ...


class Systemd:
    """The system's own manager, which stops the station in order."""

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = tuple(command)

    def reboot(self) -> None:
        """As the user of this process: without the right it says so."""
        said = ""
        try:
            done = subprocess.run(
                self._command, check=False, capture_output=True, timeout=_WAIT_S,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            if done.returncode == 0:
                return
            said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        except OSError as error:
            said = str(error.strerror)
        except subprocess.TimeoutExpired:
            said = f"no answer within {_WAIT_S:.0f} s"
        raise BoxRefused(
            f"{' '.join(self._command)}: {said}; the station's user needs the right to it "
            "(polkit: org.freedesktop.login1.reboot), or do it as root"
        )


def reboot(at: At, _: Sequence[str], power: Power | None = None) -> Answer:
    """Once no part passes; told in the trail before it is begun."""
    demand_quiet(at.station)
    with audited(at, "reboot"):
        (power or Systemd()).reboot()
    return Answer(["the box starts anew; this console comes back with it"], {})


def demand_quiet(station: str) -> None:
    """PartsPass unless the PLC lets none pass, or none has come for a while."""
    if _plc_stopped(station):
        return
    journal = JournalView.attach(station)
    try:
        in_hand = journal.in_hand
    finally:
        journal.close()
    entry = newest_part(station)
    ago_s = QUIET_S if entry is None else (time.monotonic_ns() - entry.part.trigger_ns) / _NS_PER_S
    if in_hand or ago_s < QUIET_S:
        raise PartsPass(
            f"a part passed {ago_s:.0f} s ago, and the PLC has not stopped (CTRL enable): expected "
            f"enable off, or no part for {QUIET_S:.0f} s; nothing was begun"
        )


def _plc_stopped(station: str) -> bool:
    """It is there, says so now, and has taken its enable away."""
    try:
        facts = facts_of(station)
    except SegmentError:
        return False
    fresh = time.monotonic_ns() - facts.told_ns < STALE_S * _NS_PER_S
    alive = LinkFlag.ALIVE in facts.flags
    return fresh and alive and not unpack_plc(facts.inputs).ctrl & CtrlBit.ENABLE
