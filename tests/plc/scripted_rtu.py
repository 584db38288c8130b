"""A PLC in bare bytes on a serial line, whose answers a test may replace, and a client before it.

Import as `gonogo.tests.plc.scripted_rtu`.
"""

from __future__ import annotations

import os
import struct
import threading
from typing import TYPE_CHECKING

from gonogo.plc.transports.modbus_rtu_client import ModbusRtuClient, ModbusRtuClientSection
from gonogo.plc.transports.rtu_frame import Splitter, pack_frame
from gonogo.tests.serial_lines import BareLine

if TYPE_CHECKING:
    from pathlib import Path

UNIT = 5


class ScriptedPlc:
    """A PLC that answers in order; `script` replaces the answers to the next requests.

    `hears`: the line brings the station what it says itself.
    """

    def __init__(self, line: BareLine) -> None:
        self.line = line
        self.asked: list[bytes] = []
        self.p = list(range(500, 520))
        self.script: list[bytes | None] = []
        self.hears = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        splitter = Splitter(UNIT, serves=True)
        while not self._stop.is_set():
            for frame in splitter.feed(self.line.heard(0.01)):
                self.asked.append(frame.pdu)
                scripted = self.script.pop(0) if self.script else None
                echo = pack_frame(frame.unit, frame.pdu) if self.hears else b""
                self.line.say(echo + (self.answer(frame.pdu) if scripted is None else scripted))

    def answer(self, pdu: bytes) -> bytes:
        """What a PLC in order says."""
        if pdu[0] != 3:
            return pack_frame(UNIT, pdu[:5])
        count = int.from_bytes(pdu[3:5], "big")
        return pack_frame(UNIT, struct.pack(f">BB{count}H", 3, 2 * count, *self.p[:count]))

    def close(self) -> None:
        """Stop answering."""
        self._stop.set()
        self._thread.join()


class Bench:
    """A client role and the PLC it asks."""

    def __init__(self, folder: Path, **fields: object) -> None:
        self.line = BareLine(folder)
        self.plc = ScriptedPlc(self.line)
        self.wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        section = {
            "driver": "modbus-rtu-client",
            "device": str(self.line.device),
            "unit": UNIT,
            "parity": "none",
            "timeout_ms": 300,
            **fields,
        }
        self.client = ModbusRtuClient(ModbusRtuClientSection.model_validate(section), self.wake_fd)

    def close(self) -> None:
        """End everything."""
        self.plc.close()
        self.client.close()
        self.line.unplug()
        os.close(self.wake_fd)
