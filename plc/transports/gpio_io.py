"""No PLC at all: the ejector at an output line of a GPIO chip of this box.

The line knows nothing of parts. It stands for a PLC that always enables, and takes a result once
the output was read back as it was told (gonogo.plc.transports.absent_plc). Nobody else can have
the line while we do; when this process dies the kernel takes it back, and what the pin does then
is the chip's own matter (docs/gpio-ejector.md). Whoever opens it next opens it off.
"""

from __future__ import annotations

import contextlib
import logging
import select
from typing import TYPE_CHECKING

from gonogo.base.errors import LinkError
from gonogo.base.words import FaultBit
from gonogo.plc.register_map import FAULT_AT, HEART_AT
from gonogo.plc.transports.gpio_lines import EjectorLines
from gonogo.plc.transports.module import in_words
from gonogo.plc.transports.module_coil import ModuleCoil
from gonogo.plc.transports.module_exchange import ModuleExchange, Parts
from gonogo.plc.transports.sensing import Pace, Sensing, Turn
from gonogo.plc.transports.transport import ALONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.base.gpio.lines import Opens
    from gonogo.plc.transports.gpio_section import GpioIoSection
    from gonogo.plc.transports.transport import Inputs, ProcessImage

log = logging.getLogger("gonogo.plc")

_EJECTOR = int(FaultBit.EJECTOR)


class GpioIo:
    """The transport of a GpioIoSection; `opens` is the kernel's chip, or a fake."""

    def __init__(self, section: GpioIoSection, wake_fd: int, opens: Opens) -> None:
        self._wake_fd, self._where = wake_fd, section.place
        self._lines = EjectorLines(section, opens)
        self._resting = False  # no pulses: a fault of the ejector stands
        self._beat = self._turned = 0  # DEV_HEART now, and as the pulses were turned over last
        self._coil = ModuleCoil(self._write)
        pace = Pace(section.poll_ms, section.readback_ms, alone=True)
        self._sensing = Sensing([Turn(self._lines.read)], pace)
        encoder = self._lines.count if section.has_encoder else None
        parts = Parts(self._coil, self._sensing, self._begin, encoder)
        self._exchange = ModuleExchange(parts)
        self._said = ""

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

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    def read_back(self, mark: int = 0) -> Sequence[int]:
        """A line has no words, and nobody else has the line."""
        del mark
        return ALONE

    def exchange(self, image: ProcessImage) -> Inputs:
        """Switch the output where it changed or is due, read back; answer as a PLC would."""
        self._beat = image.words[HEART_AT]
        # an output that is stuck on is taken off by whoever misses the pulses; an ejector whose
        # supply they took off moves again only with them, while somebody has it tried
        tried = image.arm and self._lines.follow
        self._resting = bool(image.words[FAULT_AT] & _EJECTOR) and not tried
        return self._exchange.exchange(image)

    def found(self) -> Mapping[str, bool]:
        """All there is to read; nothing is switched. LinkError as an exchange."""
        return self._sensing.every()

    @property
    def reply_ns(self) -> int:
        """What a reading takes: the longest of late."""
        return self._sensing.reply_ns

    def _write(self, on: bool) -> None:  # noqa: FBT001 - what a coil is told
        # this thread goes on writing while the loop hangs: DEV_HEART is the loop's own
        pulse = self._beat != self._turned and not self._resting
        self._lines.switch(on=on, pulse=pulse)
        if pulse:
            self._turned = self._beat

    def _begin(self) -> None:
        """A new connection, or a person at the box: how it stands."""
        said = ", ".join(in_words(self.found()))
        # once a change: a chip that comes and goes would fill the log
        if said != self._said:
            self._said = said
            log.info("%s: %s", self._where, said)
