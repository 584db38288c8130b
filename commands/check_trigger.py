"""`gonogo check` of the trigger: the chip, each line, who has it, and its level now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.commands.check_chip import found_by, say_lines
from gonogo.drivers.triggers.by_camera.section import CameraTriggerSection
from gonogo.drivers.triggers.catalogue import TRIGGERS
from gonogo.drivers.triggers.gpio.section import EyeSection

if TYPE_CHECKING:
    from gonogo.base.gpio.chip import Found
    from gonogo.commands.check_chip import Look
    from gonogo.commands.report import Report
    from gonogo.config.station import Station


def check_trigger(report: Report, station: Station, look: Look | None = None) -> list[Found]:
    """Say what is there, and bring it; nothing for a trigger without a device.

    `look` instead of the kernel.
    """
    line = station.station
    section = station.trigger.of_station(line.name, line.pitch_ms, line.pitch_mm)
    if isinstance(section, CameraTriggerSection):
        report.say(f"trigger: camera, {section.in_words()}")
    if not isinstance(section, EyeSection):
        return []
    report.say(f"trigger: {section.driver}, {section.in_words()}")
    found = found_by(report, (TRIGGERS, section.driver), section.order, look)
    say_lines(report, found, section.order)
    return found
