"""A Modbus device as far as its ejector is read: bits that are on, what was asked and written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pymodbus.pdu.bit_message import ReadCoilsResponse
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

from gonogo.plc.transports.modbus_io import ModbusIoSection
from gonogo.plc.transports.modbus_reads import turns_of
from gonogo.plc.transports.sensing import Pace, Sensing

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.senses import Sensed

KEYS = {"driver": "modbus-io", "host": "10.0.0.5", "readback_address": 5}
UNHURRIED_MS = 3_600_000.0  # a poll in which all is asked, on a busy machine, too


def section(**keys: object) -> ModbusIoSection:
    """A module whose output is read as coil 5."""
    return ModbusIoSection.model_validate(KEYS | keys)


class Wire:
    """Answers every read with the bits that are on, after a time."""

    def __init__(self, *on: tuple[int, int], reply_s: float = 0.0) -> None:
        self.on = set(on)  # function code and address
        self.reply_s = reply_s
        self.asked: list[tuple[int, int, int]] = []
        self.written: list[tuple[int, int]] = []

    def __call__(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """As a transport's `ask`."""
        del what
        time.sleep(self.reply_s)
        code, at = request.function_code, request.address
        if code in (5, 6):
            self.written.append((code, at))
            return request
        self.asked.append((code, at, request.count))
        values = [(code, at + k) in self.on for k in range(request.count)]
        if code in (3, 4):
            return ReadHoldingRegistersResponse(registers=[int(value) for value in values])
        return ReadCoilsResponse(bits=values)


def sensing(section: ModbusIoSection, wire: Wire, poll_ms: float | None = None) -> Sensing:
    """One on that wire."""
    turns = turns_of(section, 1, wire, section.watchdog)
    return Sensing(turns, Pace(poll_ms or section.poll_ms, section.readback_ms))


def values(sensed: Sensed) -> tuple[bool | None, ...]:
    """What was found."""
    return sensed.output, sensed.feedback, sensed.covered, sensed.tripped
