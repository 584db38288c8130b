"""No PLC at all: the ejector at an output line of a GPIO chip of this box.

The line knows nothing of parts. It stands for a PLC that always enables, and takes a result once
the output was read back as it was told (gonogo.plc.transports.absent_plc). Nobody else can have
the line while we do; when this process dies the kernel takes it back, and what the pin does then
is the chip's own matter (docs/gpio-ejector.md). Whoever opens it next opens it off.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError
from gonogo.base.words import FaultBit
from gonogo.plc.register_map import FAULT_AT, HEART_AT
from gonogo.plc.transports.gpio_lines import EjectorLines
from gonogo.plc.transports.module_coil import ModuleCoil
from gonogo.plc.transports.module_exchange import ModuleExchange, Parts
from gonogo.plc.transports.module_io import ModuleIo
from gonogo.plc.transports.sensing import Pace, Sensing, Turn

if TYPE_CHECKING:
    from gonogo.base.gpio.lines import Opens
    from gonogo.plc.transports.gpio_section import GpioIoSection
    from gonogo.plc.transports.transport import Inputs, ProcessImage

_EJECTOR = int(FaultBit.EJECTOR)


class GpioIo(ModuleIo):
    """The transport of a GpioIoSection; `opens` is the kernel's chip, or a fake."""

    def __init__(self, section: GpioIoSection, wake_fd: int, opens: Opens) -> None:
        self._lines = EjectorLines(section, opens)
        self._resting = False  # no pulses: a fault of the ejector stands
        self._beat = self._turned = 0  # DEV_HEART now, and as the pulses were turned over last
        self._coil = ModuleCoil(self._write)
        pace = Pace(section.poll_ms, section.readback_ms, alone=True)
        super().__init__(wake_fd, Sensing([Turn(self._lines.read)], pace), section.place)
        encoder = self._lines.count if section.has_encoder else None
        parts = Parts(self._coil, self._sensing, self._begin, encoder)
        self._exchange = ModuleExchange(parts)

    def open(self) -> None:
        """Ask for the lines, the output off; GpioError says which one cannot be had, and why."""
        self.close()
        self._lines.open()
        self._exchange.connected()

    def close(self) -> None:
        """Off, then let the lines go: many chips leave an output as it was."""
        if self._lines.are_open:
            # whatever it was told last: what failed half way may have switched it all the same
            with contextlib.suppress(LinkError):
                self._lines.switch(on=False, pulse=False)
        self._coil.told = None
        self._lines.close()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Switch the output where it changed or is due, read back; answer as a PLC would."""
        self._beat = image.words[HEART_AT]
        # an output that is stuck on is taken off by whoever misses the pulses; an ejector whose
        # supply they took off moves again only with them, while somebody has it tried
        tried = image.arm and self._lines.follow
        self._resting = bool(image.words[FAULT_AT] & _EJECTOR) and not tried
        return self._exchange.exchange(image)

    def _write(self, on: bool) -> None:  # noqa: FBT001 - what a coil is told
        # this thread goes on writing while the loop hangs: DEV_HEART is the loop's own
        pulse = self._beat != self._turned and not self._resting
        self._lines.switch(on=on, pulse=pulse)
        if pulse:
            self._turned = self._beat

    def _begin(self) -> None:
        """A new connection, or a person at the box: how it stands."""
        self._say(self.found())
