"""One Modbus TCP connection of ours to a device that serves: one request, one reply, one deadline.

Exactly one outstanding request, no retries: after any request that failed the connection is
aborted: a late reply can never be taken for the next one, and nothing that waits in the kernel
reaches the device after its time. The PDUs are the library's; they travel over a socket of ours,
with one deadline for the whole of a reply, which its own client does not keep.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
)

from gonogo.base.errors import LinkError, LinkSilent
from gonogo.base.ports import joined
from gonogo.plc.transports.hosts import Host
from gonogo.plc.transports.modbus_refusals import refusal
from gonogo.plc.transports.modbus_reply import ReplyGuard
from gonogo.plc.transports.tcp import abort_on_close, connect, harden, receive

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

_MBAP = struct.Struct(">HHHBB")  # transaction, protocol, length, unit, function code
_PDU_AT = 7
_REPLY_MAX = 260  # bytes of the longest frame: Modbus TCP has PDUs of 253
_ERROR_BIT = 0x80
_ANSWERS = {
    1: ReadCoilsResponse,
    2: ReadDiscreteInputsResponse,
    3: ReadHoldingRegistersResponse,
    4: ReadInputRegistersResponse,
}


class Device(NamedTuple):
    """Where a Modbus TCP server is, and how long each of its replies may take."""

    host: str
    port: int
    unit: int
    timeout_ms: int


class ModbusTcp:
    """`needs` is what the device must have for us, for its refusals; `host` is for tests."""

    def __init__(self, device: Device, needs: str, host: Host | None = None) -> None:
        self.peer = f"PLC {joined(device.host, device.port)} unit {device.unit}"
        self._device = device
        self._needs = needs
        self._host = host if host is not None else Host(device.host, device.port)
        self._guard = ReplyGuard(self.peer)
        self._sock: socket.socket | None = None
        self._transaction = 0  # counts on over connections: no reply of an old one fits a new one

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as we know."""
        return self._sock is not None

    def open(self) -> None:
        """Connect; LinkRefused when the PLC says no, LinkSilent when it says nothing."""
        self.close()
        timeout_s = self._device.timeout_ms / 1000
        sock = connect(self.peer, self._host, timeout_s, "Modbus TCP server")
        harden(sock, 3 * self._device.timeout_ms)
        # for the first receive, the usual one: no further call is needed then
        sock.settimeout(timeout_s)
        self._sock = sock

    def close(self) -> None:
        """Send FIN; idempotent."""
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

    def ask(self, request: ModbusPDU, what: str) -> ModbusPDU:
        """One request and its reply; whatever goes wrong closes the connection. `what` names it."""
        if self._sock is None:
            raise LinkError(f"{self.peer}: not connected; call open first")
        try:
            reply = self._exchange(self._sock, request)
        except TimeoutError as error:
            self._end(abort=True)
            raise LinkSilent(
                f"{self.peer}: no valid reply within {self._device.timeout_ms} ms to the {what}; "
                "if the PLC's scan is slow, raise timeout_ms (50..1000)"
            ) from error
        except LinkError:  # of the guard
            self._end(abort=True)
            raise
        except OSError as error:
            self._end(abort=True)
            raise LinkError(f"{self.peer}: the PLC closed the connection during {what}") from error
        # also a refusal ends the connection: the link closes after any LinkError anyway, and
        # what the PLC holds is not known after a write that it refused
        if reply[_PDU_AT] & _ERROR_BIT:
            self._end(abort=True)
            raise refusal(self.peer, reply[_PDU_AT + 1], what, self._needs)
        if reply[_PDU_AT] not in _ANSWERS:  # to a write: the guard has compared all of it
            return request
        answer = _ANSWERS[reply[_PDU_AT]]()
        answer.decode(reply[_PDU_AT + 1 :])
        return answer

    def _exchange(self, sock: socket.socket, request: ModbusPDU) -> bytes:
        """Send a request, wait for its whole reply; OSError or LinkError where it is none."""
        self._transaction = (self._transaction + 1) & 0xFFFF
        data = request.encode()
        unit, code = self._device.unit, request.function_code
        frame = _MBAP.pack(self._transaction, 0, len(data) + 2, unit, code) + data
        # before it is sent: the reply is compared with this very frame
        self._guard.expect(frame)
        end_s = time.monotonic() + self._device.timeout_ms / 1000
        sock.sendall(frame)
        reply = receive(sock, _REPLY_MAX)
        # a reply that drips byte by byte would restart the socket's own timeout each time
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
