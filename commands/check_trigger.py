"""`gonogo check` of the trigger: the chip, each line, who has it, and its level now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import GonogoError, GpioHeld
from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.drivers.triggers.gpio.section import EyeSection

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.base.gpio.chip import Found
    from gonogo.base.gpio.lines import Order
    from gonogo.commands.report import Report
    from gonogo.config.station import Station


def check_trigger(
    report: Report, station: Station, look: Callable[[Order], list[Found]] | None = None
) -> None:
    """Say what is there; nothing for a trigger without a device. `look` instead of the kernel."""
    line = station.station
    section = station.trigger.of_station(line.name, line.pitch_ms, line.pitch_mm)
    if not isinstance(section, EyeSection):
        return
    report.say(f"trigger: {section.driver}, {section.in_words()}")
    try:
        # before anything of it is imported: a missing package is said by its extra
        TRIGGERS.load(section.driver)
        found = (look or _look)(section.order)
    except GonogoError as error:
        report.wrong(str(error))
        return
    for each in found:
        _line(report, each, section.order)


def _look(order: Order) -> list[Found]:
    from gonogo.base.gpio.chip import look_at

    return look_at(order)


def _line(report: Report, found: Found, order: Order) -> None:
    if found.consumer in {"", order.consumer}:
        own = ": this station runs" if found.consumer else ""
        report.say(f"  {found.in_words()}{own}")
        return
    held = GpioHeld(f"{found.in_words()}; end that program, or take another line")
    report.wrong(str(held))
