"""What the catalogue opens: the kernel's chip behind the ejector at a GPIO line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.gpio.chip import open_lines
from gonogo.plc.transports.gpio_io import GpioIo

if TYPE_CHECKING:
    from gonogo.plc.transports.gpio_section import GpioIoSection


def open_gpio_io(section: GpioIoSection, wake_fd: int) -> GpioIo:
    """Not open yet; its chip is asked for by `open`."""
    return GpioIo(section, wake_fd, open_lines)
