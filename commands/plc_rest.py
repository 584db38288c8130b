"""`gonogo plc rest`: an output of our own is left off, where nobody has it any more."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, cast

from gonogo.base.errors import ProbeRefused
from gonogo.plc.transports.catalogue import make_transport
from gonogo.plc.transports.gpio_section import GpioIoSection
from gonogo.plc.transports.module import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gonogo.config.station import Station
    from gonogo.plc.transports.module import Module

    Say = Callable[[str], None]
    Make = Callable[[GpioIoSection, int], Module]


def rest_output(station: Station, say: Say, make: Make | None = None) -> int:
    """0 when it reads off, 1 otherwise; GpioError where somebody has it, or it cannot be had.

    `make` instead of what the station file names, from the section and a wake descriptor.
    """
    section = station.plc.of_station(station.station.name)
    # of others a coil could be told off while their line still works
    if not isinstance(section, GpioIoSection):
        raise ProbeRefused(
            f"[plc]: driver '{section.driver}': nothing to rest; expected gpio-io, whose lines the "
            "kernel gives to one program alone"
        )
    section = section.output_alone
    wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
    try:
        module = cast("Module", (make or make_transport)(section, wake_fd))
        with contextlib.closing(module):
            module.open()
            found = module.found()
    finally:
        os.close(wake_fd)
    say(f"{section.place}: opened off; {', '.join(in_words(found))}")
    return int(found["output"])
