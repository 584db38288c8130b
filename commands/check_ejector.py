"""`gonogo check` of an ejector at a GPIO chip: nothing is asked for that would switch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GpioHeld
from gonogo.commands.check_chip import found_by, say_lines
from gonogo.plc.transports.catalogue import TRANSPORTS
from gonogo.plc.transports.gpio_section import COVERED, PULSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gonogo.base.gpio.chip import Found
    from gonogo.commands.check_chip import Look
    from gonogo.commands.report import Report
    from gonogo.plc.transports.gpio_section import GpioIoSection


_NAMES = {PULSE: "pulses", COVERED: "eye in the chute"}


def check_ejector(
    report: Report, section: GpioIoSection, taken: Sequence[Found], look: Look | None = None
) -> None:
    """Say how its lines stand; `taken` are those of the trigger. `look` instead of the kernel."""
    found = found_by(report, (TRANSPORTS, section.driver), section.order, look)
    names = [_NAMES.get(name, name) for name in section.wanted]
    say_lines(report, found, section.order, names)
    # by their offsets: the station file may call them by other names
    theirs = {(each.chip, each.offset) for each in taken}
    for name, each in zip(names, found, strict=False):
        if (each.chip, each.offset) in theirs:
            both = GpioHeld(
                f"{name}: {each.chip}, line {each.offset} is a line of [trigger] as well; expected "
                "a line of its own; see gpioinfo"
            )
            report.wrong(str(both))
