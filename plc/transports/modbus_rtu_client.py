"""The station as Modbus RTU client on a serial line: we are the only master, the PLC serves.

RTU has no transaction id, so that a late reply could pass for the answer to the next
request. Therefore a request that is not answered in time ends the connection, and
every connection begins with a question whose answer no earlier one fits: a read of a
number of words that changes each time. A PLC answers in order: once it has answered
that, nothing older can come. What is asked: gonogo.plc.transports.modbus_master.
"""

from __future__ import annotations

import itertools
import logging
import select
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import DecodePDU

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, P_WORDS, RECORD_WORDS
from gonogo.plc.transports.modbus_master import Master, MasterSection, needs_of
from gonogo.plc.transports.modbus_refusals import refusal
from gonogo.plc.transports.rtu_frame import Splitter, fits, pack_frame
from gonogo.plc.transports.serial_line import GAP_S, SerialLine, SerialSection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.transports.transport import Inputs, ProcessImage

_OWN_MS = 20.0  # what a PLC may take of its own to answer, and the adapter
_REPLY_BYTES = 8  # to a write
_READ_BYTES = 8 + 5 + 2 * P_WORDS
PARTS_PER_S_MAX = 5.0


class ModbusRtuClientSection(SerialSection, MasterSection):
    """A PLC that serves Modbus RTU as `unit`, on a line where we are the only master.

    Meant for up to 5 parts a second; beyond, let the PLC be master
    ("modbus-rtu-server"). `timeout_ms` bounds one request with its reply, on the wire
    and in the PLC. `scan_ms` is the PLC's own scan, for the latency sum.
    """

    driver: Literal["modbus-rtu-client"]
    """The PLC serves Modbus RTU on a serial line, and the station is its only master."""
    timeout_ms: Annotated[int, Field(ge=50, le=5000)] = 100
    """Bounds one request with its reply, on the wire and in the PLC."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 10
    """How often the PLC is asked when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum."""

    @model_validator(mode="after")
    def _bounded(self) -> ModbusRtuClientSection:
        # the longest request that there can be: all 96 words at once (atomic_writes)
        wire_ms = self._write_ms(D_WORDS) + self.silence_ms
        if self.timeout_ms < wire_ms + _OWN_MS:
            raise ValueError(
                f"timeout_ms: expected at least {wire_ms + _OWN_MS:.0f} ms at {self.baud} baud "
                f"(a write of {D_WORDS} words takes {wire_ms:.0f} ms on the wire), "
                f"got {self.timeout_ms}; raise it or the baud rate"
            )
        return self

    def _write_ms(self, words: int) -> float:
        # 9: unit, function, address, quantity, byte count, CRC
        return self.wire_ms(9 + 2 * words + _REPLY_BYTES) + 2 * self.silence_ms

    @property
    def parts_per_s_max(self) -> float:
        """A verdict costs three requests here, and nothing may be lost between them."""
        return PARTS_PER_S_MAX

    @property
    def poll_cycle_ms(self) -> float:
        """How long a write of the header and a read of all 20 P words take, at best."""
        read_ms = self.wire_ms(_READ_BYTES) + 2 * self.silence_ms
        return self._write_ms(HEADER_WORDS) + read_ms

    @property
    def delivery_ms(self) -> float:
        """A verdict that has just missed a turn: that turn, then its record and the header."""
        return self.poll_cycle_ms + self._write_ms(RECORD_WORDS) + self._write_ms(HEADER_WORDS)

    @property
    def pace(self) -> str:
        """The figures behind `delivery_ms`."""
        return (
            f"a turn of {HEADER_WORDS} + {P_WORDS} words takes {self.poll_cycle_ms:.1f} ms at "
            f"{self.baud} baud, and a verdict that just missed one waits {self.delivery_ms:.1f} ms"
        )


class ModbusRtuClient:
    """The transport of a ModbusRtuClientSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusRtuClientSection, wake_fd: int) -> None:
        self._section = section
        self._peer = f"PLC on {section.place}"
        self._wake_fd = wake_fd
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our errors say it all
        self._line: SerialLine | None = None
        self._decoder = DecodePDU(is_server=False)
        self._master = Master(section, section.unit, self._ask)
        self._needs = needs_of(section)
        self._probes = itertools.cycle(range(1, P_WORDS))  # never the 20 of an exchange
        self._probing = False
        self._quiet_s = 0.0  # the line may be used again
        self._gap_s = section.silence_ms / 1000 + GAP_S  # a frame that stops that long is over

    def open(self) -> None:
        """Open the port and ask the PLC; LinkSilent when it says nothing."""
        self.close()
        self._line = SerialLine(self._section)
        # somebody else may have spoken until now
        self._quiet_s = time.monotonic() + self._section.silence_ms / 1000
        # until its answer comes, other answers are old ones, and passed over
        self._probing = True
        try:
            self._master.read(next(self._probes))
        finally:
            self._probing = False
        # not before: what the PLC holds is unknown, and it has answered by now
        self._master.start()

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P (see gonogo.plc.transports.transport)."""
        return self._master.exchange(image)

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """Read D0-D31 (see transport.py); a PLC that refuses is connected to again."""
        try:
            return self._master.read_back(mark)
        except LinkRefused:
            if self._master.readable:
                raise
            self.open()
            return None

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    def close(self) -> None:
        """Close the port; what has not been sent is not sent later. Idempotent."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    # -- one request -------------------------------------------------------------------

    def _ask(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """One request and its reply; whatever goes wrong closes the port."""
        line = self._line
        if line is None:
            raise LinkError(f"{self._peer}: not connected; call open first")
        try:
            reply = self._transact(line, request, what)
        except LinkError:
            self.close()
            raise
        if reply.isError():
            self.close()
            raise refusal(self._peer, reply.exception_code, what, self._needs)
        return reply

    def _transact(self, line: SerialLine, request: ModbusPDU, what: str) -> ModbusPDU:
        end_s = time.monotonic() + self._section.timeout_ms / 1000
        time.sleep(max(self._quiet_s - time.monotonic(), 0))  # t3.5, 32 ms at 1200 baud
        # whatever came since the last reply answers nothing that will be asked now
        line.flush()
        pdu = request.function_code.to_bytes(1, "big") + request.encode()
        line.write(pack_frame(self._section.unit, pdu))
        reply = self._decode(self._listen(line, pdu, what, end_s), what)
        self._quiet_s = time.monotonic() + self._section.silence_ms / 1000
        return reply

    def _decode(self, pdu: bytes, what: str) -> ModbusPDU:
        try:
            reply = self._decoder.decode(pdu)
        except ModbusException as error:
            raise LinkError(f"{self._peer}: reply to the {what}: {error}") from error
        if reply is None:
            raise LinkError(f"{self._peer}: the reply to the {what} is not Modbus: {pdu.hex()}")
        return reply

    def _listen(self, line: SerialLine, request: bytes, what: str, end_s: float) -> bytes:
        """The PDU that answers `request`; LinkSilent at the end of its time."""
        # a new one for each request: the rest of an old frame must not swallow the reply
        splitter = Splitter(self._section.unit, serves=False)
        while (left_s := end_s - time.monotonic()) > 0:
            # silence ends a frame whose length no table knows (`splitter.end`)
            heard = select.select((line,), (), (), min(left_s, self._gap_s))[0]
            for frame in splitter.feed(line.read()) if heard else splitter.end():
                # RTU has no transaction id: function and length, or address and quantity, must do
                if frame.unit == self._section.unit and fits(request, frame.pdu):
                    return frame.pdu
                self._doubt(frame.pdu, what)
        junk = splitter.junk + splitter.rest
        raise LinkSilent(
            f"{self._peer}: no valid reply within {self._section.timeout_ms} ms to the {what}"
            + (f", but {junk} bytes that are no frame" if junk else "")
            + "; check power, both wires, baud, parity and unit, and that no other master is there"
        )

    def _doubt(self, pdu: bytes, what: str) -> None:
        """A good frame that answers another question: only a new beginning sorts that out."""
        if not self._probing:
            raise LinkError(
                f"{self._peer}: a reply of function {pdu[0]} came to the {what}; "
                "an answer that was late, or another master on the line"
            )
