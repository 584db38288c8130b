"""A Modbus RTU server role served by the test itself, and a bare line that asks it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gonogo.plc.transports.modbus_rtu_server import ModbusRtuServer, ModbusRtuServerSection
from gonogo.plc.transports.rtu_frame import crc16
from gonogo.plc.transports.transport import ProcessImage
from gonogo.proving.peers.cells import BITS_SHOWN, D_SHOWN
from gonogo.tests.serial_lines import PATIENCE_S, BareLine

if TYPE_CHECKING:
    from pathlib import Path

UNIT = 5
NOBODY_S = 0.15  # how long the absence of an answer is waited for


class Station:
    """A server role on a bare line, served by the test itself."""

    def __init__(self, folder: Path, **fields: object) -> None:
        self.line = BareLine(folder)
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        section = {
            "driver": "modbus-rtu-server",
            "device": str(self.line.device),
            "unit": UNIT,
            "parity": "none",
            **fields,
        }
        self.section = ModbusRtuServerSection.model_validate(section)
        self.server = ModbusRtuServer(self.section, self.wake_fd)
        self.image = ProcessImage(D_SHOWN, BITS_SHOWN)
        self.server.open()

    def serve(self, time_s: float = NOBODY_S) -> bytes:
        """What the station answers within that time, or the first of it."""
        self.server.exchange(self.image)
        end_s = time.monotonic() + time_s
        while time.monotonic() < end_s:
            self.server.wait(0.002)
            if heard := self.line.heard(0):
                return heard
        return b""

    def ask(self, pdu: bytes, unit: int = UNIT) -> bytes:
        """The PDU that a request is answered with; nothing where it is not."""
        self.line.request(unit, pdu)
        reply = self.serve(PATIENCE_S)
        assert crc16(reply) == 0
        assert reply[0] == unit
        return reply[1:-2]

    def plc(self) -> tuple[int, ...]:
        """What the PLC has written."""
        return tuple(self.server.exchange(self.image).words)

    def close(self) -> None:
        """End everything."""
        self.server.close()
        self.line.unplug()
        os.close(self.wake_fd)
