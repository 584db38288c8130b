"""The station as Modbus TCP client: it writes D words into the PLC and reads P words from it.

One connection, exactly one outstanding request, no retries: after any request
that failed the connection is aborted: a late reply can never be taken for the next
one, and nothing that waits in the kernel reaches the PLC after its time. What is
asked: gonogo.plc.transports.modbus_master. The PDUs are the library's; they travel over a socket of
ours, with one deadline for the whole of a reply, which its own client does not keep.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field
from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
)

from gonogo.base.errors import LinkError, LinkRefused, LinkSilent
from gonogo.base.ports import joined
from gonogo.plc.register_map import DI_BITS
from gonogo.plc.transports.hosts import Host
from gonogo.plc.transports.modbus_master import Master, MasterSection
from gonogo.plc.transports.modbus_reply import ReplyGuard
from gonogo.plc.transports.senses import SensesSection
from gonogo.plc.transports.sensing import Sensing
from gonogo.plc.transports.tcp import abort_on_close, connect, harden, receive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymodbus.pdu import ModbusPDU

    from gonogo.plc.reject_tracker import EjectSection
    from gonogo.plc.transports.transport import Inputs, ProcessImage

_PORT_MAX = 65535
_MBAP = struct.Struct(">HHHBB")  # transaction, protocol, length, unit, function code
_PDU_AT = 7
_REPLY_MAX = 260
_ERROR_BIT = 0x80
_ANSWERS = {
    1: ReadCoilsResponse,
    2: ReadDiscreteInputsResponse,
    3: ReadHoldingRegistersResponse,
    4: ReadInputRegistersResponse,
}


class ModbusClientSection(MasterSection, SensesSection):
    """A PLC that serves Modbus TCP; addresses are 0-based PDU addresses (4x reference - 40001).

    `scan_ms` is the PLC's own scan, for the latency sum. What is read of an ejector is for
    stations that drive it through the PLC's coil ([eject]).
    """

    driver: Literal["modbus-client"]
    """The PLC serves Modbus TCP; the station writes into it and reads from it."""
    host: str
    """Address of the PLC, best in numbers; a name is asked for anew at each connect."""
    port: Annotated[int, Field(ge=1, le=_PORT_MAX)] = 502
    """TCP port of its Modbus server."""
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    """Unit id of the PLC; gateways tell units apart by it, most PLCs take 1 or 0."""
    timeout_ms: Annotated[int, Field(ge=50, le=1000)] = 80
    """How long a reply is waited for before the link counts as lost; the probe proposes it."""
    poll_ms: Annotated[int, Field(ge=1, le=100)] = 2
    """How often the PLC is asked when nothing else happens."""
    scan_ms: Annotated[float, Field(gt=0, le=1000)] = 10
    """The PLC's own scan, for the latency sum; the probe proposes it."""

    def problem(self, eject: EjectSection | None, trigger: str) -> str:
        """Also what is read of an ejector that is not there."""
        return super().problem(eject, trigger) or self.senseless(eject)

    @property
    def place(self) -> str:
        """Where the PLC is, for people."""
        return f"{joined(self.host, self.port)}, unit {self.unit}"


class ModbusClient:
    """The transport of a ModbusClientSection (see gonogo.plc.transports.transport)."""

    def __init__(self, section: ModbusClientSection, wake_fd: int) -> None:
        self._section = section
        self._peer = f"PLC {joined(section.host, section.port)} unit {section.unit}"
        self._host = Host(section.host, section.port)
        self._wake_fd = wake_fd
        self._sock: socket.socket | None = None
        self._transaction = 0
        self._guard = ReplyGuard(self._peer)
        self._master = Master(section, section.unit, self._peer, self._ask)
        self._sensing: Sensing | None = None
        if section.senses:
            self._sensing = Sensing(section, section.unit, self._ask, poll_ms=section.poll_ms)

    # -- connection --------------------------------------------------------------------

    def open(self) -> None:
        """Connect; LinkRefused when the PLC says no, LinkSilent when it says nothing."""
        self.close()
        section = self._section
        timeout_s = section.timeout_ms / 1000
        sock = connect(self._peer, self._host, timeout_s, "Modbus TCP server")
        harden(sock, 3 * section.timeout_ms)
        sock.settimeout(timeout_s)
        self._sock = sock
        self._master.start()
        if self._sensing is not None:
            self._sensing.connected()

    def close(self) -> None:
        """Send FIN; idempotent. What the PLC holds is not counted on at the next open."""
        self._end(abort=False)

    def _end(self, *, abort: bool) -> None:
        """Abort after a failure: closed normally, the kernel would go on sending a late verdict."""
        sock, self._sock = self._sock, None
        if sock is None:
            return
        with contextlib.suppress(OSError):
            if abort:
                abort_on_close(sock)
            else:
                sock.shutdown(socket.SHUT_WR)
        sock.close()

    def wait(self, timeout_s: float) -> None:
        """Sleep until the link has something to say, at most `timeout_s`."""
        select.select((self._wake_fd,), (), (), timeout_s)

    # -- exchange ----------------------------------------------------------------------

    def exchange(self, image: ProcessImage) -> Inputs:
        """Write what changed, records first, then read P (see gonogo.plc.transports.transport)."""
        inputs = self._master.exchange(image)
        if self._sensing is None or len(image.bits) <= DI_BITS:
            return inputs
        told = image.bits[DI_BITS]
        return inputs._replace(sensed=self._sensing.look(image.edge_ns, told=told))

    def read_back(self, mark: int = 0) -> Sequence[int] | None:
        """Read D0-D31 (see transport.py); a PLC that refuses is connected to again."""
        try:
            return self._master.read_back(mark)
        except LinkRefused:
            if self._master.readable:
                raise
            self.open()
            return None

    def _ask(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """One request and its reply; whatever goes wrong closes the connection."""
        if self._sock is None:
            raise LinkError(f"{self._peer}: not connected; call open first")
        try:
            reply = self._exchange(self._sock, request)
        except TimeoutError as error:
            self._end(abort=True)
            raise LinkSilent(
                f"{self._peer}: no valid reply within {self._section.timeout_ms} ms to the {what}; "
                "if the PLC's scan is slow, raise timeout_ms (50..1000)"
            ) from error
        except LinkError:  # of the guard
            self._end(abort=True)
            raise
        except OSError as error:
            self._end(abort=True)
            raise LinkError(f"{self._peer}: the PLC closed the connection during {what}") from error
        if reply[_PDU_AT] & _ERROR_BIT:
            self._end(abort=True)
            raise self._master.refusal(reply[_PDU_AT + 1], what)
        if reply[_PDU_AT] not in _ANSWERS:
            return request
        answer = _ANSWERS[reply[_PDU_AT]]()
        answer.decode(reply[_PDU_AT + 1 :])
        return answer

    def _exchange(self, sock: socket.socket, request: ModbusPDU) -> bytes:
        """Send a request, wait for its whole reply; OSError or LinkError where it is none."""
        self._transaction = (self._transaction + 1) & 0xFFFF
        data = request.encode()
        unit, code = self._section.unit, request.function_code
        frame = _MBAP.pack(self._transaction, 0, len(data) + 2, unit, code) + data
        self._guard.expect(frame)
        end_s = time.monotonic() + self._section.timeout_ms / 1000
        sock.sendall(frame)
        reply = receive(sock, _REPLY_MAX)
        while not self._guard.whole(reply):
            left_s = end_s - time.monotonic()
            if not reply or left_s <= 0:
                raise TimeoutError if reply else ConnectionResetError
            more = _received(sock, left_s)
            if not more:
                raise ConnectionResetError
            reply += more
        return reply


def _received(sock: socket.socket, within_s: float) -> bytes:
    """What comes within a time; the socket's own timeout is as it was afterwards."""
    usual_s = sock.gettimeout()
    sock.settimeout(within_s)
    try:
        return receive(sock, _REPLY_MAX)
    finally:
        sock.settimeout(usual_s)
