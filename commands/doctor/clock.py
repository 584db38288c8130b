"""The clock: records, pictures, audit trail and certificates are worth what it is worth."""

from __future__ import annotations

import ctypes
import time
from typing import TYPE_CHECKING

from gonogo.base.errors import ClockWrong
from gonogo.commands.doctor.finding import Fine, Ill

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.commands.doctor.finding import Looked, Scene

AREA = "clock"
FIRST_YEAR, LAST_YEAR = 2025, 2100  # this program is not older, and nobody wants it then
TIME_ERROR = 5  # what adjtimex(2) returns of a clock that nobody keeps
_TIMEX_BYTES = 512  # a struct timex has 208 here; the rest is for those to come


def kept() -> bool | None:
    """Whether somebody keeps the kernel's clock right (adjtimex(2)); None where it does not say."""
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes 0: reads, and changes nothing
    state = int(ctypes.CDLL(None).adjtimex(asked))
    return None if state < 0 else state != TIME_ERROR


def look(
    scene: Scene,
    now_s: Callable[[], float] = time.time,
    is_kept: Callable[[], bool | None] = kept,
) -> Looked:
    """The year, whether it is kept by a time server, and what keeps it while the box is off."""
    now = time.gmtime(now_s())
    said = time.strftime("%Y-%m-%d %H:%M UTC", now)
    if FIRST_YEAR <= now.tm_year <= LAST_YEAR:
        yield Fine(AREA, said)
    else:
        means = "rows, files of the month and certificates have a date that is not true"
        what = f"it is {said} here, expected a year from {FIRST_YEAR} to {LAST_YEAR}"
        do = "sudo date -s 'YYYY-MM-DD HH:MM'"
        yield Ill(AREA, ClockWrong, what, means, (do, "sudo hwclock --systohc"))
    by_server = is_kept()
    if by_server:
        yield Fine(AREA, "kept by a time server")
    elif by_server is not None:
        what = "no time server keeps it (adjtimex says unsynchronised)"
        means = "it drifts by seconds a day, away from the PLC's and from other boxes'"
        yield Ill(AREA, ClockWrong, what, means, ("sudo timedatectl set-ntp true",))
    yield from _battery(scene)


def _battery(scene: Scene) -> Looked:
    """A clock chip that goes on while the box is off."""
    chips = scene.box.names("sys/class/rtc")
    if not chips:
        what = "no clock chip (/sys/class/rtc is empty)"
        means = "after a power cut without a network it goes on where it stopped"
        yield Ill(AREA, ClockWrong, what, means)
        return
    since = scene.box.text(f"sys/class/rtc/{chips[0]}/since_epoch") or ""
    if since.isdigit() and time.gmtime(int(since)).tm_year < FIRST_YEAR:
        what = f"the clock chip {chips[0]} is in {time.gmtime(int(since)).tm_year}"
        means = "its battery is empty, or it was never set: the next start begins there"
        yield Ill(AREA, ClockWrong, what, means, ("sudo hwclock --systohc",))
    else:
        yield Fine(AREA, f"clock chip {', '.join(chips)}")
